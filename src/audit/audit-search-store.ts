import type { Connection, mongo } from 'mongoose';
import {
  cursorOf,
  readCursor,
  type AuditFilter,
  type AuditPage,
  type AuditPlace,
  type AuditSearch,
} from './audit-search.ts';
import { auditCollection, BY_ACCOUNT, toRecord, type AuditRow } from './audit-store.ts';

const MAX_PAGE = 500;
/** Accounts that are looked up at once: some places of the pool stay for others. */
const AT_ONCE = 16;

const DIRECTIONS = {
  older: { beyond: '$lt', sort: { at: -1, seq: -1 } },
  newer: { beyond: '$gt', sort: { at: 1, seq: 1 } },
} as const;
type Direction = (typeof DIRECTIONS)[keyof typeof DIRECTIONS];

const later = (one: Date | undefined, other: Date | undefined) =>
  one && other ? (one > other ? one : other) : (one ?? other);

function queryOf(
  tenantId: string,
  { events, accountId, subjectId, from, to }: AuditFilter,
  { beyond }: Direction,
  place: { at: Date; seq: number } | null,
): mongo.Filter<AuditRow> {
  // The place is said twice for the index: the range to start in, and below exactly where in it.
  const least = later(from, beyond === '$gt' ? place?.at : undefined);
  const at = {
    ...(least ? { $gte: least } : {}),
    ...(to ? { $lt: to } : {}),
    ...(place && beyond === '$lt' ? { $lte: place.at } : {}),
  };
  return {
    tenantId,
    ...(events ? { event: { $in: [...events] } } : {}),
    ...(accountId === undefined ? {} : { accounts: accountId }),
    // The index knows whoever took part; the rest is read from what it finds.
    ...(subjectId === undefined ? {} : { accounts: subjectId, 'subject.accountId': subjectId }),
    ...(Object.keys(at).length > 0 ? { at } : {}),
    ...(place
      ? { $or: [{ at: { [beyond]: place.at } }, { at: place.at, seq: { [beyond]: place.seq } }] }
      : {}),
  };
}

/** Reads the log page by page, by key: a page costs the same however deep it lies. */
export function auditSearch(connection: Connection): AuditSearch {
  const rows = connection.collection<AuditRow>(auditCollection.name);

  async function list(
    tenantId: string,
    filter: AuditFilter,
    { limit, after = null, before = null }: AuditPlace,
  ): Promise<AuditPage> {
    const size = Math.min(Math.max(1, limit), MAX_PAGE);
    const newer = before === null ? null : readCursor(before);
    const older = after === null ? null : readCursor(after);
    const direction = newer ? DIRECTIONS.newer : DIRECTIONS.older;
    const query = queryOf(tenantId, filter, direction, newer ?? older);
    const found = await rows.find(query, { sort: direction.sort, limit: size + 1 }).toArray();
    const more = found.length > size;
    // The newest page is always a full one.
    if (newer && !more) return list(tenantId, filter, { limit });
    const records = found.slice(0, size).map(toRecord);
    if (newer) records.reverse();
    const [first, last] = [records[0], records.at(-1)];
    return {
      records,
      next: (more || newer) && last ? cursorOf(last) : null,
      previous: (newer ?? older) && first ? cursorOf(first) : null,
    };
  }

  return {
    list,

    async find(tenantId, seq) {
      const row = await rows.findOne({ tenantId, seq });
      return row && toRecord(row);
    },

    async lastOf(tenantId, event, accountIds) {
      const last = new Map<string, Date>();
      const queue = accountIds.values();
      async function work(): Promise<void> {
        for (const accountId of queue) {
          // By the events of that account, among which it is never far down; not by all of that name.
          const row = await rows.findOne(
            { tenantId, accounts: accountId, event },
            { sort: DIRECTIONS.older.sort, projection: { at: 1 }, hint: BY_ACCOUNT },
          );
          if (row) last.set(accountId, row.at);
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      return last;
    },
  };
}
