import type { Connection } from 'mongoose';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { AdminWatch, AdminWatchStore } from './last-admin.ts';

/** One document a tenant, by its key. */
export const adminWatchCollection: CollectionSpec = { name: 'admin_watch', indexes: [] };

type Row = AdminWatch & { readonly _id: string };

/** Who is about to stop being an admin, in MongoDB. */
export function adminWatchStore(connection: Connection): AdminWatchStore {
  const rows = connection.collection<Row>(adminWatchCollection.name);
  return {
    async find(tenantId) {
      const row = await rows.findOne({ _id: tenantId });
      return row ? { version: row.version, leaving: row.leaving } : { version: 0, leaving: [] };
    },

    async save(tenantId, version, leaving) {
      const next = { version: version + 1, leaving: [...leaving] };
      if (version > 0) {
        const { modifiedCount } = await rows.updateOne({ _id: tenantId, version }, { $set: next });
        return modifiedCount === 1;
      }
      try {
        await rows.insertOne({ _id: tenantId, ...next });
        return true;
      } catch (error) {
        if ((error as { code?: unknown }).code === 11000) return false;
        throw error;
      }
    },
  };
}
