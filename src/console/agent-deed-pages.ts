import { z } from 'zod';
import { ROLES, type Account, type Role } from '../accounts/account.ts';
import { highestOf, type Action } from '../admin/permissions.ts';
import { DomainError } from '../core/errors.ts';
import type { AgentDeed } from '../security-settings/goal.ts';
import { readInput } from '../http/read-input.ts';
import { goTo } from '../http/go-to.ts';
import { aboutAgent, pathOf, personOf, unlessLastAdmin } from './about-agent.ts';
import type { Desk } from './desk.ts';
import type { ConsoleContext } from './door.ts';
import { show, type ConsolePage } from './page.ts';

/** What is done to somebody after one question. */
interface Deed {
  readonly deed: Extract<AgentDeed, 'sign-out' | 'disable' | 'enable'>;
  readonly action: Action;
  readonly saved: string;
  /** Whether there is anything to do: asked for again after it was done, it is done. */
  readonly fits: (agent: Account) => boolean;
  readonly run: (desk: Desk, agent: Account) => Promise<Account>;
}

const DEEDS: readonly Deed[] = [
  {
    deed: 'sign-out',
    action: 'sign-out-agent',
    saved: 'signed-out',
    fits: () => true,
    run: ({ people }, agent) => people.signOut(agent),
  },
  {
    deed: 'disable',
    action: 'disable-agent',
    saved: 'disabled',
    fits: ({ state }) => state !== 'disabled',
    run: ({ people }, agent) => people.change(agent, { state: 'disabled' }),
  },
  {
    deed: 'enable',
    action: 'disable-agent',
    saved: 'enabled',
    fits: ({ state }) => state === 'disabled',
    run: ({ people }, agent) => people.change(agent, { state: 'active' }),
  },
];

function ask(
  desk: Desk,
  ctx: ConsoleContext,
  agent: Account,
  deed: Deed['deed'],
  problem: 'last-admin' | null,
) {
  const data = { agent: personOf(agent), deed, problem };
  show(desk, ctx, { section: 'agents', view: 'agent/deed', data });
}

/** A question, and the form that does it. */
function pagesOf({ deed, action, saved, fits, run }: Deed): ConsolePage[] {
  const page = { path: `/agents/:agent/${deed}`, action };
  const goal = ({ accountId }: Account) => ({ kind: 'agent', deed, accountId }) as const;
  return [
    aboutAgent({
      ...page,
      method: 'get',
      goal: (agent) => (fits(agent) ? goal(agent) : pathOf(agent)),
      run: (desk, ctx, agent) => ask(desk, ctx, agent, deed, null),
    }),
    aboutAgent({
      ...page,
      method: 'post',
      goal,
      async run(desk, ctx, agent) {
        if (await unlessLastAdmin(run(desk, agent))) return goTo(ctx, `${pathOf(agent)}?saved=${saved}`);
        ctx.status = 422;
        ask(desk, ctx, agent, deed, 'last-admin');
      },
    }),
  ];
}

const roleForm = z.object({
  role: z.enum(ROLES),
  /** Of the account that the form was shown for. */
  version: z
    .string()
    .regex(/^\d{1,12}$/)
    .transform(Number),
});

/** Who also answers calls, as their first role says, goes on to. */
const rolesFor = (role: Role, { roles }: Account): Role[] =>
  role !== 'agent' && roles.includes('agent') ? ['agent', role] : [role];

function askRole(desk: Desk, ctx: ConsoleContext, agent: Account, problem: 'last-admin' | null): void {
  const data = {
    agent: personOf(agent),
    role: highestOf(agent.roles),
    roles: ROLES.filter((role) => desk.people.mayGive(role)),
    version: agent.credVersion,
    problem,
  };
  show(desk, ctx, { section: 'agents', view: 'agent/roles', data });
}

async function saveRole(desk: Desk, ctx: ConsoleContext, agent: Account): Promise<void> {
  const { role, version } = readInput(roleForm, ctx.state.form);
  if (!desk.people.mayGive(role)) throw new DomainError('forbidden', { detail: 'higher_role' });
  if (version !== agent.credVersion) throw new DomainError('changed_meanwhile');
  if (await unlessLastAdmin(desk.people.change(agent, { roles: rolesFor(role, agent) })))
    return goTo(ctx, `${pathOf(agent)}?saved=role`);
  ctx.status = 422;
  askRole(desk, ctx, agent, 'last-admin');
}

const roles = {
  path: '/agents/:agent/roles',
  action: 'set-roles',
  goal: ({ accountId }: Account) => ({ kind: 'agent', deed: 'roles', accountId }) as const,
} as const;

/** Signing out, disabling and enabling somebody, and their role: each with a question first. */
export const agentDeedPages: readonly ConsolePage[] = [
  ...DEEDS.flatMap(pagesOf),
  aboutAgent({ ...roles, method: 'get', run: (desk, ctx, agent) => askRole(desk, ctx, agent, null) }),
  aboutAgent({ ...roles, method: 'post', input: roleForm, run: saveRole }),
];
