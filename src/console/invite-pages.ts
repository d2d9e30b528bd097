import { z } from 'zod';
import { emailAddress, personName, teamName } from '../accounts/account-schema.ts';
import { ROLES, type Account, type Role } from '../accounts/account.ts';
import { mayGiveRoles, refusalOf } from '../admin/permissions.ts';
import { DomainError } from '../core/errors.ts';
import { longDate } from '../http/long-date.ts';
import { goTo } from '../security-settings/door-routes.ts';
import type { Desk } from './desk.ts';
import type { ConsoleContext } from './door.ts';
import type { Typed } from './typed-forms.ts';
import { isProved, show, type ConsolePage } from './page.ts';

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
  if (!(await isProved(desk, ctx, GOAL, FIELDS))) return;
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

/** @returns the person of the address; null = they are not invited (any more), and the request is answered */
async function invitedOf(desk: Desk, ctx: ConsoleContext): Promise<Account | null> {
  const agent = await desk.agentFor('change-invitation', ctx.params.agent ?? '');
  if (agent.state === 'invited') return agent;
  goTo(ctx, `${LIST}?${new URLSearchParams({ q: agent.email }).toString()}`);
  return null;
}

const goalOf = ({ accountId }: Account) => ({ kind: 'invitation', accountId }) as const;

async function sendAgain(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const agent = await invitedOf(desk, ctx);
  if (!agent || !(await isProved(desk, ctx, goalOf(agent)))) return;
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

async function withdraw(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const agent = await invitedOf(desk, ctx);
  if (!agent || !(await isProved(desk, ctx, goalOf(agent)))) return;
  await desk.withdrawInvitation(agent);
  goTo(ctx, `${LIST}?state=invited`);
}

/** Whether somebody may invite people. */
export const mayInvite = ({ visit: { account } }: Desk): boolean =>
  refusalOf(account, 'invite-agent', null) === null;

export const invitePages: readonly ConsolePage[] = [
  {
    method: 'get',
    path: '/agents/invite',
    action: 'invite-agent',
    async run(desk, ctx) {
      if (await isProved(desk, ctx, GOAL)) showForm(desk, ctx, {}, await desk.typed(GOAL));
    },
  },
  { method: 'post', path: '/agents/invite', action: 'invite-agent', run: invite },
  {
    method: 'get',
    path: '/agents/:agent/invitation',
    action: 'change-invitation',
    async run(desk, ctx) {
      const agent = await invitedOf(desk, ctx);
      const saved = SAVED.find((one) => one === ctx.query.saved) ?? null;
      if (agent) showInvitation(desk, ctx, agent, { saved });
    },
  },
  {
    method: 'post',
    path: '/agents/:agent/invitation/send-again',
    action: 'change-invitation',
    run: sendAgain,
  },
  { method: 'post', path: '/agents/:agent/invitation/withdraw', action: 'change-invitation', run: withdraw },
];
