import { createHash } from 'node:crypto';
import type { Connection } from 'mongoose';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { Vault } from '../storage/vault.ts';
import type { Typed, TypedFormStore, TypedPlace } from './typed-forms.ts';

export const typedFormCollection: CollectionSpec = {
  name: 'typed_forms',
  indexes: [{ key: { expiresAt: 1 }, expireAfterSeconds: 0 }],
};

interface Row {
  /** Digest of the place. */
  readonly _id: string;
  readonly sealed: string;
  readonly expiresAt: Date;
}

const contextOf = ({ tenantId, accountId, sessionUid, page }: TypedPlace) =>
  `typed1|${JSON.stringify([tenantId, accountId, sessionUid, page])}`;
const idOf = (place: TypedPlace) => createHash('sha256').update(contextOf(place)).digest('base64url');

/** Forms that wait for a proof, in MongoDB: sealed for their place, and opened nowhere else. */
export function typedFormStore(connection: Connection, vault: Pick<Vault, 'seal' | 'open'>): TypedFormStore {
  const rows = connection.collection<Row>(typedFormCollection.name);
  return {
    async put(place, typed, expiresAt) {
      const sealed = vault.seal(JSON.stringify(typed), contextOf(place));
      const write = () =>
        rows.updateOne({ _id: idOf(place) }, { $set: { sealed, expiresAt } }, { upsert: true });
      // Of two first ones at the same moment one finds the other's there: it writes into that.
      await write().catch((error: unknown) => {
        if ((error as { code?: unknown }).code === 11000) return write();
        throw error;
      });
    },

    async find(place, now) {
      const row = await rows.findOne({ _id: idOf(place), expiresAt: { $gt: now } });
      return row && (JSON.parse(vault.open(row.sealed, contextOf(place))) as Typed);
    },

    async remove(place) {
      await rows.deleteOne({ _id: idOf(place) });
    },
  };
}
