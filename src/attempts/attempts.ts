import { createHmac, createSecretKey } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { type Random, randomId, systemRandom } from '../core/random.ts';
import { BUDGETS, type Budget, type BudgetName } from './budgets.ts';
import type { Slot } from './slot.ts';
import { countsInARow, type Decision, waitOfWindow, weigh, windowOf } from './weigh.ts';

export interface AttemptStore {
  /** @returns the newest slots of some groups since a moment, latest first, at most `limit` altogether */
  recent(groups: readonly string[], since: Date, limit: number): Promise<Pick<Slot, 'id' | 'group' | 'at'>[]>;
  /** Atomic: false when somebody has the slot. */
  take(slot: Slot): Promise<boolean>;
  giveBack(slot: Slot): Promise<void>;
  clear(groups: readonly string[]): Promise<void>;
}

export type Reservation =
  | {
      readonly ok: true;
      /** Failures in a row before this attempt, as far as the budget remembers them. */
      readonly failures: number;
      /** It was right, or was no guess: gives the attempt back. Without it, it stays a failure. */
      succeed(): Promise<void>;
    }
  | {
      readonly ok: false;
      readonly retryAfterSeconds: number;
      /** No waiting helps here: another method, a known browser or a new password does. */
      readonly suspended: boolean;
    };

/** What a page says of a guess that is not to be had. */
export function tooMany({ suspended, retryAfterSeconds }: Extract<Reservation, { ok: false }>) {
  return { ok: false, refusal: suspended ? 'suspended' : 'too-many', retryAfterSeconds } as const;
}

/** A budget and whose it is. */
export type KeyedBudget = readonly [name: BudgetName, key: string];

export interface Attempts {
  /**
   * Reserves one attempt BEFORE anything is checked (rule reserve-first): of any number of callers at once exactly as
   * many get one as there are left.
   *
   * @param key whose budget, such as `tenant/account`; kept as an HMAC only
   * @param trusted this browser has a valid device cookie of the account
   * @param beside budgets of which nothing is taken, but which must have some left. Of windows alone, not of failures
   *   in a row: those have no more slots than their limit, so that one read brings all of them
   * @param forgetIn seconds after which a failure is gone that would be kept for ever: of what nobody has
   * @throws DomainError unavailable when the store is away: neither allowed nor limited (rule fail-closed); busy
   */
  reserve(
    name: BudgetName,
    key: string,
    options?: { trusted?: boolean; beside?: readonly KeyedBudget[]; forgetIn?: number | undefined },
  ): Promise<Reservation>;
  /**
   * @returns seconds until `reserve` can give an attempt; 0 = now, Infinity = no waiting helps. Takes nothing
   * @throws as `reserve`
   */
  waitOf(name: BudgetName, key: string, options?: { trusted?: boolean }): Promise<number>;
  /** Forgets all failures: after a completed sign-in, or a new password (rule forgiveness). @throws as `reserve` */
  clear(names: readonly BudgetName[], key: string): Promise<void>;
  /** The same for budgets of several keys, by one command. @throws as `reserve` */
  clearAll(budgets: readonly KeyedBudget[]): Promise<void>;
}

export interface AttemptPorts {
  readonly store: AttemptStore;
  /** Keys the names of budgets, so that the collection holds no address in clear. */
  readonly key: Buffer;
  readonly clock: Clock;
  readonly random?: Random;
}

/** More failures than this need not be read: every rule has spoken by then. */
const MOST = Math.max(
  ...Object.values<Budget>(BUDGETS).map((budget) =>
    Math.max(budget.limit, budget.suspend?.known ?? budget.suspend?.failures ?? 0),
  ),
);

/** A caller loses a slot to another at most as often as a budget has slots; far more means that something is wrong. */
const MOST_LOSSES = 2 * MOST;

function refusal({ seconds, suspended }: Extract<Decision, { go: false }>): Reservation {
  return { ok: false, retryAfterSeconds: seconds, suspended };
}

