import type { Connection } from 'mongoose';
import type { CollectionSpec } from '../storage/indexes.ts';
import { MOST_CODE_TRIES } from '../second-factor/mailed-codes.ts';
import { NOTHING_AHEAD, type ReadAhead } from '../storage/read-ahead.ts';
import { readTogether } from '../storage/read-together.ts';
import { MAX_TRIES } from './next-step.ts';
import type { OpenChallenge, SignIn } from './sign-in.ts';
import type { SignInStore } from './sign-ins.ts';

export const signInCollection: CollectionSpec = {
  name: 'sign_ins',
  indexes: [{ key: { expiresAt: 1 }, expireAfterSeconds: 0 }],
};

type Row = Omit<SignIn, 'uid'> & { _id: string };

/** Where accounts are: a sign-in brings along whose it is, who decides every step of it. */
const ACCOUNTS = 'accounts';
const owner = { from: ACCOUNTS, localField: 'accountId', foreignField: '_id', as: 'accounts' };
type FoundRow = Row & { readonly accounts?: readonly object[] };

const toSignIn = ({ _id, ...rest }: Row): SignIn => ({ uid: _id, ...rest });

/**
 * Sign-ins in MongoDB. Every write is one conditional write; expiry is checked on read.
 * @param ahead shared with the store of accounts, so that the account read with a sign-in is not read again
 */
export function signInStore(connection: Connection, ahead: ReadAhead = NOTHING_AHEAD): SignInStore {
  const rows = connection.collection<Row>(signInCollection.name);
  const readById = readTogether<FoundRow>(rows, '_id', [owner]);
  const after = { returnDocument: 'after' } as const;

  return {
    async find(uid, now) {
      const [found] = await readById(uid);
      if (!found || found.expiresAt <= now) return null;
      const { accounts, ...row } = found;
      if (accounts && row.accountId !== null) ahead.put(ACCOUNTS, row.accountId, accounts);
      return toSignIn(row);
    },

    async insert({ uid, ...rest }) {
      try {
        await rows.insertOne({ _id: uid, ...rest });
        return true;
      } catch (error) {
        if ((error as { code?: unknown }).code === 11000) return false;
        throw error;
      }
    },

    async begin({ uid, version, expiresAt, clientId, ...proved }, now) {
      const open = { _id: uid, finished: false, expiresAt: { $gt: now } };
      const update = { $set: proved, $inc: { version: 1 }, $setOnInsert: { expiresAt, clientId } };
      void version;
      try {
        const row = await rows.findOneAndUpdate(open, update, { ...after, upsert: true });
        return row && toSignIn(row);
      } catch (error) {
        if ((error as { code?: unknown }).code === 11000) return null;
        throw error;
      }
    },

    async move(signIn, changes) {
      const unchanged = { _id: signIn.uid, version: signIn.version, finished: false };
      const row = await rows.findOneAndUpdate(unchanged, { $set: changes, $inc: { version: 1 } }, after);
      return row && toSignIn(row);
    },

    async countTry(uid) {
      const { modifiedCount } = await rows.updateOne(
        { _id: uid, finished: false, tries: { $lt: MAX_TRIES } },
        { $inc: { tries: 1 } },
      );
      return modifiedCount === 1;
    },

    async takeTry(uid, method) {
      const before = await rows.findOneAndUpdate(
        { _id: uid, finished: false, tries: { $lt: MAX_TRIES }, 'challenge.method': method },
        { $inc: { tries: 1 }, $set: { challenge: null } },
        { returnDocument: 'before' },
      );
      return before?.challenge ?? null;
    },

    async forgiveTry(uid) {
      await rows.updateOne({ _id: uid, tries: { $gt: 0 } }, { $inc: { tries: -1 } });
    },

    async countCodeTry(uid, sealed) {
      const open = { 'enrolmentCode.sealed': sealed, 'enrolmentCode.tries': { $lt: MOST_CODE_TRIES } };
      const { modifiedCount } = await rows.updateOne(
        { _id: uid, finished: false, ...open },
        { $inc: { 'enrolmentCode.tries': 1 } },
      );
      return modifiedCount === 1;
    },

    async putChallenge(uid, challenge: OpenChallenge) {
      await rows.updateOne({ _id: uid, finished: false }, { $set: { challenge } });
    },
  };
}
