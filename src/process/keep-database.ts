import type { Logger } from 'pino';
import { DatabaseRefused, type EngineRequest, type RunningEngine } from '../storage/engines/engine.ts';
import { findDatabase } from '../storage/find-database.ts';

/** A database that dies this often has something that a restart does not cure. */
const RESTARTS = 5;

/** The database for as long as we run. */
export interface KeptDatabase {
  readonly name: string;
  readonly uri: string;
  /** True when nobody but us looks after it: MongoDB deletes expired documents by itself, the embedded engine does not. */
  readonly ours: boolean;
  readonly stop: () => Promise<void>;
}

/**
 * Finds a database and, where it is a process of ours, starts it again at the same port when it dies: meanwhile pages
 * say that they are unavailable, then sign-ins go on.
 *
 * @param onLost called when it cannot be brought back
 * @throws DatabaseRefused
 */
export async function keepDatabase(
  request: EngineRequest,
  { log, onLost }: { log: Logger; onLost: (why: Error) => void },
): Promise<KeptDatabase> {
  const { name, uri, pid, ...first } = await findDatabase(request);
  let engine: Pick<RunningEngine, 'died' | 'stop'> = first;
  /** A start that is under way; what ends us waits for it, so that nothing is left. */
  let starting: Promise<void> = Promise.resolve();
  let stopping: Promise<void> | null = null;
  let restarts = 0;

  async function startAgain(how: string): Promise<void> {
    restarts += 1;
    if (restarts > RESTARTS)
      return onLost(new DatabaseRefused(`The database keeps ending by itself: ${how}`));
    log.error({ how }, 'the database ended; starting it again');
    const start = await first.startAgain(Number(new URL(uri).port));
    if ('reason' in start) return onLost(new DatabaseRefused(`The database ended: ${start.reason}`));
    engine = start.engine;
    watch();
  }

  function watch(): void {
    void engine.died.then((how) => {
      if (stopping === null) starting = startAgain(how).catch((error: unknown) => onLost(error as Error));
    });
  }

  watch();
  const stop = async () => {
    await starting;
    await engine.stop();
  };
  return { name, uri, ours: pid !== null, stop: () => (stopping ??= stop()) };
}
