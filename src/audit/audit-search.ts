import type { AuditRecord } from './chain.ts';
import type { AuditEvent } from './events.ts';

/** Which events of one tenant; every part that is given narrows. */
export interface AuditFilter {
  readonly events?: readonly AuditEvent[];
  /** Events in which this account acted or was acted on. */
  readonly accountId?: string;
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
  /** Null = this was the last page. */
  readonly next: AuditCursor | null;
}

export interface AuditSearch {
  /**
   * @param limit events on a page, 1 to 500
   * @param after the `next` of the page before; a broken one starts at the newest
   */
  list(
    tenantId: string,
    filter: AuditFilter,
    page: { limit: number; after?: AuditCursor | null },
  ): Promise<AuditPage>;
}

export function cursorOf(record: AuditRecord): AuditCursor {
  return `${record.at.getTime().toString(36)}-${record.seq.toString(36)}`;
}

export function readCursor(cursor: AuditCursor): { at: Date; seq: number } | null {
  const [at, seq] = /^([0-9a-z]{1,9})-([0-9a-z]{1,10})$/.exec(cursor)?.slice(1) ?? [];
  return at && seq ? { at: new Date(Number.parseInt(at, 36)), seq: Number.parseInt(seq, 36) } : null;
}
