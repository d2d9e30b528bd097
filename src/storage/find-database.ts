import { embeddedJava } from './engines/embedded-java.ts';
import {
  DatabaseRefused,
  type Engine,
  type EngineRequest,
  type RunningEngine,
  type Start,
} from './engines/engine.ts';
import { external } from './engines/external.ts';
import { localMongod } from './engines/local-mongod.ts';
import { memoryServer } from './engines/memory-server.ts';

/** The ways to a database, best first (docs/adr/0002-database-ladder.md). */
export const ladder: readonly Engine[] = [external, localMongod, memoryServer, embeddedJava];

export interface FoundDatabase extends RunningEngine {
  /** The same way once more, at the same port, after the engine has died. */
  readonly startAgain: (port: number) => Promise<Start>;
}

/**
 * Walks the ladder to the first database that answers. Production mode, and whoever sets `MONGODB_URI`, gets that one
 * or none.
 *
 * @param rungs another ladder, in tests
 * @throws DatabaseRefused whose message a person can act on
 */
export async function findDatabase(
  request: EngineRequest,
  rungs: readonly Engine[] = ladder,
): Promise<FoundDatabase> {
  const chosen = request.production === true || request.mongodbUri !== undefined;
  const reasons: string[] = [];
  for (const rung of chosen ? rungs.slice(0, 1) : rungs) {
    const start = await rung.start(request);
    if ('engine' in start) {
      return { ...start.engine, startAgain: (port) => rung.start({ ...request, port }) };
    }
    reasons.push(`${reasons.length + 1}. ${rung.way}\n     (now: ${start.reason})`);
  }
  throw new DatabaseRefused(`Stile found no database. Any one of these helps:\n  ${reasons.join('\n  ')}`);
}
