import type { Clock } from '../core/clock.ts';
import {
  LAST_TRY,
  nextTry,
  UndeliverableError,
  type ClaimedJob,
  type JobHandler,
  type JobHandlers,
  type Outcome,
} from './jobs.ts';

/** Characters kept of an error. */
const MAX_ERROR = 200;

const messageOf = (error: unknown) =>
  (error instanceof Error ? `${error.name}: ${error.message}` : 'not an error').slice(0, MAX_ERROR);

/** Rejects when `signal` is aborted: a handler that does not listen to it cannot hold its place. */
function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}

/**
 * Tries one job once and says what becomes of it; never rejects.
 * @param tryMs how long the try may take; milliseconds
 * @param stopping aborted when the process stops: the job is then due again at once
 */
export async function attempt(
  job: ClaimedJob,
  {
    handlers,
    clock,
    tryMs,
    stopping,
  }: { handlers: JobHandlers; clock: Clock; tryMs: number; stopping: AbortSignal },
): Promise<Outcome> {
  // Claimed again and again without an outcome: it takes its process down with it.
  if (job.tries > LAST_TRY) return { kind: 'dead', error: 'no try came to an end' };
  const handler = handlers[job.kind] as JobHandler;
  const over = new AbortController();
  const stop = () => over.abort(stopping.reason);
  const timer = setTimeout(() => over.abort(new Error('took too long')), tryMs);
  stopping.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([handler(job, over.signal), whenAborted(over.signal)]);
    return { kind: 'sent' };
  } catch (error) {
    if (stopping.aborted) return { kind: 'retry', dueAt: clock(), error: 'stopped' };
    const dueAt = error instanceof UndeliverableError ? null : nextTry(job.tries, clock());
    const text = messageOf(error);
    return dueAt ? { kind: 'retry', dueAt, error: text } : { kind: 'dead', error: text };
  } finally {
    clearTimeout(timer);
    stopping.removeEventListener('abort', stop);
  }
}
