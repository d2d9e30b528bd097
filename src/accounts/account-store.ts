import type { Connection } from 'mongoose';
import { DomainError } from '../core/errors.ts';
import type { OwedMail } from '../notifications/owed-mails.ts';
import type { CollectionSpec } from '../storage/indexes.ts';
import { NOTHING_AHEAD, type ReadAhead } from '../storage/read-ahead.ts';
import { readTogether } from '../storage/read-together.ts';
import { type Account, normaliseEmail } from './account.ts';
import { type Accounts, derivedFields } from './accounts.ts';
import { type Kinds, kindsOf } from './kinds.ts';

/** The unique index makes an email one person of its tenant, and is the order that lists are paged in. */
export const accountCollection: CollectionSpec = {
  name: 'accounts',
  indexes: [
    { key: { tenantId: 1, email: 1 }, unique: true },
    { key: { tenantId: 1, state: 1, kinds: 1, email: 1 } },
    { key: { tenantId: 1, _id: 1 } },
    // By it the few admins are found among the many.
    { key: { tenantId: 1, roles: 1, email: 1 } },
    { key: { tenantId: 1, team: 1, email: 1 } },
    // Those whose codes run out.
    { key: { tenantId: 1, state: 1, codesLeft: 1, kinds: 1, email: 1 } },
    // Those whom a change was made for whose mail is not on its way (`owed-mail-store.ts`).
    { key: { 'owed.at': 1 } },
  ],
};

/**
 * `kinds` follows from `methods`, and `codesLeft` from `recovery`, each by the same write; people are counted and listed
 * by them (`roster-store.ts`).
 */
export type AccountRow = Omit<Account, 'accountId'> & {
  readonly _id: string;
  readonly kinds: Kinds;
  readonly codesLeft: number;
  /** Absent or empty = nothing. */
  readonly owed?: readonly OwedMail[];
};

const codesLeftOf = (recovery: Account['recovery']): number => recovery?.digests.length ?? 0;

export function toAccount({ _id, kinds, codesLeft, owed, ...rest }: AccountRow): Account {
  void kinds;
  void codesLeft;
  void owed;
  return { accountId: _id, ...rest };
}
/** The part of an update that leaves a change and its mail no moment between them. */
const pushed = (owed: readonly OwedMail[]) =>
  owed.length > 0 ? { $push: { owed: { $each: [...owed] } } } : {};

const isDuplicate = (error: unknown): boolean => (error as { code?: unknown }).code === 11000;

/**
 * Accounts in MongoDB; every change is one conditional write on one document.
 * @param ahead accounts that were read together with a token, for `findById`
 */
