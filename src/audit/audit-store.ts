import type { Connection } from 'mongoose';
import type { Keyring } from '../keys.ts';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { ChainStore } from './appender.ts';
import { BEGINNING, seal, type AuditRecord, type Mark } from './chain.ts';

/** The index by which the events of one account are found. */
export const BY_ACCOUNT = { tenantId: 1, accounts: 1, at: -1, seq: -1 } as const;

/** No expiry here: an index would cut the chain without moving its start (see audit-check-store.ts). */
export const auditCollection: CollectionSpec = {
  name: 'audit_events',
  indexes: [
    { key: { tenantId: 1, seq: 1 }, unique: true },
    { key: { tenantId: 1, at: -1, seq: -1 } },
    { key: { tenantId: 1, event: 1, at: -1, seq: -1 } },
    { key: BY_ACCOUNT },
  ],
};

/** One document a tenant: the sealed places of the log's two ends. Found by `_id` alone. */
export const auditMarkCollection: CollectionSpec = { name: 'audit_marks', indexes: [] };

export type AuditRow = Omit<AuditRecord, 'id'> & { _id: string };

/** The marks of one tenant (`_id`); `headSeq` repeats `head.seq` for the conditional write. */
export interface MarkRow {
  readonly _id: string;
  readonly head: Mark;
  readonly headSeq: number;
  readonly start: Mark;
}

const isDuplicate = (error: unknown) => (error as { code?: unknown }).code === 11_000;

/** Index of the write that stopped an ordered bulk. The driver's `insertedCount` counts it on some servers. */
function firstFailed(error: unknown): number {
  const { writeErrors } = error as { writeErrors?: { index: number } | { index: number }[] };
  const [first] = [writeErrors ?? []].flat();
  return first?.index ?? 0;
}

export const toRow = ({ id, ...rest }: AuditRecord): AuditRow => ({ _id: id, ...rest });
export const toRecord = ({ _id, ...rest }: AuditRow): AuditRecord => ({ id: _id, ...rest });

/** The chains in MongoDB: a number is taken by a unique insert, the head mark moves by one conditional write. */
export function auditChainStore(connection: Connection, keys: Keyring): ChainStore {
  const rows = connection.collection<AuditRow>(auditCollection.name);
  const marks = connection.collection<MarkRow>(auditMarkCollection.name);

  async function insertMarks(tenantId: string): Promise<void> {
    const head = seal('head', tenantId, BEGINNING, keys);
    const start = seal('start', tenantId, BEGINNING, keys);
    try {
      await marks.insertOne({ _id: tenantId, head, headSeq: head.seq, start });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
  }

  return {
    async tail(tenantId) {
      const last = await rows.findOne({ tenantId }, { sort: { seq: -1 }, projection: { seq: 1, hash: 1 } });
      if (last) return { seq: last.seq, hash: last.hash };
      await insertMarks(tenantId);
      return BEGINNING;
    },

    async insert(records) {
      try {
        await rows.insertMany(records.map(toRow), { ordered: true });
        return { written: records.length, collision: null };
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        const written = firstFailed(error);
        const stopped = records[written];
        const there = stopped && (await rows.findOne({ _id: stopped.id }, { projection: { _id: 1 } }));
        return { written, collision: there ? 'event' : 'place' };
      }
    },

    async moveHead(tenantId, place) {
      const head = seal('head', tenantId, place, keys);
      await marks.updateOne(
        { _id: tenantId, headSeq: { $lt: place.seq } },
        { $set: { head, headSeq: place.seq } },
      );
    },
  };
}
