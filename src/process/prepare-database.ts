import type { Connection } from 'mongoose';
import { collections, type Foundation } from '../stores.ts';
import { connectDatabase } from '../storage/database.ts';
import { ensureIndexes, sweep } from '../storage/indexes.ts';
import type { KeptDatabase } from './keep-database.ts';
import { type Demo, provisionAtStart } from './provision-at-start.ts';

/** How often expired documents are deleted where the engine does not; milliseconds, as MongoDB's own TTL monitor. */
const SWEEP_MS = 60_000;

/**
 * What is done to the database once a start, by one process: indexes, provisioning file, sweeping from then on.
 * @throws IndexError, ProvisioningError
 */
export async function prepareDatabase({
  database,
  ...rest
}: Omit<Foundation, 'connection'> & { database: KeptDatabase }): Promise<{
  connection: Connection;
  demo: Demo;
  stop: () => Promise<void>;
}> {
  const { clock, log } = rest;
  const patient = await connectDatabase(database.uri, { patient: true });
  try {
    await ensureIndexes(patient.connection, collections);
  } finally {
    await patient.close();
  }

  const { connection, close } = await connectDatabase(database.uri);
  try {
    const demo = await provisionAtStart({ ...rest, connection });
    const clean = () => {
      sweep(connection, collections, clock()).catch((err: unknown) => log.warn({ err }, 'sweeping'));
    };
    const timer = database.ours ? setInterval(clean, SWEEP_MS) : null;
    const stop = async () => {
      if (timer) clearInterval(timer);
      await close();
    };
    return { connection, demo, stop };
  } catch (error) {
    await close();
    throw error;
  }
}
