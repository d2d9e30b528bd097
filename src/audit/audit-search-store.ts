import type { Connection, mongo } from 'mongoose';
import { cursorOf, readCursor, type AuditFilter, type AuditSearch } from './audit-search.ts';
import { auditCollection, toRecord, type AuditRow } from './audit-store.ts';

const MAX_PAGE = 500;

function queryOf(tenantId: string, filter: AuditFilter, after: string | null): mongo.Filter<AuditRow> {
  const place = after === null ? null : readCursor(after);
  const at: { $gte?: Date; $lt?: Date; $lte?: Date } = {};
  if (filter.from) at.$gte = filter.from;
  if (filter.to) at.$lt = filter.to;
  // Said twice for the index: the range to start in, and the exact place within it.
  if (place) at.$lte = place.at;
  return {
    tenantId,
    ...(filter.events ? { event: { $in: [...filter.events] } } : {}),
    ...(filter.accountId === undefined ? {} : { accounts: filter.accountId }),
    ...(Object.keys(at).length > 0 ? { at } : {}),
    ...(place ? { $or: [{ at: { $lt: place.at } }, { at: place.at, seq: { $lt: place.seq } }] } : {}),
  };
}

/** Reads the log page by page, by key: a page costs the same however deep it lies. */
export function auditSearch(connection: Connection): AuditSearch {
  const rows = connection.collection<AuditRow>(auditCollection.name);
  return {
    async list(tenantId, filter, { limit, after = null }) {
      const size = Math.min(Math.max(1, limit), MAX_PAGE);
      const query = queryOf(tenantId, filter, after);
      const found = await rows.find(query, { sort: { at: -1, seq: -1 }, limit: size + 1 }).toArray();
      const records = found.slice(0, size).map(toRecord);
      const last = records.at(-1);
      return { records, next: found.length > size && last ? cursorOf(last) : null };
    },
  };
}
