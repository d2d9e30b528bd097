import { createHmac, createSecretKey } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { type Random, randomId, systemRandom } from '../core/random.ts';
import { BUDGETS, type Budget, type BudgetName } from './budgets.ts';
import type { Slot } from './slot.ts';
import { countsInARow, type Decision, weigh, windowOf } from './weigh.ts';

export interface AttemptStore {
  /** @returns the newest slots of some groups since a moment, latest first, at most `limit` altogether */
  recent(groups: readonly string[], since: Date, limit: number): Promise<Pick<Slot, 'id' | 'group' | 'at'>[]>;
  /** Takes all of one owner, or none: false when somebody has one of them. Each is one conditional write. */
  take(slots: readonly Slot[]): Promise<boolean>;
  /** @param slots of one owner */
  giveBack(slots: readonly Slot[]): Promise<void>;
  /**
   * Counts one that was refused, by one write.
   * @param window whose it is; `at` = when it begins
   * @returns how many in this window, and, for its first, in the last one that had any
   */
  countRefused(window: Pick<Slot, 'id' | 'group' | 'at'>): Promise<{ count: number; before: number }>;
  /** @param failures groups; with `by`, what that browser failed alone */
  clear(failures: readonly { readonly group: string; readonly by?: string }[]): Promise<void>;
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

/** Failures of a budget; with `by`, those of one browser alone. */
export type Failures = readonly [name: BudgetName, key: string, by?: string];

/**
 * Runs what compares a guess. A full queue has compared nothing: the guess is given back, so that a rush of others is
 * never somebody's wrong password.
 * @throws what `compare` throws
 */
export async function comparing<T>(giveBack: () => Promise<unknown>, compare: () => Promise<T>): Promise<T> {
  try {
    return await compare();
  } catch (error) {
    if (error instanceof DomainError && error.code === 'busy') await giveBack();
    throw error;
  }
}

export interface Attempts {
  /**
   * Reserves one attempt BEFORE anything is checked (rule reserve-first): of any number of callers at once exactly as
   * many get one as there are left.
   *
   * @param key whose budget, such as `tenant/account`; kept as an HMAC only
   * @param by the browser, so that what it failed can be forgiven alone
   * @param beside further budgets, of each of which one is taken by the same write, or none of any. Of windows alone,
   *   not of failures in a row: those have no more slots than their limit, so that one read brings all of them
   * @param forgetIn seconds after which a failure is gone that would be kept for ever: of what nobody has
   * @throws DomainError unavailable when the store is away: neither allowed nor limited (rule fail-closed); busy
   */
  reserve(
    name: BudgetName,
    key: string,
    options?: {
      by?: string | null;
      beside?: readonly KeyedBudget[];
      forgetIn?: number | undefined;
    },
  ): Promise<Reservation>;
  /**
   * @returns seconds until `reserve` can give an attempt; 0 = now, Infinity = no waiting helps. Takes nothing
   * @throws as `reserve`
   */
  waitOf(name: BudgetName, key: string): Promise<number>;
  /**
   * One more was refused. Whoever is refused without end must not fill the log: the first of a window is told, with the
   * number of those that were not told since the last.
   * @returns that number; null = it is not to be told
   * @throws as `reserve`
   */
  refused(name: BudgetName, key: string): Promise<number | null>;
  /** Forgets all failures: after a completed sign-in, or a new password (rule forgiveness). @throws as `reserve` */
  clear(names: readonly BudgetName[], key: string): Promise<void>;
  /** The same for several keys, or for what one browser failed, by one command. @throws as `reserve` */
  clearAll(failures: readonly Failures[]): Promise<void>;
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
  ...Object.values<Budget>(BUDGETS).map((budget) => Math.max(budget.limit, budget.suspend?.failures ?? 0)),
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

  /**
   * Only where failures in a row count, the later of two has to look again; elsewhere any free slot will do, and a whole
   * shift behind one address must not queue for the first.
   */
  function pickOf(budget: Budget, decision: Decision | undefined): string {
    const free = decision?.go ? decision.free : [];
    return free[countsInARow(budget) ? 0 : random(2).readUInt16BE() % free.length] ?? '';
  }

  return {
    async reserve(name, key, { by = null, beside = [], forgetIn } = {}) {
      const budgets = [[name, key] as const, ...beside].map(keyed);
      for (let losses = 0; losses < MOST_LOSSES; losses++) {
        const now = clock();
        const found = await look(budgets, now);
        const decisions = budgets.map(({ budget, group }, i) => weigh(budget, group, found[i] ?? [], now));
        const refused = decisions.flatMap((one) => (one.go ? [] : [one]));
        const [longest] = refused.sort((a, b) => b.seconds - a.seconds);
        if (longest) return refusal(longest);

        const owner = randomId(random);
        const slots = budgets.map(({ budget, group }, i): Slot => {
          const kept = budget.memory === null ? forgetIn : budget.memory + budget.seconds;
          const expiresAt = kept === undefined ? null : new Date(now.getTime() + kept * 1000);
          return { id: pickOf(budget, decisions[i]), group, owner, at: now, by, expiresAt };
        });
        // Somebody else has one: what was weighed is out of date.
        if (!(await orUnavailable(store.take(slots)))) continue;
        return {
          ok: true,
          failures: found[0]?.length ?? 0,
          succeed: () => orUnavailable(store.giveBack(slots)),
        };
      }
      throw new DomainError('busy', { retryAfterSeconds: 2, detail: 'attempts' });
    },

    async waitOf(name, key) {
      const { budget, group } = keyed([name, key]);
      const now = clock();
      const [taken = []] = await look([{ budget, group }], now);
      const decision = weigh(budget, group, taken, now);
      return decision.go ? 0 : decision.suspended ? Infinity : decision.seconds;
    },

    async refused(name, key) {
      const own = keyed([name, key]);
      const { number, starts: at } = windowOf(own.budget, clock());
      const group = `refused:${own.group}`;
      const counted = await orUnavailable(store.countRefused({ id: `${group}:${number}`, group, at }));
      return counted.count === 1 ? Math.max(0, counted.before - 1) : null;
    },

    async clear(names, key) {
      await orUnavailable(store.clear(names.map((name) => ({ group: groupOf(name, key) }))));
    },

    async clearAll(failures) {
      const rows = failures.map(([name, key, by]) => {
        const group = groupOf(name, key);
        return by === undefined ? { group } : { group, by };
      });
      await orUnavailable(store.clear(rows));
    },
  };
}
