import type { Connection } from 'mongoose';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { Applied, AppliedStore } from './applied.ts';

export const appliedCollection: CollectionSpec = { name: 'provisioned', indexes: [] };

interface Row {
  readonly _id: string;
  /** JSON text: names of values hold dots. Absent while only the id is kept. */
  readonly applied?: string;
  readonly accountId?: string;
}

/** Dates inside (`changedAt`) come back as text; nobody reads them. */
export function appliedStore(connection: Connection): AppliedStore {
  const rows = connection.collection<Row>(appliedCollection.name);
  const reserved = async (key: string) => (await rows.findOne({ _id: key }))?.accountId ?? null;
  return {
    async find(key) {
      const row = await rows.findOne({ _id: key });
      return row?.applied === undefined ? null : (JSON.parse(row.applied) as Applied);
    },

    async save(key, applied) {
      await rows.updateOne({ _id: key }, { $set: { applied: JSON.stringify(applied) } }, { upsert: true });
    },

    reserved,

    async reserve(key, accountId) {
      try {
        await rows.insertOne({ _id: key, accountId });
      } catch (error) {
        if ((error as { code?: unknown }).code !== 11000) throw error;
        await rows.updateOne({ _id: key, accountId: { $exists: false } }, { $set: { accountId } });
      }
      return (await reserved(key)) ?? accountId;
    },
  };
}
