import type { Connection } from 'mongoose';
import type { Clock } from '../core/clock.ts';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { LogoType } from './branding.ts';
import { logoOf } from './logo-of.ts';
import type { Logos } from './logos.ts';

export const logoCollection: CollectionSpec = {
  name: 'logos',
  indexes: [{ key: { tenantId: 1, addedAt: 1 } }],
};

/** Pictures of one tenant. Two calls at once may each still find room: a few more are no harm. */
const MOST = 20;
/** How long a picture may lie there before somebody points to it; milliseconds. A request takes seconds. */
const GRACE_MS = 60 * 60 * 1000;

interface Row {
  readonly _id: string;
  readonly tenantId: string;
  readonly type: LogoType;
  /** Base64: every engine keeps text as it is. */
  readonly bytes: string;
  /** When it was last put in. */
  readonly addedAt: Date;
}

/** Pictures in MongoDB, by the digest of tenant and content. */
export function logoStore(connection: Connection, clock: Clock): Logos {
  const rows = connection.collection<Row>(logoCollection.name);

  /** @returns false when it went, or was never there */
  async function renew(id: string): Promise<boolean> {
    const { matchedCount } = await rows.updateOne({ _id: id }, { $set: { addedAt: clock() } });
    return matchedCount === 1;
  }

  /** @returns false when somebody else has put it in meanwhile */
  async function insert(row: Row): Promise<boolean> {
    try {
      await rows.insertOne(row);
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === 11000) return false;
      throw error;
    }
  }

  async function removeOrphans(tenantId: string, kept: string | undefined): Promise<void> {
    const old = { $lt: new Date(clock().getTime() - GRACE_MS) };
    await rows.deleteMany({ tenantId, addedAt: old, ...(kept === undefined ? {} : { _id: { $ne: kept } }) });
  }

  return {
    async put({ tenantId, branding }, picture) {
      await removeOrphans(tenantId, branding.logo?.id);
      const logo = logoOf(tenantId, picture);
      const { id, type } = logo;
      if (await renew(id)) return logo;
      if ((await rows.countDocuments({ tenantId }, { limit: MOST })) >= MOST) return null;
      const row = { _id: id, tenantId, type, bytes: picture.bytes.toString('base64'), addedAt: clock() };
      return (await insert(row)) || (await renew(id)) ? logo : null;
    },

    async find(tenantId, id) {
      const row = await rows.findOne({ _id: id, tenantId });
      return row && { type: row.type, bytes: Buffer.from(row.bytes, 'base64') };
    },
  };
}
