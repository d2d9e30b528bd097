import type { Connection } from 'mongoose';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { AttemptStore } from './attempts.ts';
import type { Slot } from './slot.ts';

/** `_id` is unique by nature: the limits stand on it. */
export const attemptCollection: CollectionSpec = {
  name: 'attempts',
  indexes: [{ key: { group: 1, at: -1, by: 1 } }, { key: { expiresAt: 1 }, expireAfterSeconds: 0 }],
};

type Row = Omit<Slot, 'id'> & { _id: string };
/** How much was refused in a window. */
type CountRow = Pick<Row, '_id' | 'group' | 'at'> & { count: number; expiresAt: Date };

/** How long the number of a window is kept that nothing followed yet; milliseconds. */
const REMEMBERED = 30 * 24 * 60 * 60 * 1000;

/** Reserved attempts in MongoDB. */
export function attemptStore(connection: Connection): AttemptStore {
  const rows = connection.collection<Row>(attemptCollection.name);
  const counts = connection.collection<CountRow>(attemptCollection.name);

  async function giveBack(slots: readonly Slot[]): Promise<void> {
    const owners = slots.map(({ owner }) => owner);
    await rows.deleteMany({ _id: { $in: slots.map(({ id }) => id) }, owner: { $in: owners } });
  }

  return {
    async recent(groups, since, limit) {
      const found = await rows
        .find({ group: { $in: [...groups] }, at: { $gte: since } }, { projection: { group: 1, at: 1 } })
        .sort({ at: -1 })
        .limit(limit)
        .toArray();
      return found.map(({ _id, group, at }) => ({ id: _id, group, at }));
    },

    async take(slots) {
      try {
        await rows.insertMany(
          slots.map(({ id, ...slot }) => ({ _id: id, ...slot })),
          { ordered: true },
        );
        return true;
      } catch (error) {
        if ((error as { code?: unknown }).code !== 11000) throw error;
        // All or none: what came before the one that somebody has goes back.
        if ((error as { insertedCount?: unknown }).insertedCount !== 0) await giveBack(slots);
        return false;
      }
    },

    giveBack,

    async countRefused({ id, group, at }) {
      const expiresAt = new Date(at.getTime() + REMEMBERED);
      const row = await counts.findOneAndUpdate(
        { _id: id },
        { $inc: { count: 1 }, $setOnInsert: { group, at, expiresAt } },
        { upsert: true, returnDocument: 'after' },
      );
      if (row?.count !== 1) return { count: row?.count ?? 1, before: 0 };
      const [, last] = await counts.find({ group }).sort({ at: -1 }).limit(2).toArray();
      return { count: 1, before: last?.count ?? 0 };
    },

    async clear(failures) {
      const each = failures.map(({ group, by }) => (by === undefined ? { group } : { group, by }));
      // The groups beside what is cleared of each, because an index is walked by them.
      await rows.deleteMany({ group: { $in: failures.map(({ group }) => group) }, $or: each });
    },
  };
}
