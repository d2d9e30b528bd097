import type { AuditRecord } from './chain.ts';
import type { AuditEvent } from './events.ts';

/** Which events of one tenant; every part that is given narrows. */
export interface AuditFilter {
  readonly events?: readonly AuditEvent[];
  /** Events in which this account acted or was acted on. */
  readonly accountId?: string;
  /** Events in which this account was acted on, by itself or by others. */
  readonly subjectId?: string;
  /** At or after. */
  readonly from?: Date;
  /** Before. */
  readonly to?: Date;
}

/** Where a page ended; opaque to whoever carries it. */
export type AuditCursor = string;

export interface AuditPage {
  /** Newest first. */
  readonly records: readonly AuditRecord[];
  /** Where older events go on; null = this was the last page. */
  readonly next: AuditCursor | null;
  /** Where newer events end; null = these are the newest. */
  readonly previous: AuditCursor | null;
}

/** Which part of a list: what is older than `after`, or what is newer than `before`; neither = the newest. */
export interface AuditPlace {
  /** Events on a page, 1 to 500. */
  readonly limit: number;
  /** The `next` of the page before; a broken one starts at the newest. */
  readonly after?: AuditCursor | null;
  /** The `previous` of the page behind; a broken one starts at the newest. */
  readonly before?: AuditCursor | null;
}

export interface AuditSearch {
  list(tenantId: string, filter: AuditFilter, place: AuditPlace): Promise<AuditPage>;
  /** @param seq its number in the tenant's log */
  find(tenantId: string, seq: number): Promise<AuditRecord | null>;
  /** When `event` last happened to or by each of these accounts; who is missing has none that is kept. */
  lastOf(
    tenantId: string,
    event: AuditEvent,
    accountIds: readonly string[],
  ): Promise<ReadonlyMap<string, Date>>;
}

export function cursorOf(record: AuditRecord): AuditCursor {
  return `${record.at.getTime().toString(36)}-${record.seq.toString(36)}`;
}

export function readCursor(cursor: AuditCursor): { at: Date; seq: number } | null {
  const [at, seq] = /^([0-9a-z]{1,9})-([0-9a-z]{1,10})$/.exec(cursor)?.slice(1) ?? [];
  return at && seq ? { at: new Date(Number.parseInt(at, 36)), seq: Number.parseInt(seq, 36) } : null;
}
