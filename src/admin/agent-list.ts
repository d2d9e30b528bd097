import type { AccountState, Role } from '../accounts/account.ts';
import type { Kinds } from '../accounts/kinds.ts';
import { heldOf } from '../accounts/kinds.ts';
import type { Found, Roster, RosterFilter, Standing } from '../accounts/roster.ts';
import { allowedOf, type MethodRules } from '../tenants/allowed.ts';
import type { Policy } from '../tenants/tenant.ts';
import { holdingOf, kindsOfHolding, type Holding } from './coverage.ts';

/**
 * Why somebody in use should be looked after: they have one method and nothing to fall back on, few recovery codes or
 * none, or wait for a reset of their two factors.
 */
export const CARES = ['one-method', 'codes-low', 'reset'] as const;
export type Care = (typeof CARES)[number];

/** So many recovery codes that are left, or fewer, are few: as the mail about them has it. */
const LOW_CODES = [0, 1, 2, 3] as const;

/** Whom a list of agents is about; what is absent does not matter. */
export interface AgentFilter {
  readonly state?: AccountState;
  readonly holding?: Holding;
  /** The email begins like this. */
  readonly email?: string;
  readonly role?: Role;
  readonly team?: string;
  readonly care?: Care;
  /** By a session that counts at this moment. */
  readonly signedIn?: true;
}

export interface AgentListPorts {
  readonly roster: Pick<Roster, 'among' | 'settled' | 'count'>;
  /** Sessions that have not expired: whose they are, and who of some people has one that counts. */
  readonly presence: {
    seen(tenantId: string): Promise<{
      readonly accountIds: readonly string[];
      counting(policy: Policy, people: readonly Standing[]): ReadonlySet<string>;
    }>;
  };
  /** Who waits for a reset: few. */
  readonly waitingForReset: (tenantId: string) => Promise<readonly string[]>;
}

/** @returns whether somebody who holds this has one method that counts, and no other */
export const hasOneMethod =
  (rules: MethodRules) =>
  (kinds: Kinds): boolean =>
    allowedOf(rules, heldOf(kinds)).length === 1;

const isProtected =
  (rules: MethodRules) =>
  (kinds: Kinds): boolean =>
    holdingOf(rules, kinds) !== 'none';

/** What of a filter stands on the account itself. A care is about people in use. */
function rosterFilterOf({ state, holding, email, role, team, care }: AgentFilter, rules: MethodRules) {
  const questions = [
    ...(holding === undefined ? [] : [kindsOfHolding(rules, holding)]),
    ...(care === 'one-method' ? [hasOneMethod(rules)] : []),
    ...(care === 'codes-low' ? [isProtected(rules)] : []),
  ];
  const filter: RosterFilter = {
    ...(state === undefined ? {} : { state }),
    ...(email === undefined ? {} : { email }),
    ...(role === undefined ? {} : { role }),
    ...(team === undefined ? {} : { team }),
    ...(care === 'codes-low' ? { codesLeft: LOW_CODES } : {}),
    ...(questions.length === 0
      ? {}
      : { kinds: (kinds: Kinds) => questions.every((question) => question(kinds)) }),
  };
  const inUse = care === 'one-method' || care === 'codes-low';
  return inUse && state === undefined ? { ...filter, state: 'active' as const } : filter;
}

const byEmail = (one: Found, other: Found) => (one.email < other.email ? -1 : 1);

export type AgentList = ReturnType<typeof createAgentList>;

/**
 * Lists of agents by whatever narrows them. Where that is not on the account, but a session or a reset, the list begins
 * with those who have one, found by an index, and never with everybody.
 */
export function createAgentList({ roster, presence, waitingForReset }: AgentListPorts) {
  /** @returns the filter for whoever asks the roster by it, once or more often */
  async function settle(tenantId: string, filter: AgentFilter, policy: Policy): Promise<RosterFilter> {
    const wanted = rosterFilterOf(filter, policy);
    const seen = filter.signedIn ? await presence.seen(tenantId) : null;
    const waiting = filter.care === 'reset' ? await waitingForReset(tenantId) : null;
    const ids = waiting ?? seen?.accountIds;
    if (!ids) return roster.settled(tenantId, wanted);
    const people = await roster.among(tenantId, ids, wanted);
    const present = seen?.counting(policy, people);
    const found = people.filter(({ accountId }) => present?.has(accountId) ?? true);
    return { found: found.map(({ accountId, email }) => ({ accountId, email })).sort(byEmail) };
  }

  return {
    settle,
    count: async (tenantId: string, filter: AgentFilter, policy: Policy): Promise<number> =>
      roster.count(tenantId, await settle(tenantId, filter, policy)),
  };
}
