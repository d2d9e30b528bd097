import type { Account } from '../accounts/account.ts';
import type { Action, Refused } from '../admin/permissions.ts';
import { DomainError } from '../core/errors.ts';
import type { BulkDeed } from '../security-settings/agent-goal.ts';
import type { Desk } from './desk.ts';

/** Why somebody who was ticked is left out, or why it was not done to them. */
export type LeftOut = Refused | 'not-in-use' | 'already' | 'last-admin' | 'changed' | 'limit';

export interface Plan {
  readonly go: readonly Account[];
  readonly leftOut: readonly { readonly agent: Account; readonly why: LeftOut }[];
}

export interface Outcome {
  readonly agent: Account;
  /** null = it was done. */
  readonly why: LeftOut | null;
}

interface Bulk {
  readonly action: Action;
  /** Why it cannot be done to somebody as they are; null = it can. */
  readonly unfit: (agent: Account) => LeftOut | null;
  readonly run: (desk: Desk, agent: Account) => Promise<unknown>;
}

export const BULKS: Readonly<Record<BulkDeed, Bulk>> = {
  'sign-out': {
    action: 'sign-out-agent',
    unfit: ({ state }) => (state === 'active' ? null : 'not-in-use'),
    run: ({ people }, agent) => people.signOut(agent),
  },
  disable: {
    action: 'disable-agent',
    unfit: ({ state }) => (state === 'disabled' ? 'already' : null),
    run: ({ people }, agent) => people.change(agent, { state: 'disabled' }),
  },
  enable: {
    action: 'disable-agent',
    unfit: ({ state }) => (state === 'disabled' ? null : 'already'),
    run: ({ people }, agent) => people.change(agent, { state: 'active' }),
  },
};

/** Whom of those who were ticked it is done to. Oneself never, though one alone one may sign out. */
export async function planOf(desk: Desk, deed: BulkDeed, accountIds: readonly string[]): Promise<Plan> {
  const { action, unfit } = BULKS[deed];
  const go: Account[] = [];
  const leftOut: Plan['leftOut'][number][] = [];
  for (const agent of await desk.people.findAll(accountIds)) {
    const self = agent.accountId === desk.visit.account.accountId;
    const why = self ? 'yourself' : (desk.people.refusal(action, agent) ?? unfit(agent));
    if (why === null) go.push(agent);
    else leftOut.push({ agent, why });
  }
  return { go, leftOut };
}

/** @returns why it was not done, of what can happen to one of many. @throws whatever else it was */
function reasonOf(error: unknown): LeftOut {
  const { code, detail } = error instanceof DomainError ? error : { code: null, detail: null };
  if (detail === 'last_admin') return 'last-admin';
  if (code === 'changed_meanwhile') return 'changed';
  if (code === 'too_many_attempts') return 'limit';
  throw error;
}

/**
 * Does it to one after the other, each by a write on the account as it was read when permissions were asked. What cannot
 * be done to one does not hold up the others.
 */
export async function carryOut(desk: Desk, deed: BulkDeed, { go }: Plan): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [at, agent] of go.entries()) {
    try {
      // The form itself counted as the first change.
      if (at > 0) await desk.countChange();
      await BULKS[deed].run(desk, agent);
      outcomes.push({ agent, why: null });
    } catch (error) {
      outcomes.push({ agent, why: reasonOf(error) });
    }
  }
  return outcomes;
}
