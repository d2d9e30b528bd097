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
  let engine = await findDatabase(request);
  let stopping: Promise<void> | null = null;
  let restarts = 0;

  async function restart(how: string): Promise<void> {
    restarts += 1;
    if (stopping) return;
    if (restarts > RESTARTS)
      return onLost(new DatabaseRefused(`The database keeps ending by itself: ${how}`));
    log.error({ how }, 'the database ended; starting it again');
    try {
      engine = await findDatabase({ ...request, port: Number(new URL(engine.uri).port) });
      if (stopping) await engine.stop();
      else watch(engine);
    } catch (error) {
      onLost(error as Error);
    }
  }

  function watch({ died }: RunningEngine): void {
    void died.then(restart);
  }

  watch(engine);
  const { name, uri, pid } = engine;
  return { name, uri, ours: pid !== null, stop: () => (stopping ??= engine.stop()) };
}
