import type { Connection } from 'mongoose';
import type { Keyring } from '../keys.ts';
import {
  auditCollection,
  auditMarkCollection,
  toRecord,
  type AuditRow,
  type MarkRow,
} from './audit-store.ts';
import { seal, type AuditRecord, type Place } from './chain.ts';
import { verifyChain, type Verification } from './verification.ts';

/** How long events are kept; days. */
export const AUDIT_RETENTION_DAYS = 365;

export interface AuditChecks {
  /** Finds the first break in one tenant's log. */
  verify(tenantId: string): Promise<Verification>;
  /** Checks every tenant that has a log or marks; for `cli audit verify`. */
  verifyAll(): AsyncIterable<Verification>;
  /** The last known place of every log, to be kept outside the database (rule audit-chain). */
  heads(): AsyncIterable<{ tenantId: string } & Place>;
  /**
   * Removes the events at the front of each log that are older than the retention. The last event stays, so that
   * the chain has something to go on from.
   * @returns how many
   */
  prune(now: Date): Promise<number>;
}

export function auditChecks(connection: Connection, keys: Keyring): AuditChecks {
  const rows = connection.collection<AuditRow>(auditCollection.name);
  const marks = connection.collection<MarkRow>(auditMarkCollection.name);

  async function* recordsFrom(tenantId: string, seq: number): AsyncIterable<AuditRecord> {
    const cursor = rows.find({ tenantId, seq: { $gt: seq } }, { sort: { seq: 1 }, batchSize: 500 });
    for await (const row of cursor) yield toRecord(row);
  }

  async function tenantIds(): Promise<string[]> {
    const marked = await marks.find({}, { projection: { _id: 1 } }).toArray();
    const logged = await rows.distinct('tenantId', {});
    return [...new Set([...marked.map((row) => row._id), ...logged])].sort();
  }

  async function verify(tenantId: string): Promise<Verification> {
    // Marks first: what is appended meanwhile lies behind the head and is checked as well.
    const found = await marks.findOne({ _id: tenantId });
    return verifyChain(tenantId, recordsFrom(tenantId, found?.start.seq ?? 0), found, keys);
  }

  /** The first event that stays; null = nothing to remove. */
  async function firstKept(tenantId: string, before: Date): Promise<AuditRow | null> {
    const young = await rows.findOne({ tenantId, at: { $gte: before } }, { sort: { seq: 1 } });
    return young ?? rows.findOne({ tenantId }, { sort: { seq: -1 } });
  }

  async function pruneTenant(tenantId: string, before: Date): Promise<number> {
    const kept = await firstKept(tenantId, before);
    if (!kept) return 0;
    const place = { seq: kept.seq - 1, hash: kept.previous };
    // The start moves first: events before it are out of the log from then on, whenever they are deleted.
    await marks.updateOne(
      { _id: tenantId, 'start.seq': { $lt: place.seq } },
      { $set: { start: seal('start', tenantId, place, keys) } },
    );
    const { deletedCount } = await rows.deleteMany({ tenantId, seq: { $lte: place.seq } });
    return deletedCount;
  }

  return {
    verify,

    async *verifyAll() {
      for (const tenantId of await tenantIds()) yield await verify(tenantId);
    },

    async *heads() {
      for await (const row of marks.find({}))
        yield { tenantId: row._id, seq: row.head.seq, hash: row.head.hash };
    },

    async prune(now) {
      const before = new Date(now.getTime() - AUDIT_RETENTION_DAYS * 24 * 60 * 60 * 1000);
      let removed = 0;
      for (const tenantId of await tenantIds()) removed += await pruneTenant(tenantId, before);
      return removed;
    },
  };
}
