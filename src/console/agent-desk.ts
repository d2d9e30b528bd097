import type { Account, Role } from '../accounts/account.ts';
import type { AgentChanges, createAgents } from '../admin/agents.ts';
import type { createAgentSessions } from '../admin/agent-sessions.ts';
import { mayGiveRoles, refusalOf, type Action, type Refused } from '../admin/permissions.ts';
import type { Occasion } from '../admin/occasion.ts';
import type { Reset } from '../admin/reset.ts';
import type { createResets } from '../admin/resets.ts';
import type { AuditSearch } from '../audit/audit-search.ts';
import { refOf, type AccountRef } from '../core/account-ref.ts';
import { DomainError } from '../core/errors.ts';
import { activityOf, type Happening } from '../security-settings/activity.ts';
import type { Place } from '../security-settings/live-places.ts';
import { ownMethods, type Inventory, type OwnMethod } from '../security-settings/my-methods.ts';
import type { Visit } from '../security-settings/visit.ts';
import type { ConsoleDoor } from './door.ts';

export interface AgentDeskPorts {
  readonly accounts: { find(who: AccountRef): Promise<Account | null> };
  readonly agents: ReturnType<typeof createAgents>;
  readonly agentSessions: ReturnType<typeof createAgentSessions>;
  readonly resets: ReturnType<typeof createResets>;
  readonly inventory: Inventory;
  readonly search: AuditSearch;
}

/** What the console does with one person of the tenant of whoever asks. */
export interface AgentDesk {
  /** @throws DomainError not_found for nobody of this tenant */
  find(accountId: string): Promise<Account>;
  /** @returns why who asks may not do this to them; null = they may */
  refusal(action: Action, agent: Account): Refused | null;
  /** The same as a rule: a refusal is told to the log. @throws DomainError forbidden */
  demand(action: Action, agent: Account): Promise<void>;
  mayGive(role: Role): boolean;
  methods(agent: Account): Promise<OwnMethod[]>;
  sessions(agent: Account): Promise<Place[]>;
  /** The latest of what happened to them. */
  activity(agent: Account): Promise<Happening[]>;
  /** @throws DomainError changed_meanwhile */
  signOut(agent: Account): Promise<Account>;
  /** @throws DomainError not_found for a session that is over */
  endSession(agent: Account, sessionUid: string): Promise<void>;
  /** @throws DomainError changed_meanwhile; refused (`last_admin`) */
  change(agent: Account, wish: AgentChanges): Promise<Account>;
  openReset(agent: Account): Promise<Reset | null>;
  /** @throws DomainError not_found for one of anybody else */
  reset(agent: Account, resetId: string): Promise<Reset>;
  /** @throws DomainError refused (`reset_waiting`) */
  askReset(agent: Account, wish: { readonly reason: string; readonly once: string }): Promise<Reset>;
  /** @throws DomainError forbidden (`yourself`), changed_meanwhile, refused */
  approveReset(agent: Account, resetId: string): Promise<Reset>;
  /** @throws DomainError changed_meanwhile */
  cancelReset(agent: Account, resetId: string): Promise<Reset>;
}

export function agentDeskOf(
  ports: AgentDeskPorts,
  door: Pick<ConsoleDoor, 'check'>,
  visit: Visit,
): AgentDesk {
  const { account, by } = visit;
  const { agents, agentSessions, resets, inventory, search } = ports;
  const { tenantId } = account;
  const occasion: Occasion = { editor: { kind: 'person', who: refOf(account) }, ...by };
  return {
    async find(accountId) {
      const agent = await ports.accounts.find({ tenantId, accountId });
      if (!agent) throw new DomainError('not_found');
      return agent;
    },
    refusal: (action, agent) => refusalOf(account, action, agent),
    demand: (action, agent) => door.check(visit, action, agent),
    mayGive: (role) => mayGiveRoles(account, [role]),
    methods: (agent) => ownMethods(agent, inventory),
    sessions: (agent) => agentSessions.list(agent),
    activity: async (agent) => (await activityOf(search, { account: agent }, null)).happenings,
    signOut: (agent) => agents.signOut(agent, occasion),
    endSession: (agent, uid) => agentSessions.end(agent, uid, occasion),
    change: (agent, wish) => agents.change(agent, wish, occasion),
    openReset: (agent) => resets.open(agent),
    reset: (agent, resetId) => resets.find(agent, resetId),
    askReset: (agent, wish) => resets.ask(agent, wish, occasion),
    approveReset: (agent, resetId) => resets.approve(agent, resetId, occasion),
    cancelReset: (agent, resetId) => resets.cancel(agent, resetId, occasion),
  };
}
