import type { Connection } from 'mongoose';
import { MOST_CODE_TRIES, type MailedCode } from '../second-factor/mailed-codes.ts';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { AskedProof, FreshProof, FreshProofStore } from './fresh-proof.ts';

export const freshProofCollection: CollectionSpec = {
  name: 'fresh_proofs',
  indexes: [{ key: { expiresAt: 1 }, expireAfterSeconds: 0 }],
};

interface Row {
  /** The session's uid. */
  readonly _id: string;
  readonly proof?: FreshProof;
  readonly asked?: AskedProof | null;
  /** Client id. */
  readonly cameFrom?: string | null;
  readonly expiresAt: Date;
}

/** Fresh proofs in MongoDB, beside what is asked for them, one document a session. */
export function freshProofStore(connection: Connection): FreshProofStore {
  const rows = connection.collection<Row>(freshProofCollection.name);

  async function set(_id: string, fields: Partial<Row>): Promise<void> {
    const write = () => rows.updateOne({ _id }, { $set: fields }, { upsert: true });
    // Of two first ones at the same moment one finds the other's document there: it writes into that.
    await write().catch((error: unknown) => {
      if ((error as { code?: unknown }).code === 11000) return write();
      throw error;
    });
  }

  /** That very proof; a later one, or one that another change has ended, is not it. */
  const same = (
    { sessionUid, accountId, credVersion, at }: FreshProof,
    code: MailedCode | null | undefined,
  ) => ({
    _id: sessionUid,
    'proof.accountId': accountId,
    'proof.credVersion': credVersion,
    'proof.at': at,
    'proof.mailedCode.sealed': code?.sealed ?? null,
  });

  async function changes(filter: object, update: object): Promise<boolean> {
    const { modifiedCount } = await rows.updateOne(filter, update);
    return modifiedCount === 1;
  }

  return {
    async find(sessionUid, now) {
      const row = await rows.findOne({ _id: sessionUid, expiresAt: { $gt: now } });
      return row?.proof ?? null;
    },

    put: (proof, expiresAt, more = undefined) =>
      set(proof.sessionUid, { proof, asked: null, expiresAt, ...more }),

    async cameFrom(sessionUid, now) {
      const row = await rows.findOne({ _id: sessionUid, expiresAt: { $gt: now } });
      return row?.cameFrom ?? null;
    },

    async carry({ sessionUid, accountId, credVersion }, next) {
      const same = { _id: sessionUid, 'proof.accountId': accountId, 'proof.credVersion': credVersion };
      await rows.updateOne(same, { $set: { 'proof.credVersion': next } });
    },

    putCode: (proof, code) => changes(same(proof, proof.mailedCode), { $set: { 'proof.mailedCode': code } }),

    countCodeTry: (proof, code) =>
      changes(
        { ...same(proof, code), 'proof.mailedCode.tries': { $lt: MOST_CODE_TRIES } },
        { $inc: { 'proof.mailedCode.tries': 1 } },
      ),

    proveByCode: (proof, code) =>
      changes(same(proof, code), { $set: { 'proof.mailedCode': null, 'proof.enrolmentProved': 'email' } }),

    ask: (sessionUid, asked, expiresAt) => set(sessionUid, { asked, expiresAt }),

    async take(sessionUid, method, now) {
      const holding = { _id: sessionUid, 'asked.method': method, expiresAt: { $gt: now } };
      const row = await rows.findOneAndUpdate(
        holding,
        { $set: { asked: null } },
        { returnDocument: 'before' },
      );
      return row?.asked ?? null;
    },
  };
}
