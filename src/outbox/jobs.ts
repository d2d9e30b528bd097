/** What the outbox can carry, by kind, with what each job holds: plain JSON, small, and no secret in clear. */
export interface JobPayloads {
  /** One logout token to one app (OpenID Connect Back-Channel Logout 1.0). */
  'logout-token': { readonly clientId: string; readonly accountId: string; readonly sid: string };
  /** One mail; what it says is sealed, because some mails carry a link or a code. */
  mail: { readonly sealed: string };
  /** Deletes what is dead already: sessions, grants and tokens of one account. */
  'clean-up': { readonly accountId: string; readonly reason: string };
  /** One step of the same through everybody of a tenant, after a policy was saved that ended something. */
  'policy-clean-up': {
    /** Of the policy that was saved. */
    readonly version: number;
    readonly reason: 'saved' | 'grace-over';
    /** The second comes for what was stored while the first went by. */
    readonly round: 1 | 2;
    /** The last one of the step before; null = the first step. */
    readonly after: string | null;
  };
  /** Writes to people without a method of what the tenant asks: one step through them. */
  'policy-announcement': {
    /** The minute in which it was asked for, such as `2026-11-24T09:12`. */
    readonly asked: string;
    /** Since when a method is asked for, RFC 3339; null = it is not said. */
    readonly from: string | null;
    /** The last one of the step before; null = the first step. */
    readonly after: string | null;
  };
  /** Carries out a reset of somebody's two factors that is due. */
  'two-factor-reset': { readonly resetId: string };
  /** One step of inviting the people of a list. `look`: only when none was made yet. */
  'invite-many': { readonly importId: string; readonly look?: boolean };
  /** The same for something done to everybody of a list. `at`: which part of it. */
  'bulk-step': { readonly runId: string; readonly at: number; readonly look?: boolean };
}

export const JOB_KINDS = [
  'logout-token',
  'mail',
  'clean-up',
  'policy-clean-up',
  'policy-announcement',
  'two-factor-reset',
  'invite-many',
  'bulk-step',
] as const satisfies readonly (keyof JobPayloads)[];

export type JobKind = keyof JobPayloads;

/** A job as it is handed in. */
export interface NewJob<K extends JobKind = JobKind> {
  /** Names the job for ever: a second one with the same id is dropped. Also `jti` and Message-ID. */
  readonly id: string;
  readonly kind: K;
  readonly tenantId: string;
  /** What must not hold up the others when it hangs: an app's host, the mail server. */
  readonly lane: string;
  readonly payload: JobPayloads[K];
  /** Not before this moment; absent = now. */
  readonly dueAt?: Date;
}

/** A job that this process has claimed. */
export interface ClaimedJob<K extends JobKind = JobKind> {
  readonly id: string;
  readonly kind: K;
  readonly tenantId: string;
  readonly lane: string;
  readonly payload: JobPayloads[K];
  /** 1 = this is the first try. */
  readonly tries: number;
}

/**
 * Does one job. May run more than once for the same `job.id` (a crash between doing and noting it), so it hands the
 * id on to whoever receives the result. A rejection means "try again later"; `UndeliverableError` means "never".
 * @param signal aborted when the time for one try is over or the process stops
 */
export type JobHandler<K extends JobKind = JobKind> = (
  job: ClaimedJob<K>,
  signal: AbortSignal,
) => Promise<void>;

export type JobHandlers = { readonly [K in JobKind]?: JobHandler<K> };

/** What became of one try. */
export type Outcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'retry'; readonly dueAt: Date; readonly error: string }
  | { readonly kind: 'dead'; readonly error: string };

/** No later try can work: the app is gone, the address is refused. The message is kept; no secret, no address in it. */
export class UndeliverableError extends Error {
  override readonly name = 'UndeliverableError';
}

/** Seconds between a failed try and the next one; after the last the job is dead. Some 24 hours in all. */
export const RETRY_SECONDS: readonly number[] = [
  5,
  30,
  2 * 60,
  10 * 60,
  60 * 60,
  2 * 3600,
  4 * 3600,
  8 * 3600,
  8 * 3600,
];

/** Number of the last try. */
export const LAST_TRY = RETRY_SECONDS.length + 1;

/** @returns when to try again after `tries` failed tries; null = give up */
export function nextTry(tries: number, now: Date): Date | null {
  const seconds = RETRY_SECONDS[tries - 1];
  return seconds === undefined ? null : new Date(now.getTime() + seconds * 1000);
}
