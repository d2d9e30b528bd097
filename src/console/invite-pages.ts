import { z } from 'zod';
import { emailAddress, personName, teamName } from '../accounts/account-schema.ts';
import { ROLES, type Account, type Role } from '../accounts/account.ts';
import { mayGiveRoles, refusalOf } from '../admin/permissions.ts';
import { DomainError } from '../core/errors.ts';
import { longDate } from '../http/long-date.ts';
import { goTo } from '../http/go-to.ts';
import { aboutAgent } from './about-agent.ts';
import type { Desk } from './desk.ts';
import type { ConsoleContext } from './door.ts';
import type { Typed } from './typed-forms.ts';
import { show, type ConsolePage } from './page.ts';

const GOAL = { kind: 'invite' } as const;
const LIST = '/admin/agents';

/** What the form says; what cannot be taken is told beside its field. */
const inviteForm = z.object({
  email: emailAddress,
  name: personName,
  role: z.enum(ROLES),
  team: z.union([z.literal('').transform(() => null), teamName]),
});
const FIELDS = ['email', 'name', 'role', 'team'] as const;
type Field = (typeof FIELDS)[number];
type Problems = Readonly<Partial<Record<Field, string>>>;

/** Roles that somebody may give, the least first. */
export const givable = ({ visit: { account } }: Desk): Role[] =>
  ROLES.filter((role) => mayGiveRoles(account, [role]));

const typedIn = ({ state: { form } }: ConsoleContext) =>
  Object.fromEntries(FIELDS.map((field) => [field, (form[field] ?? '').slice(0, 320)]));

function showForm(desk: Desk, ctx: ConsoleContext, problems: Problems, typed: Typed | null = null): void {
  const isEmpty = ctx.method === 'GET';
  if (!isEmpty) ctx.status = 422;
  show(desk, ctx, {
    section: 'agents',
    view: 'invite',
    data: {
      typed: isEmpty ? { email: '', name: '', role: 'agent', team: '', ...typed } : typedIn(ctx),
      roles: givable(desk),
      problems,
    },
  });
}

/** One person, by email. */
async function invite(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const wish = inviteForm.safeParse({ ...typedIn(ctx), team: (ctx.state.form.team ?? '').trim() });
  if (!wish.success) {
    const wrong = wish.error.issues.map(({ path: [field] }) => [field, field] as const);
    return showForm(desk, ctx, Object.fromEntries(wrong) as Problems);
  }
  const { role, ...rest } = wish.data;
  if (!mayGiveRoles(desk.visit.account, [role])) return showForm(desk, ctx, { role: 'roleAbove' });
  try {
    const { accountId } = await desk.invite({ ...rest, roles: [role] });
    goTo(ctx, `${LIST}/${accountId}/invitation?saved=sent`);
  } catch (error) {
    if (!(error instanceof DomainError) || error.detail !== 'email_taken') throw error;
    showForm(desk, ctx, { email: 'taken' });
  }
}

const SAVED = ['sent', 'again'] as const;

function showInvitation(
  desk: Desk,
  ctx: ConsoleContext,
  agent: Account,
  more: { readonly saved?: string | null; readonly minutes?: number | null } = {},
): void {
  const { accountId, name, email, roles, invitation } = agent;
  const zone = desk.visit.account.claims.zoneinfo;
  show(desk, ctx, {
    section: 'agents',
    view: 'invitation',
    data: {
      agent: { accountId, name, email, roles, team: agent.team ?? null },
      standing: desk.invitationOf(agent),
      until: invitation ? longDate(invitation.expiresAt, zone) : null,
      saved: more.saved ?? null,
      minutes: more.minutes ?? null,
    },
  });
}

/** Whoever is not invited (any more) is found in the list. */
const goalOf = (agent: Account) =>
  agent.state === 'invited' ? ({ kind: 'invitation', accountId: agent.accountId } as const) : listOf(agent);

const listOf = ({ email }: Account) =>
  `/admin/agents?${new URLSearchParams({ q: email }).toString()}` as const;

async function sendAgain(desk: Desk, ctx: ConsoleContext, agent: Account): Promise<void> {
  try {
    await desk.sendInvitationAgain(agent);
    goTo(ctx, `${LIST}/${agent.accountId}/invitation?saved=again`);
  } catch (error) {
    const wait = error instanceof DomainError ? error.retryAfterSeconds : undefined;
    if (wait === undefined) throw error;
    ctx.status = 429;
    ctx.set('Retry-After', String(wait));
    showInvitation(desk, ctx, agent, { minutes: Math.ceil(wait / 60) });
  }
}

async function withdraw(desk: Desk, ctx: ConsoleContext, agent: Account): Promise<void> {
  await desk.withdrawInvitation(agent);
  goTo(ctx, `${LIST}?state=invited`);
}

/** Whether somebody may invite people. */
export const mayInvite = ({ visit: { account } }: Desk): boolean =>
  refusalOf(account, 'invite-agent', null) === null;

const INVITE = { path: '/agents/invite', action: 'invite-agent', goal: () => GOAL } as const;
const INVITATION = '/agents/:agent/invitation';

export const invitePages: readonly ConsolePage[] = [
  {
    ...INVITE,
    method: 'get',
    run: async (desk, ctx) => showForm(desk, ctx, {}, await desk.typed(GOAL)),
  },
  { ...INVITE, method: 'post', keeps: FIELDS, run: invite },
  aboutAgent({
    method: 'get',
    path: INVITATION,
    action: 'change-invitation',
    goal: (agent) => (agent.state === 'invited' ? null : listOf(agent)),
    run(desk, ctx, agent) {
      const saved = SAVED.find((one) => one === ctx.query.saved) ?? null;
      showInvitation(desk, ctx, agent, { saved });
    },
  }),
  aboutAgent({
    method: 'post',
    path: `${INVITATION}/send-again`,
    action: 'change-invitation',
    goal: goalOf,
    run: sendAgain,
  }),
  aboutAgent({
    method: 'post',
    path: `${INVITATION}/withdraw`,
    action: 'change-invitation',
    goal: goalOf,
    run: withdraw,
  }),
];
