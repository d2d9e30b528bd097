import type { Connection } from 'mongoose';
import type { AccountRef } from '../../core/account-ref.ts';
import type { CollectionSpec } from '../../storage/indexes.ts';
import type { SecurityKey, SecurityKeyStore } from './security-key.ts';

/** A credential belongs to one account of the whole installation. */
export const securityKeyCollection: CollectionSpec = {
  name: 'security_keys',
  indexes: [{ key: { credentialId: 1 }, unique: true }, { key: { tenantId: 1, accountId: 1 } }],
};

/** `heldUntil`: the write that lists it is on its way until then. */
type Row = Omit<SecurityKey, 'id'> & { _id: string; heldUntil?: Date };

/** What set-up, settings and provisioning do with keys beyond proving them. */
export interface SecurityKeys extends SecurityKeyStore {
  list(who: AccountRef): Promise<SecurityKey[]>;
  /** Whoever has it, in the whole installation; listed on an account or not. */
  findByCredential(credentialId: string): Promise<SecurityKey | null>;
  /**
   * It counts as soon as `account.methods` lists it, not before.
   * @returns false when the credential, or the id, is somebody's already
   */
  insert(key: SecurityKey): Promise<boolean>;
  rename(who: AccountRef, id: string, name: string): Promise<boolean>;
  remove(who: AccountRef, id: string): Promise<boolean>;
  /** Keeps a key that is about to be listed from being replaced. @returns false when it was replaced already */
  hold(who: AccountRef, id: string, until: Date): Promise<boolean>;
  /** Removes a key that nobody holds. @returns false when there is none */
  removeUnheld(who: AccountRef, id: string, now: Date): Promise<boolean>;
}

function toKey({ _id, heldUntil, ...row }: Row): SecurityKey {
  void heldUntil;
  return { id: _id, ...row };
}

/** Security keys in MongoDB. Public keys are no secret; nothing here is sealed. */
export function securityKeyStore(connection: Connection): SecurityKeys {
  const rows = connection.collection<Row>(securityKeyCollection.name);
  const one = ({ tenantId, accountId }: AccountRef, id: string) => ({ _id: id, tenantId, accountId });

  return {
    async findMany({ tenantId, accountId }, ids) {
      const found = await rows.find({ tenantId, accountId, _id: { $in: [...ids] } }).toArray();
      return found.map(toKey);
    },

    async use(key, { counter, ...seen }, at) {
      // The key's own order of signatures is the only one: what is not ahead of the newest is a replay or a copy.
      const ahead = counter === 0 ? { counter: 0 } : { counter: { $lt: counter } };
      const { matchedCount } = await rows.updateOne(
        { ...one(key, key.id), ...ahead },
        { $set: { ...seen, counter, lastUsedAt: at } },
      );
      return matchedCount === 1;
    },

    async list({ tenantId, accountId }) {
      const found = await rows.find({ tenantId, accountId }).toArray();
      return found.map(toKey);
    },

    async findByCredential(credentialId) {
      const row = await rows.findOne({ credentialId });
      return row && toKey(row);
    },

    async insert({ id, ...key }) {
      try {
        await rows.insertOne({ _id: id, ...key });
        return true;
      } catch (error) {
        if ((error as { code?: unknown }).code === 11000) return false;
        throw error;
      }
    },

    async rename(who, id, name) {
      const { matchedCount } = await rows.updateOne(one(who, id), { $set: { name } });
      return matchedCount === 1;
    },

    async hold(who, id, heldUntil) {
      const { matchedCount } = await rows.updateOne(one(who, id), { $set: { heldUntil } });
      return matchedCount === 1;
    },

    async removeUnheld(who, id, now) {
      const unheld = { $or: [{ heldUntil: { $exists: false } }, { heldUntil: { $lte: now } }] };
      const { deletedCount } = await rows.deleteOne({ ...one(who, id), ...unheld });
      return deletedCount === 1;
    },

    async remove(who, id) {
      const { deletedCount } = await rows.deleteOne(one(who, id));
      return deletedCount === 1;
    },
  };
}
