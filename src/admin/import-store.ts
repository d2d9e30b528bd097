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

/** `came`: how many outcomes there are, for the condition of the next step. One of the ids says who invites. */
type Row = Omit<Import, 'importId' | 'editor'> & {
  _id: string;
  came: number;
  accountId: string | null;
  clientId?: string | null;
};

function toImport({ _id, came, accountId, clientId, ...rest }: Row): Import {
  void came;
  const { tenantId } = rest;
  const editor =
    clientId == null
      ? ({ kind: 'person', who: { tenantId, accountId: accountId ?? '' } } as const)
      : ({ kind: 'client', clientId } as const);
  return { importId: _id, editor, ...rest };
}

/** Lists of people who are invited together, in MongoDB. Each step is one conditional write. */
export function importStore(connection: Connection): ImportStore {
  const rows = connection.collection<Row>(importCollection.name);
  return {
    async insert({ importId, editor, ...rest }) {
      const by =
        editor.kind === 'person'
          ? { accountId: editor.who.accountId, clientId: null }
          : { accountId: null, clientId: editor.clientId };
      try {
        await rows.insertOne({ _id: importId, came: 0, ...by, ...rest });
        return true;
      } catch (error) {
        if ((error as { code?: unknown }).code === 11000) return false;
        throw error;
      }
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
