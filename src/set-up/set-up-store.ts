import type { Connection } from 'mongoose';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { SetUp } from './set-up.ts';
import type { SetUpStore } from './ports.ts';

export const setUpCollection: CollectionSpec = {
  name: 'set_ups',
  indexes: [{ key: { expiresAt: 1 }, expireAfterSeconds: 0 }],
};

type Row = Omit<SetUp, 'owner'> & { _id: string };

const toSetUp = ({ _id, ...rest }: Row): SetUp => ({ owner: _id, ...rest });

/** Set-ups in MongoDB, one an owner. A write names the set-up that it means, and finds no other. */
export function setUpStore(connection: Connection): SetUpStore {
  const rows = connection.collection<Row>(setUpCollection.name);
  const before = { returnDocument: 'before' } as const;
  const one = ({ owner, id }: Pick<SetUp, 'owner' | 'id'>) => ({ _id: owner, id });

  async function changes(filter: object, update: object): Promise<boolean> {
    const { modifiedCount } = await rows.updateOne(filter, update);
    return modifiedCount === 1;
  }

  return {
    async find(owner, now) {
      const row = await rows.findOne({ _id: owner, expiresAt: { $gt: now } });
      return row && toSetUp(row);
    },

    async put({ owner, ...rest }) {
      const replace = () => rows.replaceOne({ _id: owner }, rest, { upsert: true });
      // Of two first ones at the same moment one finds the other in its place: it replaces that.
      await replace().catch((error: unknown) => {
        if ((error as { code?: unknown }).code === 11000) return replace();
        throw error;
      });
    },

    markShown: (setUp) => changes({ ...one(setUp), 'codes.shown': false }, { $set: { 'codes.shown': true } }),

    async acknowledge(setUp) {
      const { matchedCount } = await rows.updateOne(one(setUp), { $set: { 'codes.sealed': null } });
      return matchedCount === 1;
    },

    async putChallenge(setUp, challenge) {
      const { matchedCount } = await rows.updateOne(one(setUp), { $set: { challenge } });
      return matchedCount === 1;
    },

    async giveBack(setUp, challenge) {
      await changes({ ...one(setUp), challenge: null }, { $set: { challenge } });
    },

    async takeChallenge(setUp, kind) {
      const holding = { ...one(setUp), 'challenge.kind': kind };
      const row = await rows.findOneAndUpdate(holding, { $set: { challenge: null } }, before);
      return row?.challenge ?? null;
    },

    prove: (setUp, proved) => changes({ ...one(setUp), proved: null }, { $set: { proved } }),

    async takeProved(setUp) {
      const holding = { ...one(setUp), proved: { $ne: null } };
      const row = await rows.findOneAndUpdate(holding, { $set: { proved: null } }, before);
      return row?.proved ?? null;
    },

    async remove(setUp) {
      await rows.deleteOne(one(setUp));
    },
  };
}