export function accountStore(connection: Connection, ahead: ReadAhead = NOTHING_AHEAD): Accounts {
  const rows = connection.collection<AccountRow>(accountCollection.name);
  const readById = readTogether<AccountRow>(rows, '_id');

  return {
    async find({ tenantId, accountId }) {
      const row = await rows.findOne({ _id: accountId, tenantId });
      return row && toAccount(row);
    },

    async findById(accountId) {
      const [row] = ahead.take<AccountRow>(accountCollection.name, accountId) ?? (await readById(accountId));
      return row ? toAccount(row) : null;
    },

    async findByEmail(tenantId, email) {
      const row = await rows.findOne({ tenantId, email: normaliseEmail(email) });
      return row && toAccount(row);
    },

    async insert({ accountId, ...rest }) {
      try {
        await rows.insertOne({
          _id: accountId,
          ...rest,
          email: normaliseEmail(rest.email),
          ...derivedFields(rest, rest),
          kinds: kindsOf(rest.methods),
          codesLeft: codesLeftOf(rest.recovery),
        });
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    },

    async save(account, { owed = [], ...changes }) {
      const email = changes.email === undefined ? {} : { email: normaliseEmail(changes.email) };
      const kinds = changes.methods === undefined ? {} : { kinds: kindsOf(changes.methods) };
      const codes = changes.recovery === undefined ? {} : { codesLeft: codesLeftOf(changes.recovery) };
      const unchanged = {
        _id: account.accountId,
        tenantId: account.tenantId,
        credVersion: account.credVersion,
      };
      const update = {
        $set: { ...changes, ...email, ...derivedFields(account, changes), ...kinds, ...codes },
        $inc: { credVersion: 1 },
        ...pushed(owed),
      };
      try {
        const row = await rows.findOneAndUpdate(unchanged, update, { returnDocument: 'after' });
        return row && toAccount(row);
      } catch (error) {
        if (isDuplicate(error)) throw new DomainError('refused', { cause: error, detail: 'email_taken' });
        throw error;
      }
    },

    async removeInvited({ tenantId, accountId, credVersion }) {
      const untouched = { _id: accountId, tenantId, credVersion, state: 'invited', password: null } as const;
      const { deletedCount } = await rows.deleteOne(untouched);
      return deletedCount === 1;
    },

    async upgradePassword({ tenantId, accountId }, from, to) {
      const same = { _id: accountId, tenantId, 'password.phc': from };
      const { modifiedCount } = await rows.updateOne(same, {
        // Field by field: a report that it is exposed stands.
        $set: { 'password.phc': to.phc, 'password.pepperId': to.pepperId },
      });
      return modifiedCount === 1;
    },

    async spendRecoveryDigest({ tenantId, accountId }, digest, owed = []) {
      const holding = { _id: accountId, tenantId, 'recovery.digests': digest };
      const spend = { $pull: { 'recovery.digests': digest }, $inc: { codesLeft: -1 }, ...pushed(owed) };
      const row = await rows.findOneAndUpdate(holding, spend, { returnDocument: 'after' });
      return row && (row.recovery?.digests.length ?? 0);
    },

    async giveRescueCode({ tenantId, accountId, credVersion, rescue: last }, { rescue, owed }) {
      const unchanged = { _id: accountId, tenantId, credVersion, 'rescue.code.id': last?.code.id ?? null };
      const { modifiedCount } = await rows.updateOne(unchanged, { $set: { rescue }, ...pushed(owed) });
      return modifiedCount === 1;
    },

    async spendRescueCode({ tenantId, accountId, credVersion }, { digest, now, owed }) {
      const live = {
        'rescue.code.digest': digest,
        'rescue.code.credVersion': credVersion,
        'rescue.code.usedAt': null,
        'rescue.code.expiresAt': { $gt: now },
      };
      const { modifiedCount } = await rows.updateOne(
        { _id: accountId, tenantId, credVersion, ...live },
        { $set: { 'rescue.code.usedAt': now }, ...pushed(owed) },
      );
      return modifiedCount === 1;
    },

    async countSkip({ tenantId, accountId }, signInUid, { most, until }) {
      const neverHadOne = { _id: accountId, tenantId, firstMethodAt: null };
      const left = most === null ? {} : { skips: { $lt: most } };
      const { modifiedCount } = await rows.updateOne(
        { ...neverHadOne, ...left, lastSkipIn: { $ne: signInUid } },
        {
          $inc: { skips: 1 },
          $set: { lastSkipIn: signInUid },
          ...(until === null ? {} : { $min: { graceUntil: until } }),
        },
      );
      if (modifiedCount === 1) return true;
      return (await rows.findOne({ ...neverHadOne, lastSkipIn: signInUid })) !== null;
    },

    async list(tenantId, { after, limit }) {
      const filter = after === null ? { tenantId } : { tenantId, email: { $gt: after } };
      const found = await rows
        .find(filter)
        .sort({ email: 1 })
        .limit(limit + 1)
        .toArray();
      const accounts = found.slice(0, limit).map(toAccount);
      return { accounts, next: found.length > limit ? (accounts.at(-1)?.email ?? null) : null };
    },
  };
}
