import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const contents = z.object({ pid: z.int().positive(), uri: z.string() });
const pathIn = (dataDir: string) => join(dataDir, 'running.json');

/**
 * Tells other commands on this machine where the database of a running Stile is: where it is a process of ours, nobody
 * else can open its data. @returns how it is told no longer
 */
export async function announceDatabase(dataDir: string, uri: string): Promise<() => Promise<void>> {
  const path = pathIn(dataDir);
  await writeFile(path, JSON.stringify({ pid: process.pid, uri }), { mode: 0o600 });
  return () => rm(path, { force: true });
}

/** @returns the database of a Stile that runs with this data directory now; null = none does */
export async function findAnnounced(dataDir: string): Promise<string | null> {
  try {
    const { pid, uri } = contents.parse(JSON.parse(await readFile(pathIn(dataDir), 'utf8')));
    process.kill(pid, 0); // throws when the process is gone: it was killed and could not take the file away
    return uri;
  } catch {
    return null;
  }
}
