import type { Account } from '../accounts/account.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { DomainError } from '../core/errors.ts';
import type { BulkDeed } from '../security-settings/goal.ts';
import type { Roster, RosterFilter } from '../accounts/roster.ts';
import type { createAgents } from './agents.ts';
import type { Action, Refused } from './permissions.ts';
import { nameOf, type Occasion } from './occasion.ts';
import type { createResets } from './resets.ts';

/** Why somebody who was named is left out, or why it was not done to them. `scope`: a machine has too few. */
export type LeftOut =
  | Refused
  | 'scope'
  | 'not-in-use'
  | 'already'
  | 'no-method'
  | 'reset-waiting'
  | 'last-admin'
  | 'changed'
  | 'limit';

export interface Plan {
  readonly go: readonly Account[];
  readonly leftOut: readonly { readonly agent: Account; readonly why: LeftOut }[];
}

export interface Outcome {
  readonly agent: Account;
  /** null = it was done. */
  readonly why: LeftOut | null;
}

/** People that one list may hold of which everybody is done to. */
export const MOST_OF_LIST = 10_000;
/** The same where each counts as a change of whoever does it: what an hour allows (rule budgets). */
export const MOST_COUNTED = 100;
/** People that are read at once. */
const BATCH = 500;

/**
 * Whether each person of a whole list counts as a change of their own (ADR 18). What takes protection from people does;
 * what only ends their sign-ins is one change, however many they are, as saving a policy is.
 */
export const countsEach = (deed: BulkDeed): boolean => deed === 'reset';

/** Who does something to many. */
export interface BulkBy {
  readonly tenantId: string;
  readonly occasion: Occasion;
  /** @returns why they may not do this to somebody; null = they may */
  readonly refusal: (action: Action, agent: Account) => Refused | 'scope' | null;
  /** One change more than the request itself. @throws DomainError too_many_attempts */
  readonly countChange: () => Promise<void>;
  /** Why somebody's two factors are reset. */
  readonly reason?: string | null;
  /** The same for a request that is sent again, and for a step that is done again; absent = every call is a new one. */
  readonly once?: string;
}

export interface BulkPorts {
  readonly accounts: { find(who: AccountRef): Promise<Account | null> };
  readonly agents: Pick<ReturnType<typeof createAgents>, 'signOut' | 'change'>;
  readonly resets: Pick<ReturnType<typeof createResets>, 'ask'>;
  /** Whose reset waits. */
  readonly waitingForReset: (tenantId: string) => Promise<readonly string[]>;
  readonly roster: Pick<Roster, 'page'>;
}

interface Bulk {
  readonly action: Action;
  /** Why it cannot be done to somebody as they are; null = it can. */
  readonly unfit: (agent: Account, waiting: ReadonlySet<string>) => LeftOut | null;
  readonly run: (ports: Pick<BulkPorts, 'agents' | 'resets'>, agent: Account, by: BulkBy) => Promise<unknown>;
}

const BULKS: Readonly<Record<BulkDeed, Bulk>> = {
  'sign-out': {
    action: 'sign-out-agent',
    unfit: ({ state }) => (state === 'active' ? null : 'not-in-use'),
    run: ({ agents }, agent, { occasion }) => agents.signOut(agent, occasion),
  },
  disable: {
    action: 'disable-agent',
    unfit: ({ state }) => (state === 'disabled' ? 'already' : null),
    run: ({ agents }, agent, { occasion }) => agents.change(agent, { state: 'disabled' }, occasion),
  },
  enable: {
    action: 'disable-agent',
    unfit: ({ state }) => (state === 'disabled' ? null : 'already'),
    run: ({ agents }, agent, { occasion }) => agents.change(agent, { state: 'active' }, occasion),
  },
  reset: {
    action: 'reset-two-factor',
    unfit: ({ accountId, methods, recovery }, waiting) =>
      waiting.has(accountId) ? 'reset-waiting' : methods.length === 0 && !recovery ? 'no-method' : null,
    async run({ resets }, agent, { occasion, reason, once = null }) {
      if (!reason) throw new DomainError('bad_request', { detail: 'reason' });
      await resets.ask(agent, { reason, once }, occasion);
    },
  },
};

