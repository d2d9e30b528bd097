import type { Connection } from 'mongoose';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { SealedCodes, SealedCodesStore } from './new-lists.ts';

export const newCodesCollection: CollectionSpec = {
  name: 'new_codes',
  indexes: [{ key: { expiresAt: 1 }, expireAfterSeconds: 0 }],
};

type Row = Omit<SealedCodes, 'salt'> & { _id: string };

/** New recovery codes in MongoDB, sealed, for the minutes until they are saved. */
export function newCodesStore(connection: Connection): SealedCodesStore {
  const rows = connection.collection<Row>(newCodesCollection.name);
  return {
    async find(salt, now) {
      const row = await rows.findOne({ _id: salt, expiresAt: { $gt: now } });
      if (!row) return null;
      const { _id, ...rest } = row;
      return { salt: _id, ...rest };
    },

    async insert({ salt, ...rest }) {
      await rows.insertOne({ _id: salt, ...rest });
    },

    async markShown(salt) {
      const { modifiedCount } = await rows.updateOne({ _id: salt, shown: false }, { $set: { shown: true } });
      return modifiedCount === 1;
    },

    async remove(salt) {
      await rows.deleteOne({ _id: salt });
    },
  };
}
