import type { Connection } from 'mongoose';
import { MOST_CODE_TRIES, type MailedCode } from '../second-factor/mailed-codes.ts';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { AskedProof, FreshProof, FreshProofStore } from './fresh-proof.ts';

export const freshProofCollection: CollectionSpec = {
  name: 'fresh_proofs',
  indexes: [{ key: { expiresAt: 1 }, expireAfterSeconds: 0 }],
};

interface Row {
  /** Digest of the session's id. */
  readonly _id: string;
  readonly proof?: FreshProof;
  readonly asked?: AskedProof | null;
  /** Client id. */
  readonly cameFrom?: string | null;
  readonly expiresAt: Date;
}

/** Fresh proofs in MongoDB, beside what is asked for them, one document an id of a session. */
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
    { sessionKey, accountId, credVersion, at }: FreshProof,
    code: MailedCode | null | undefined,
  ) => ({
    _id: sessionKey,
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
    async find(sessionKey, now) {
      const row = await rows.findOne({ _id: sessionKey, expiresAt: { $gt: now } });
      return row?.proof ?? null;
    },

    put: (proof, expiresAt, more = undefined) =>
      set(proof.sessionKey, { proof, asked: null, expiresAt, ...more }),

    async cameFrom(sessionKey, now) {
      const row = await rows.findOne({ _id: sessionKey, expiresAt: { $gt: now } });
      return row?.cameFrom ?? null;
    },

    async carry({ sessionKey, accountId, credVersion }, next) {
      const same = { _id: sessionKey, 'proof.accountId': accountId, 'proof.credVersion': credVersion };
      await rows.updateOne(same, { $set: { 'proof.credVersion': next } });
    },

    async move(before, sessionKey) {
      const row = await rows.findOneAndDelete({ _id: before });
      if (!row) return;
      const { proof, cameFrom, expiresAt } = row;
      await set(sessionKey, {
        ...(proof ? { proof: { ...proof, sessionKey } } : {}),
        ...(cameFrom === undefined ? {} : { cameFrom }),
        expiresAt,
      });
    },

    putCode: (proof, code) => changes(same(proof, proof.mailedCode), { $set: { 'proof.mailedCode': code } }),

    countCodeTry: (proof, code) =>
      changes(
        { ...same(proof, code), 'proof.mailedCode.tries': { $lt: MOST_CODE_TRIES } },
        { $inc: { 'proof.mailedCode.tries': 1 } },
      ),

    proveByCode: (proof, code) =>
      changes(same(proof, code), { $set: { 'proof.mailedCode': null, 'proof.enrolmentProved': 'email' } }),

    ask: (sessionKey, asked, expiresAt) => set(sessionKey, { asked, expiresAt }),

    async take(sessionKey, method, now) {
      const holding = { _id: sessionKey, 'asked.method': method, expiresAt: { $gt: now } };
      const row = await rows.findOneAndUpdate(
        holding,
        { $set: { asked: null } },
        { returnDocument: 'before' },
      );
      return row?.asked ?? null;
    },
  };
}
