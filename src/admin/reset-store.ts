import type { Connection } from 'mongoose';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { Reset, ResetStore } from './resets.ts';

export const resetCollection: CollectionSpec = {
  name: 'two_factor_resets',
  indexes: [
    { key: { slot: 1 }, unique: true },
    { key: { expiresAt: 1 }, expireAfterSeconds: 0 },
  ],
};

/** `slot`: the account while the reset is open, so that there is one at most; its own id afterwards. */
type Row = Omit<Reset, 'resetId'> & { _id: string; slot: string };

function toReset({ _id, slot, ...rest }: Row): Reset {
  void slot;
  return { resetId: _id, ...rest };
}

/** Resets of somebody's two factors in MongoDB. Each step is one conditional write. */
export function resetStore(connection: Connection): ResetStore {
  const rows = connection.collection<Row>(resetCollection.name);
  return {
    async insert({ resetId, ...reset }) {
      try {
        await rows.insertOne({ _id: resetId, slot: reset.accountId, ...reset });
        return true;
      } catch (error) {
        if ((error as { code?: unknown }).code === 11000) return false;
        throw error;
      }
    },

    async find(resetId) {
      const row = await rows.findOne({ _id: resetId });
      return row && toReset(row);
    },

    async findOpen({ tenantId, accountId }) {
      const row = await rows.findOne({ slot: accountId });
      return row && row.tenantId === tenantId ? toReset(row) : null;
    },

    async move(resetId, from, to) {
      const closed = to === 'done' || to === 'cancelled' ? { slot: resetId } : {};
      const row = await rows.findOneAndUpdate(
        { _id: resetId, state: { $in: [...from] } },
        { $set: { state: to, ...closed } },
        { returnDocument: 'after' },
      );
      return row && toReset(row);
    },
  };
}
