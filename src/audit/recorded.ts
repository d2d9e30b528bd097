import { DomainError } from '../core/errors.ts';
import type { Audit, AuditEntry } from './audit.ts';

/** A conditional write, and what the log is told of it. */
export interface RecordedWrite<Saved> {
  /** Everything that is true once it is written, each with the result `ok`. */
  readonly entries: readonly AuditEntry[];
  /** @returns null or false when nothing was written. @throws DomainError only where nothing was written either */
  readonly write: () => Promise<Saved | null | false>;
  /** Why nothing was written, for the log; absent = `changed_meanwhile`. */
  readonly lost?: string;
}

/**
 * The log is told before the write, so that nothing is true that could not be recorded (rule log-first). When nothing was
 * written, it is told that too, of every event. After any other error nobody knows whether it was written, and the log
 * stands.
 * @returns what was written; null when nothing was
 */
export async function recorded<Saved>(
  audit: Audit,
  { entries, write, lost = 'changed_meanwhile' }: RecordedWrite<Saved>,
): Promise<Saved | null> {
  async function refused(reason: string): Promise<void> {
    for (const entry of entries) await audit.record({ ...entry, result: 'refused', reason });
  }
  for (const entry of entries) await audit.record(entry);
  let saved: Saved | null | false;
  try {
    saved = await write();
  } catch (error) {
    if (error instanceof DomainError) await refused(error.detail ?? error.code);
    throw error;
  }
  if (saved !== null && saved !== false) return saved;
  await refused(lost);
  return null;
}
