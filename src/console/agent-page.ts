import type { Account } from '../accounts/account.ts';
import { highestOf, refusalOf, type Action } from '../admin/permissions.ts';
import type { Place } from '../security-settings/live-places.ts';
import { goTo } from '../http/go-to.ts';
import { momentsOf } from '../security-settings/place-routes.ts';
import { isAllowed } from '../tenants/allowed.ts';
import { aboutAgent, pathOf, personOf } from './about-agent.ts';
import type { Desk } from './desk.ts';
import type { ConsoleContext } from './door.ts';
import { show, type ConsolePage } from './page.ts';

/** What happened lately, on the page itself; the audit log has all of it. */
const SHOWN = 8;

/** What a page before this one has done; the address says which. */
const SAVED = ['signed-out', 'session', 'disabled', 'enabled', 'role'] as const;

/** What can be done from here, by its place below the page. */
const DEEDS: readonly { readonly id: string; readonly action: Action }[] = [
  { id: 'invitation', action: 'change-invitation' },
  { id: 'sign-out', action: 'sign-out-agent' },
  { id: 'reset', action: 'reset-two-factor' },
  { id: 'rescue-code', action: 'give-rescue-code' },
  { id: 'roles', action: 'set-roles' },
  { id: 'disable', action: 'disable-agent' },
  { id: 'enable', action: 'disable-agent' },
];

/** @returns ids of what who looks may do to the agent as they are */
function deedsOf(desk: Desk, agent: Account): string[] {
  const fits: Readonly<Record<string, boolean>> = {
    invitation: agent.state === 'invited',
    'sign-out': agent.state === 'active',
    reset: agent.methodCount > 0 || agent.recovery !== null,
    'rescue-code': [null, 'month-limit'].includes(desk.rescueOutlook(agent).refusal),
    disable: agent.state !== 'disabled',
    enable: agent.state === 'disabled',
  };
  return DEEDS.filter(
    ({ id, action }) => (fits[id] ?? true) && desk.people.refusal(action, agent) === null,
  ).map(({ id }) => id);
}

/** Why who looks cannot do to them what they can do to others; null = they can. */
function limitOf(desk: Desk, agent: Account): 'yourself' | 'higher-role' | 'other-team' | null {
  if (agent.accountId === desk.visit.account.accountId) return 'yourself';
  const refused = desk.people.refusal('sign-out-agent', agent);
  if (refused === null) return null;
  return refused === 'other-team' ? refused : 'higher-role';
}

/** Kind and days: what people call their methods is for themselves alone (rule least-data). */
async function methodsOf(desk: Desk, agent: Account, moment: (at: Date) => string) {
  const { policy } = desk.visit.tenant;
  const listed = new Map(agent.methods.map((method) => [method.id, method]));
  return (await desk.people.methods(agent)).map(({ id, kind, addedAt, lastUsedAt }) => {
    const method = listed.get(id);
    return {
      ...{ id, kind, name: null },
      added: moment(addedAt),
      used: lastUsedAt && moment(lastUsedAt),
      allowed: method !== undefined && isAllowed(policy, method),
    };
  });
}

const placeOf = (
  { uid, device, methods, apps, signedInAt, lastUsedAt }: Place,
  moment: (at: Date) => string,
) => ({
  ...{ uid, device, methods, apps },
  signedIn: moment(signedInAt),
  used: moment(lastUsedAt),
});

/** One person: how they sign in, where they are signed in, what happened, and what can be done. */
async function showAgent(desk: Desk, ctx: ConsoleContext, agent: Account): Promise<void> {
  const { visit, people } = desk;
  const moment = momentsOf(visit);
  const mayReset = people.refusal('reset-two-factor', agent) === null;
  const [methods, places, happenings, reset] = await Promise.all([
    methodsOf(desk, agent, moment),
    people.sessions(agent),
    people.activity(agent),
    mayReset ? people.openReset(agent) : null,
  ]);
  const deeds = deedsOf(desk, agent);
  show(desk, ctx, {
    section: 'agents',
    view: 'agent/page',
    data: {
      agent: personOf(agent),
      role: highestOf(agent.roles),
      saved: SAVED.find((one) => one === ctx.query.saved) ?? null,
      limit: limitOf(desk, agent),
      required: visit.tenant.policy.secondFactor === 'required' || agent.owesMethod === true,
      methods,
      codesLeft: agent.recovery?.digests.length ?? 0,
      places: places.map((place) => placeOf(place, moment)),
      happenings: happenings
        .slice(0, SHOWN)
        .map(({ event, method, at }) => ({ event, method, when: moment(at) })),
      auditHref:
        refusalOf(visit.account, 'see-audit', null) === null
          ? `/admin/audit-log?person=${encodeURIComponent(agent.accountId)}`
          : null,
      resetHref: reset && `${pathOf(agent)}/resets/${reset.resetId}`,
      deeds: reset ? deeds.filter((id) => id !== 'reset') : deeds,
    },
  });
}

async function endSession(desk: Desk, ctx: ConsoleContext, agent: Account): Promise<void> {
  await desk.people.endSession(agent, ctx.params.session ?? '');
  goTo(ctx, `${pathOf(agent)}?saved=session`);
}

export const agentPage: readonly ConsolePage[] = [
  aboutAgent({ method: 'get', path: '/agents/:agent', action: 'see-agent', run: showAgent }),
  aboutAgent({
    method: 'post',
    path: '/agents/:agent/sessions/:session/end',
    action: 'sign-out-agent',
    goal: ({ accountId }) => ({ kind: 'agent', deed: 'page', accountId }),
    run: endSession,
  }),
];
