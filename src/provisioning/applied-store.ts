import type { Connection } from 'mongoose';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { Applied, AppliedStore } from './applied.ts';

export const appliedCollection: CollectionSpec = { name: 'provisioned', indexes: [] };

interface Row {
  readonly _id: string;
  /** JSON text: names of values hold dots. */
  readonly applied: string;
}

/** Dates inside (`changedAt`) come back as text; nobody reads them. */
export function appliedStore(connection: Connection): AppliedStore {
  const rows = connection.collection<Row>(appliedCollection.name);
  return {
    async find(key) {
      const row = await rows.findOne({ _id: key });
      return row && (JSON.parse(row.applied) as Applied);
    },
    async save(key, applied) {
      await rows.replaceOne({ _id: key }, { applied: JSON.stringify(applied) }, { upsert: true });
    },
  };
}
