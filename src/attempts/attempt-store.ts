import type { Connection } from 'mongoose';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { AttemptStore } from './attempts.ts';
import type { Slot } from './slot.ts';

/** `_id` is unique by nature: the limits stand on it. */
export const attemptCollection: CollectionSpec = {
  name: 'attempts',
  indexes: [{ key: { group: 1, at: -1 } }, { key: { expiresAt: 1 }, expireAfterSeconds: 0 }],
};

type Row = Omit<Slot, 'id'> & { _id: string };

/** Reserved attempts in MongoDB. */
export function attemptStore(connection: Connection): AttemptStore {
  const rows = connection.collection<Row>(attemptCollection.name);

  return {
    async recent(groups, since, limit) {
      const found = await rows
        .find({ group: { $in: [...groups] }, at: { $gte: since } }, { projection: { group: 1, at: 1 } })
        .sort({ at: -1 })
        .limit(limit)
        .toArray();
      return found.map(({ _id, group, at }) => ({ id: _id, group, at }));
    },

    async take({ id, ...slot }) {
      try {
        await rows.insertOne({ _id: id, ...slot });
        return true;
      } catch (error) {
        if ((error as { code?: unknown }).code === 11000) return false;
        throw error;
      }
    },

    async giveBack({ id, owner }) {
      await rows.deleteOne({ _id: id, owner });
    },

    async clear(groups) {
      await rows.deleteMany({ group: { $in: [...groups] } });
    },
  };
}
