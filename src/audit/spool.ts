import { appendFile, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { randomId } from '../core/random.ts';
import type { AuditFact } from './chain.ts';
import { AUDIT_EVENTS } from './events.ts';

/** Where sign-in events wait on the local disk while the store is slow or away (rule log-first). */
export interface Spool {
  /** Whether nothing waits. */
  isEmpty(): boolean;
  /** Resolves once the event is on the disk. Rejects when the disk or the spool is full. */
  add(fact: AuditFact): Promise<void>;
  /**
   * Hands what waits to `write`, oldest first; a file leaves the disk once all of it is written. One that holds
   * something unreadable stays as `*.damaged` for a person to look at.
   */
  drain(write: (facts: readonly AuditFact[]) => Promise<void>): Promise<void>;
}

/** Bytes that one process spools at most: some 200,000 sign-in events. */
const MAX_BYTES = 64 * 1024 * 1024;
/** A file that nobody wrote to for so long belongs to a process that has ended; milliseconds. */
const ORPHAN_AGE_MS = 60_000;

const ref = z.object({ tenantId: z.string(), accountId: z.string() }).nullable();
const text = z.string().nullable();
const factSchema = z.object({
  id: z.string(),
  tenantId: z.string(),
  at: z.coerce.date(),
  event: z.enum(AUDIT_EVENTS),
  actor: ref,
  subject: ref,
  accounts: z.array(z.string()),
  result: z.enum(['ok', 'refused']),
  method: text,
  reason: text,
  details: text,
  reference: text,
  source: text,
});

/** A line may be torn when the disk was full or the machine went down while it was written; it was not acknowledged. */
function parseLines(content: string): { facts: AuditFact[]; damaged: boolean } {
  const facts: AuditFact[] = [];
  let damaged = false;
  for (const line of content.split('\n').filter(Boolean)) {
    try {
      facts.push(factSchema.parse(JSON.parse(line)));
    } catch {
      damaged = true;
    }
  }
  return { facts, damaged };
}

/**
 * Opens the spool of this process and adopts what ended processes left behind.
 * @param now used only to tell how old such files are
 */
export async function openSpool(directory: string, now: Date): Promise<Spool> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const own = randomId();
  let made = 0;
  const nextFile = () => join(directory, `${own}.${String((made += 1)).padStart(6, '0')}.ndjson`);

  /** Files that are complete, oldest first. */
  const full: string[] = await adopt(directory, now, nextFile);
  let current: string | null = null;
  let bytes = 0;
  let turn: Promise<unknown> = Promise.resolve();

  return {
    isEmpty: () => current === null && full.length === 0,

    add(fact) {
      const line = `${JSON.stringify(fact)}\n`;
      const size = Buffer.byteLength(line);
      if (bytes + size > MAX_BYTES) return Promise.reject(new Error('the audit spool is full'));
      bytes += size;
      const file = (current ??= nextFile());
      // One after the other, so that the order on the disk is the order of events.
      const written = turn.then(() => appendFile(file, line, { mode: 0o600, flush: true }));
      turn = written.catch(() => undefined);
      return written;
    },

    async drain(write) {
      if (current) full.push(current);
      current = null;
      await turn;
      for (let file = full[0]; file; file = full[0]) {
        const content = await readFile(file, 'utf8').catch(missingIsEmpty);
        const { facts, damaged } = parseLines(content);
        await write(facts);
        await (damaged ? rename(file, `${file}.damaged`) : rm(file, { force: true }));
        full.shift();
        bytes = Math.max(0, bytes - Buffer.byteLength(content));
      }
    },
  };
}

function missingIsEmpty(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
  throw error;
}

/** Renaming is the claim: of several processes that start together, one gets each file. */
async function adopt(directory: string, now: Date, nextFile: () => string): Promise<string[]> {
  const found: { path: string; age: number }[] = [];
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const info = name.endsWith('.ndjson') ? await stat(path).catch(() => null) : null;
    if (info) found.push({ path, age: now.getTime() - info.mtimeMs });
  }
  const adopted: string[] = [];
  for (const { path } of found.filter(({ age }) => age > ORPHAN_AGE_MS).sort((a, b) => b.age - a.age)) {
    const mine = nextFile();
    const claimed = await rename(path, mine).then(
      () => true,
      () => false,
    );
    if (claimed) adopted.push(mine);
  }
  return adopted;
}
