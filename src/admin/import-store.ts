import type { Connection } from 'mongoose';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { Import, ImportStore } from './imports.ts';

export const importCollection: CollectionSpec = {
  name: 'imports',
  indexes: [
    { key: { tenantId: 1, accountId: 1, state: 1 } },
    { key: { expiresAt: 1 }, expireAfterSeconds: 0 },
  ],
};

/** `came`: how many outcomes there are, for the condition of the next step. */
type Row = Omit<Import, 'importId'> & { _id: string; came: number };

function toImport({ _id, came, ...rest }: Row): Import {
  void came;
  return { importId: _id, ...rest };
}

/** Lists of people who are invited together, in MongoDB. Each step is one conditional write. */
export function importStore(connection: Connection): ImportStore {
  const rows = connection.collection<Row>(importCollection.name);
  return {
    async insert({ importId, ...rest }) {
      await rows.insertOne({ _id: importId, came: 0, ...rest });
    },

    async find(importId) {
      const row = await rows.findOne({ _id: importId });
      return row && toImport(row);
    },

    async start(importId, by) {
      const waiting = { _id: importId, state: 'preview' } as const;
      const { modifiedCount } = await rows.updateOne(waiting, { $set: { state: 'running', ...by } });
      return modifiedCount === 1;
    },

    async advance({ importId, outcomes: before }, outcomes, done) {
      const here = { _id: importId, state: 'running', came: before.length } as const;
      const next = { outcomes: [...before, ...outcomes], came: before.length + outcomes.length };
      const { modifiedCount } = await rows.updateOne(here, {
        $set: { ...next, state: done ? 'done' : 'running' },
      });
      return modifiedCount === 1;
    },

    async findRunning({ tenantId, accountId }) {
      const row = await rows.findOne({ tenantId, accountId, state: 'running' });
      return row && toImport(row);
    },
  };
}
