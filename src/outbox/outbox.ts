import type { Clock } from '../core/clock.ts';
import { randomId } from '../core/random.ts';
import { attempt } from './attempt.ts';
import type { ClaimedJob, JobHandlers, JobKind, NewJob, Outcome } from './jobs.ts';
import { createLanes } from './lanes.ts';

/** A job that is due, as far as claiming needs it. `dueAt` is the condition of the claim. */
export interface DueJob {
  readonly id: string;
  readonly lane: string;
  readonly dueAt: Date;
}

export interface OutboxStore {
  /** Inserts what is not there yet. One write. */
  insert(jobs: readonly NewJob[], now: Date): Promise<void>;
  /** Due jobs of these kinds, longest due first, outside the lanes named. */
  due(
    now: Date,
    wish: { kinds: readonly JobKind[]; limit: number; notLanes: readonly string[] },
  ): Promise<DueJob[]>;
  /** Takes a job until `until`; null = somebody else was faster. One conditional write. */
  claim(job: DueJob, claim: string, until: Date): Promise<ClaimedJob | null>;
  /** Notes what became of a claimed job; false = the claim had lapsed and somebody else has it. */
  settle(id: string, claim: string, outcome: Outcome, now: Date): Promise<boolean>;
}

export interface OutboxOptions {
  readonly store: OutboxStore;
  /** Kinds without a handler are left to other processes. */
  readonly handlers: JobHandlers;
  readonly clock: Clock;
  /** Told of every outcome, for metrics and the log. */
  readonly onOutcome?: (job: ClaimedJob, outcome: Outcome) => void;
  /** Told when the store could not be asked. */
  readonly onTrouble?: (error: unknown) => void;
  /** Tries at once, in this process. */
  readonly parallel?: number;
  /** Of these, in one lane. */
  readonly parallelInLane?: number;
  /** How often the store is asked while nothing is known to be due; milliseconds. */
  readonly pollMs?: number;
  /** How long one try may take; milliseconds. The claim outlives it. */
  readonly tryMs?: number;
}

export interface Outbox {
  /** Keeps jobs for delivery; resolves once they are stored. Jobs that are there already are dropped. */
  enqueue(...jobs: readonly NewJob[]): Promise<void>;
  start(): void;
  /**
   * Takes nothing new, lets what runs end, and aborts it after `graceMs` milliseconds. What was aborted is due again
   * for whoever comes next.
   */
  stop(graceMs?: number): Promise<void>;
}

/** How much longer than one try a claim holds; milliseconds. Covers the writes around it and unequal clocks. */
const CLAIM_MARGIN_MS = 30_000;
/** Due jobs that are known at a time. */
const KNOWN = 100;

/**
 * Delivers jobs at least once, in any number of processes at once. A claim is a lease: a process that dies with it
 * loses it, and the job is due again. No jitter in the waits, because the bounds on parallel tries spread them anyway.
 */
export function createOutbox(options: OutboxOptions): Outbox {
  const { store, handlers, clock, onOutcome, onTrouble } = options;
  const { parallel = 20, parallelInLane = 4, pollMs = 1000, tryMs = 30_000 } = options;
  const kinds = Object.keys(handlers) as JobKind[];
  const lanes = createLanes(parallel, parallelInLane);
  const running = new Set<Promise<void>>();
  const stopper = new AbortController();
  let known: DueJob[] = [];
  /** There may be due jobs beyond those known: the last look was cut short or left full lanes out. */
  let more = false;
  let timer: NodeJS.Timeout | null = null;
  let looking: Promise<void> | null = null;
  let lookAgain = false;
  let on = false;

  async function run(due: DueJob): Promise<void> {
    const claim = randomId();
    const until = new Date(clock().getTime() + tryMs + CLAIM_MARGIN_MS);
    const job = await store.claim(due, claim, until);
    if (!job) return;
    const outcome = await attempt(job, { handlers, clock, tryMs, stopping: stopper.signal });
    // Unsettled (the store is away) = the claim lapses and the job is tried again.
    if (await store.settle(job.id, claim, outcome, clock())) onOutcome?.(job, outcome);
  }

  /** Starts what is known and has a place; false = nothing of it has. */
  function launch(): boolean {
    const before = known.length;
    known = known.filter((due) => {
      if (!on || !lanes.enter(due.lane)) return true;
      const one = run(due)
        .catch((error: unknown) => onTrouble?.(error))
        .finally(() => {
          running.delete(one);
          lanes.leave(due.lane);
          if (!launch() && more && lanes.hasRoom()) look();
        });
      running.add(one);
      return false;
    });
    return known.length < before;
  }

  async function find(): Promise<void> {
    const notLanes = lanes.full();
    const found = await store.due(clock(), { kinds, limit: KNOWN, notLanes });
    known = [...known.filter((due) => notLanes.includes(due.lane)), ...found];
    more = found.length === KNOWN || notLanes.length > 0;
    // A lane may have filled up with the first of them, while others are due behind it.
    if (launch() && found.length === KNOWN && lanes.hasRoom()) lookAgain = true;
  }

  /** Looks for work now, once at a time; a wish during a look is granted after it. */
  function look(): void {
    if (!on) return;
    if (looking) {
      lookAgain = true;
      return;
    }
    if (timer) clearTimeout(timer);
    lookAgain = false;
    looking = find()
      .catch((error: unknown) => {
        lookAgain = false;
        more = false;
        onTrouble?.(error);
      })
      .finally(() => {
        looking = null;
        if (lookAgain) look();
        else if (on) timer = setTimeout(look, pollMs).unref();
      });
  }

  return {
    async enqueue(...jobs) {
      if (jobs.length === 0) return;
      await store.insert(jobs, clock());
      look();
    },

    start() {
      on = true;
      look();
    },

    async stop(graceMs = 5000) {
      on = false;
      if (timer) clearTimeout(timer);
      await looking;
      const grace = setTimeout(() => stopper.abort(new Error('stopping')), graceMs);
      await Promise.all(running);
      clearTimeout(grace);
    },
  };
}