/**
 * Guess budgets by slots: an attempt is a document whose unique name says whose it is, in which window, and the
 * how-manieth. No counter is ever read and written back, so that parallel guesses cannot share one.
 */
export function createAttempts({ store, key, clock, random = systemRandom }: AttemptPorts): Attempts {
  const secret = createSecretKey(key);
  const groupOf = (name: BudgetName, key: string) =>
    `${name}:${createHmac('sha256', secret)
      .update(JSON.stringify([name, key]))
      .digest('base64url')}`;

  /** A store that is away is no answer about guesses (rule fail-closed). */
  async function orUnavailable<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (cause) {
      throw new DomainError('unavailable', { cause, retryAfterSeconds: 5, detail: 'attempts' });
    }
  }

  function sinceOf(budget: Budget, now: Date): Date {
    const remembered = budget.memory === null ? new Date(0) : new Date(now.getTime() - budget.memory * 1000);
    return countsInARow(budget) ? remembered : windowOf(budget, now).starts;
  }

  /** Reads several budgets by one command. @returns what is taken of each, in the same order */
  async function look(budgets: readonly { budget: Budget; group: string }[], now: Date) {
    const since = budgets.map(({ budget }) => sinceOf(budget, now));
    const first = new Date(Math.min(...since.map(Number)));
    const groups = budgets.map(({ group }) => group);
    const found = await orUnavailable(store.recent(groups, first, MOST * groups.length));
    return groups.map((group, i) =>
      found.filter((slot) => slot.group === group && slot.at >= (since[i] ?? 0)),
    );
  }

  const keyed = ([name, key]: KeyedBudget) => ({
    budget: BUDGETS[name] as Budget,
    group: groupOf(name, key),
  });

  return {
    async reserve(name, key, { trusted = false, beside = [], forgetIn } = {}) {
      const own = keyed([name, key]);
      const { budget, group } = own;
      const others = beside.map(keyed);
      for (let losses = 0; losses < MOST_LOSSES; losses++) {
        const now = clock();
        const [taken = [], ...found] = await look([own, ...others], now);
        const waits = others.map((other, i) => waitOfWindow(other.budget, found[i] ?? [], now));
        const retryAfterSeconds = Math.max(0, ...waits);
        if (retryAfterSeconds > 0) return { ok: false, retryAfterSeconds, suspended: false };
        const decision = weigh(budget, group, taken, { now, trusted });
        if (!decision.go) return refusal(decision);

        // Only where failures in a row count, the later of two has to look again; elsewhere any free slot will do, and
        // a whole shift behind one address must not queue for the first.
        const pick = countsInARow(budget) ? 0 : random(2).readUInt16BE() % decision.free.length;
        const id = decision.free[pick] ?? '';
        const kept = budget.memory === null ? forgetIn : budget.memory + budget.seconds;
        const expiresAt = kept === undefined ? null : new Date(now.getTime() + kept * 1000);
        const slot: Slot = { id, group, owner: randomId(random), at: now, expiresAt };
        // Somebody else has it: what was weighed is out of date.
        if (!(await orUnavailable(store.take(slot)))) continue;
        return { ok: true, failures: taken.length, succeed: () => orUnavailable(store.giveBack(slot)) };
      }
      throw new DomainError('busy', { retryAfterSeconds: 2, detail: 'attempts' });
    },

    async waitOf(name, key, { trusted = false } = {}) {
      const { budget, group } = keyed([name, key]);
      const now = clock();
      const [taken = []] = await look([{ budget, group }], now);
      const decision = weigh(budget, group, taken, { now, trusted });
      return decision.go ? 0 : decision.suspended ? Infinity : decision.seconds;
    },

    async clear(names, key) {
      await orUnavailable(store.clear(names.map((name) => groupOf(name, key))));
    },

    async clearAll(budgets) {
      await orUnavailable(store.clear(budgets.map(([name, key]) => groupOf(name, key))));
    },
  };
}
