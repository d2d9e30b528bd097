import type { Connection } from 'mongoose';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { Picture } from '../tenants/branding.ts';
import type { SettingsDraft, SettingsDraftStore } from './settings-drafts.ts';

export const settingsDraftCollection: CollectionSpec = {
  name: 'settings_drafts',
  indexes: [{ key: { expiresAt: 1 }, expireAfterSeconds: 0 }],
};

/** `base64`: as text, which every rung of the database ladder keeps (ADR 2). */
type Row = Omit<SettingsDraft, 'draftId' | 'logo'> & {
  readonly _id: string;
  readonly logo: (Omit<Picture, 'bytes'> & { readonly base64: string }) | null;
};

/** What people have not saved yet of how their company's pages look, in MongoDB. */
export function settingsDraftStore(connection: Connection): SettingsDraftStore {
  const rows = connection.collection<Row>(settingsDraftCollection.name);
  return {
    async insert({ draftId, logo, ...rest }) {
      const kept = logo && {
        type: logo.type,
        width: logo.width,
        height: logo.height,
        base64: logo.bytes.toString('base64'),
      };
      await rows.insertOne({ _id: draftId, ...rest, logo: kept });
    },

    async find(draftId) {
      const row = await rows.findOne({ _id: draftId });
      if (!row) return null;
      const { _id, logo, ...rest } = row;
      if (!logo) return { draftId: _id, ...rest, logo: null };
      const { base64, ...picture } = logo;
      return { draftId: _id, ...rest, logo: { ...picture, bytes: Buffer.from(base64, 'base64') } };
    },
  };
}
