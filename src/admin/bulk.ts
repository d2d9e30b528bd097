import type { Account } from '../accounts/account.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { DomainError } from '../core/errors.ts';
import type { BulkDeed } from '../security-settings/agent-goal.ts';
import type { createAgents } from './agents.ts';
import type { Action, Refused } from './permissions.ts';
import { nameOf, type Occasion } from './policy-save.ts';

/** Why somebody who was named is left out, or why it was not done to them. `scope`: a machine has too few. */
export type LeftOut = Refused | 'scope' | 'not-in-use' | 'already' | 'last-admin' | 'changed' | 'limit';

export interface Plan {
  readonly go: readonly Account[];
  readonly leftOut: readonly { readonly agent: Account; readonly why: LeftOut }[];
}

export interface Outcome {
  readonly agent: Account;
  /** null = it was done. */
  readonly why: LeftOut | null;
}

/** Who does something to many. */
export interface BulkBy {
  readonly tenantId: string;
  readonly occasion: Occasion;
  /** @returns why they may not do this to somebody; null = they may */
  readonly refusal: (action: Action, agent: Account) => Refused | 'scope' | null;
  /** One change more than the request itself. @throws DomainError too_many_attempts */
  readonly countChange: () => Promise<void>;
}

export interface BulkPorts {
  readonly accounts: { find(who: AccountRef): Promise<Account | null> };
  readonly agents: Pick<ReturnType<typeof createAgents>, 'signOut' | 'change'>;
}

interface Bulk {
  readonly action: Action;
  /** Why it cannot be done to somebody as they are; null = it can. */
  readonly unfit: (agent: Account) => LeftOut | null;
  readonly run: (agents: BulkPorts['agents'], agent: Account, by: BulkBy) => Promise<unknown>;
}

const BULKS: Readonly<Record<BulkDeed, Bulk>> = {
  'sign-out': {
    action: 'sign-out-agent',
    unfit: ({ state }) => (state === 'active' ? null : 'not-in-use'),
    run: (agents, agent, { occasion }) => agents.signOut(agent, occasion),
  },
  disable: {
    action: 'disable-agent',
    unfit: ({ state }) => (state === 'disabled' ? 'already' : null),
    run: (agents, agent, { occasion }) => agents.change(agent, { state: 'disabled' }, occasion),
  },
  enable: {
    action: 'disable-agent',
    unfit: ({ state }) => (state === 'disabled' ? null : 'already'),
    run: (agents, agent, { occasion }) => agents.change(agent, { state: 'active' }, occasion),
  },
};

/** @returns what it stands for, of what people in charge can do */
export const bulkActionOf = (deed: BulkDeed): Action => BULKS[deed].action;

/** @returns why it was not done, of what can happen to one of many. @throws whatever else it was */
function reasonOf(error: unknown): LeftOut {
  const { code, detail } = error instanceof DomainError ? error : { code: null, detail: null };
  if (detail === 'last_admin') return 'last-admin';
  if (code === 'changed_meanwhile') return 'changed';
  if (code === 'too_many_attempts') return 'limit';
  throw error;
}

/** Does the same to many people of one tenant. Who is of another one is not there. */
export function createBulk({ accounts, agents }: BulkPorts) {
  return {
    /** Whom of those who are named it is done to. Oneself never, though one alone one may sign out. */
    async plan(by: BulkBy, deed: BulkDeed, accountIds: readonly string[]): Promise<Plan> {
      const { tenantId, occasion, refusal } = by;
      const { action, unfit } = BULKS[deed];
      const go: Account[] = [];
      const leftOut: Plan['leftOut'][number][] = [];
      const found = await Promise.all(accountIds.map((accountId) => accounts.find({ tenantId, accountId })));
      for (const agent of found.filter((one) => one !== null)) {
        const self = agent.accountId === nameOf(occasion.editor);
        const why = self ? 'yourself' : (refusal(action, agent) ?? unfit(agent));
        if (why === null) go.push(agent);
        else leftOut.push({ agent, why });
      }
      return { go, leftOut };
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
          await BULKS[deed].run(agents, agent, by);
          outcomes.push({ agent, why: null });
        } catch (error) {
          outcomes.push({ agent, why: reasonOf(error) });
        }
      }
      return outcomes;
    },
  };
}
