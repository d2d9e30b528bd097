import { resolve } from 'node:path';
import type { Connection } from 'mongoose';
import { type Config, readConfig } from '../config.ts';
import { systemClock } from '../core/clock.ts';
import { createLogger } from '../http/log.ts';
import { findKeys } from '../key-file.ts';
import type { Keys } from '../keys.ts';
import { findAnnounced } from '../process/running-file.ts';
import { connectDatabase } from '../storage/database.ts';
import { findDatabase } from '../storage/find-database.ts';
import { openStores, type Stores } from '../stores.ts';

/** What a command works with. */
export interface Opened {
  readonly config: Config;
  readonly keys: Keys;
  readonly connection: Connection;
  readonly stores: Stores;
}

/** A command did its work and the answer is no: exit code 1. The message is for the person at the terminal. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** Progress and warnings; results go to standard output alone, so that they can be piped. */
export const tell = (text: string): void => console.error(text);
export const print = (text: string): void => console.log(text);

/**
 * Prints a result for people or, with `--json`, for programs.
 * @param lines what people read
 */
export function show(json: boolean | undefined, value: unknown, lines: readonly string[]): void {
  print(json ? JSON.stringify(value, null, 2) : lines.join('\n'));
}

/** @returns columns that stand below each other */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>(
    (most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Finds the database: the one of a Stile that runs here, or the ladder of `npm start` (ADR 2). */
export async function reachDatabase({ mongodbUri, dataDir, mode }: Config) {
  const announced = mongodbUri === undefined ? await findAnnounced(dataDir) : null;
  if (announced !== null)
    return { uri: announced, name: 'the database of the running Stile', stop: async () => {} };
  return findDatabase({
    mongodbUri,
    dataDir: resolve(dataDir),
    production: mode === 'production',
    say: tell,
  });
}

/** Opens the stores, works, and closes everything whatever happens. */
export async function withStores<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
  const config = readConfig();
  const keys = await findKeys(config);
  const database = await reachDatabase(config);
  try {
    const { connection, close } = await connectDatabase(database.uri);
    try {
      const log = createLogger({ level: 'error' });
      const stores = await openStores({ config, keys, connection, clock: systemClock, log });
      try {
        return await work({ config, keys, connection, stores });
      } finally {
        await stores.operations.stop();
      }
    } finally {
      await close();
    }
  } finally {
    await database.stop();
  }
}
