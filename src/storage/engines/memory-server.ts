import { join, resolve } from 'node:path';
import type { Engine } from './engine.ts';
import { startMongod } from './mongod.ts';

/** The MongoDB that is fetched; a version that is still maintained (endoflife.date/mongodb). */
const VERSION = '8.0.17';
const folder = join(resolve(import.meta.dirname, '../../..'), 'node_modules/.cache/stile/mongodb');
/** How long the download's host may take to answer at all; milliseconds. Closed networks often answer never. */
const PATIENCE = 2_500;

/** A mongod that mongodb-memory-server-core downloads once; data and process are ours, not in memory at all. */
export const memoryServer: Engine = {
  way: 'Let this machine reach fastdl.mongodb.org once: Stile downloads MongoDB from there.',

  async start(request) {
    try {
      // A development dependency: an installation has no such rung, and names its database.
      const { DryMongoBinary, MongoBinary } = await import('mongodb-memory-server-core');
      const known = await DryMongoBinary.locateBinary({ version: VERSION, downloadDir: folder });
      const refusal = known === undefined ? await whyUnreachable() : null;
      if (refusal !== null) return { reason: refusal };
      if (known === undefined) request.say?.('downloading MongoDB, once');
      const binary = known ?? (await MongoBinary.getPath({ version: VERSION, downloadDir: folder }));
      return await startMongod(binary, VERSION, request);
    } catch (error) {
      if (error instanceof Error && error.name === 'DatabaseRefused') throw error;
      return {
        reason: `MongoDB could not be downloaded: ${error instanceof Error ? error.message : String(error)}`,
      };
    }
  },
};

/** Asks before downloading, because the download itself tries for minutes. */
async function whyUnreachable(): Promise<string | null> {
  try {
    await fetch('https://fastdl.mongodb.org/', { method: 'HEAD', signal: AbortSignal.timeout(PATIENCE) });
    return null;
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    return `MongoDB cannot be downloaded from here (${cause?.code ?? 'no answer'})`;
  }
}