/** @returns what it stands for, of what people in charge can do */
export const bulkActionOf = (deed: BulkDeed): Action => BULKS[deed].action;

/** @returns why it was not done, of what can happen to one of many. @throws whatever else it was */
function reasonOf(error: unknown): LeftOut {
  const { code, detail } = error instanceof DomainError ? error : { code: null, detail: null };
  if (detail === 'last_admin') return 'last-admin';
  if (detail === 'reset_waiting') return 'reset-waiting';
  if (code === 'changed_meanwhile') return 'changed';
  if (code === 'too_many_attempts') return 'limit';
  throw error;
}

/** Does the same to many people of one tenant. Who is of another one is not there. */
export function createBulk({ accounts, agents, resets, waitingForReset, roster }: BulkPorts) {
  const waitingFor = async (deed: BulkDeed, tenantId: string) =>
    new Set(deed === 'reset' ? await waitingForReset(tenantId) : []);

  function judge(by: BulkBy, deed: BulkDeed, agent: Account, waiting: ReadonlySet<string>): LeftOut | null {
    if (agent.accountId === nameOf(by.occasion.editor)) return 'yourself';
    const { action, unfit } = BULKS[deed];
    return by.refusal(action, agent) ?? unfit(agent, waiting);
  }

  function part(by: BulkBy, deed: BulkDeed, people: readonly Account[], waiting: ReadonlySet<string>): Plan {
    const judged = people.map((agent) => ({ agent, why: judge(by, deed, agent, waiting) }));
    return {
      go: judged.flatMap(({ agent, why }) => (why === null ? [agent] : [])),
      leftOut: judged.flatMap(({ agent, why }) => (why === null ? [] : [{ agent, why }])),
    };
  }

  return {
    /** Whom of those who are named it is done to. Oneself never, though one alone one may sign out. */
    async plan(by: BulkBy, deed: BulkDeed, accountIds: readonly string[]): Promise<Plan> {
      const { tenantId } = by;
      const found = await Promise.all(accountIds.map((accountId) => accounts.find({ tenantId, accountId })));
      return part(
        by,
        deed,
        found.filter((one) => one !== null),
        await waitingFor(deed, tenantId),
      );
    },

    /**
     * The same for everybody of a list.
     * @param filter as it was settled
     * @returns null when they are more than `MOST_OF_LIST`
     */
    async planAll(by: BulkBy, deed: BulkDeed, filter: RosterFilter): Promise<Plan | null> {
      const waiting = await waitingFor(deed, by.tenantId);
      const people: Account[] = [];
      for (let after: string | null = null; ;) {
        const page = await roster.page(by.tenantId, filter, { after, limit: BATCH });
        people.push(...page.accounts);
        if (people.length > MOST_OF_LIST) return null;
        if (page.next === null) return part(by, deed, people, waiting);
        after = page.next;
      }
    },

    /** Does it to one of many, as they are and may be done to now. @returns why it was not done; null = it was */
    async doOne(by: BulkBy, deed: BulkDeed, agent: Account): Promise<LeftOut | null> {
      const why = judge(by, deed, agent, new Set());
      if (why !== null) return why;
      try {
        if (countsEach(deed)) await by.countChange();
        await BULKS[deed].run({ agents, resets }, agent, by);
        return null;
      } catch (error) {
        return reasonOf(error);
      }
    },

    /**
     * Does it to one after the other, each by a write on the account as it was read when permissions were asked. What
     * cannot be done to one does not hold up the others.
     */
    async carryOut(by: BulkBy, deed: BulkDeed, { go }: Plan): Promise<Outcome[]> {
      const outcomes: Outcome[] = [];
      for (const [at, agent] of go.entries()) {
        try {
          // The request itself counted as the first change.
          if (at > 0) await by.countChange();
          await BULKS[deed].run({ agents, resets }, agent, by);
          outcomes.push({ agent, why: null });
        } catch (error) {
          outcomes.push({ agent, why: reasonOf(error) });
        }
      }
      return outcomes;
    },
  };
}
