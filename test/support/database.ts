import { randomBytes } from 'node:crypto';
import type { Connection } from 'mongoose';
import { connectDatabase } from '../../src/storage/database.ts';
import { embeddedJava } from '../../src/storage/engines/embedded-java.ts';
import type { EngineRequest, RunningEngine } from '../../src/storage/engines/engine.ts';
import { findDatabase } from '../../src/storage/find-database.ts';

/** A database of one test alone, on an engine that all tests of the process share. */
export interface TestDatabase {
  readonly uri: string;
  readonly name: string;
  readonly connection: Connection;
  /** Deletes the database and closes the connection; call it in `afterEach` or `after`. */
  drop(): Promise<void>;
}

let shared: Promise<RunningEngine> | undefined;

/** `MONGODB_URI` when it is set; else the embedded engine in memory, which is the quickest to start; else the ladder. */
async function startShared(): Promise<RunningEngine> {
  const mongodbUri = process.env.MONGODB_URI;
  if (mongodbUri !== undefined) return findDatabase({ mongodbUri });
  const embedded = await embeddedJava.start({});
  return 'engine' in embedded ? embedded.engine : findDatabase({});
}

/** The engine that all tests of the process share; whoever asks for it outside of mocha stops it. */
export function sharedEngine(): Promise<RunningEngine> {
  return (shared ??= startShared());
}

/**
 * @param on an engine of this test alone; absent = the shared one
 * @returns an empty database under a name of its own
 */
export async function testDatabase(on?: RunningEngine): Promise<TestDatabase> {
  const { uri } = on ?? (await sharedEngine());
  const name = `stile_test_${randomBytes(6).toString('hex')}`;
  const { connection, close } = await connectDatabase(uri, { dbName: name });
  return {
    uri,
    name,
    connection,
    async drop() {
      await connection.dropDatabase();
      await close();
    },
  };
}

/**
 * An engine of one test alone, to stop, kill (`pid`) and start again; the caller stops it.
 * @param request `dataDir` to keep data between two engines, `port` to come back at the same place
 */
export async function startEngine(request: EngineRequest = {}): Promise<RunningEngine> {
  const start = await embeddedJava.start(request);
  if ('reason' in start) throw new Error(`This test needs the embedded engine: ${start.reason}`);
  return start.engine;
}

/** Mocha calls these before and after all tests of the process (`.mocharc.json`, require). */
export const mochaHooks = {
  /** Without a limit: on a new machine the engine has to be fetched first. Where there is none, `testDatabase` says so. */
  async beforeAll(this: Mocha.Context): Promise<void> {
    this.timeout(0);
    shared ??= startShared();
    await shared.catch(() => undefined);
  },

  async afterAll(): Promise<void> {
    const engine = await shared?.catch(() => null);
    await engine?.stop();
  },
};
