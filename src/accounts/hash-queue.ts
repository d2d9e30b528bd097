import { DomainError } from '../core/errors.ts';

export interface HashQueueLimits {
  /** Jobs that run at once; one a core, and two threads of libuv's pool must stay free. */
  readonly concurrency: number;
  /** Jobs that may wait; half of the places are kept for people on a known device. Default 64. */
  readonly maxWaiting?: number;
  /** How long a job may wait before it is turned away; milliseconds. Default 3000. */
  readonly maxWaitMs?: number;
}

/** `knownDevice`: the request carries a device cookie of this account (rule known-browsers). */
export interface HashPriority {
  readonly knownDevice?: boolean;
  /** Nobody stands in front of it: it waits as long as it takes, in no place of theirs and behind them all. */
  readonly patient?: boolean;
}

export interface HashQueue {
  /** @throws DomainError busy when there is no place, or no turn in time */
  run<T>(job: () => Promise<T>, priority?: HashPriority): Promise<T>;
  /** How many jobs wait for their turn. */
  depth(): number;
}

const busy = () => new DomainError('busy', { retryAfterSeconds: 2 });

/**
 * The one door to password hashing, so that a rush of sign-ins waits its turn instead of starving token signing, and
 * a flood is told to come back instead of growing without bound.
 */
export function hashQueue({ concurrency, maxWaiting = 64, maxWaitMs = 3000 }: HashQueueLimits): HashQueue {
  const waiting = new Set<{ start: () => void; knownDevice: boolean }>();
  const patients: (() => void)[] = [];
  let running = 0;

  function hasPlace(knownDevice: boolean): boolean {
    if (waiting.size >= maxWaiting) return false;
    if (knownDevice) return true;
    const strangers = [...waiting].filter((one) => !one.knownDevice).length;
    return strangers < Math.ceil(maxWaiting / 2);
  }

  /** Resolves when it is this caller's turn; the caller then counts as running. */
  async function turn({ knownDevice = false, patient = false }: HashPriority): Promise<void> {
    if (running < concurrency) {
      running += 1;
      return;
    }
    if (patient) return new Promise<void>((resolve) => void patients.push(resolve));
    if (!hasPlace(knownDevice)) throw busy();
    await new Promise<void>((resolve, reject) => {
      const tooLate = setTimeout(() => {
        waiting.delete(place);
        reject(busy());
      }, maxWaitMs);
      const place = {
        knownDevice,
        start: () => {
          clearTimeout(tooLate);
          resolve();
        },
      };
      waiting.add(place);
    });
  }

  /** Hands the turn on to who waits longest, so that nobody can slip in between. */
  function done(): void {
    const [next] = waiting;
    const patient = next ? undefined : patients.shift();
    if (patient) return patient();
    if (!next) {
      running -= 1;
      return;
    }
    waiting.delete(next);
    next.start();
  }

  return {
    async run(job, priority = {}) {
      await turn(priority);
      try {
        return await job();
      } finally {
        done();
      }
    },
    depth: () => waiting.size,
  };
}
