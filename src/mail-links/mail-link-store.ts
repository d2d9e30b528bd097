import type { Connection } from 'mongoose';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { MailLink, MailLinkStore } from './mail-links.ts';

export const mailLinkCollection: CollectionSpec = {
  name: 'mail_links',
  indexes: [{ key: { accountId: 1, purpose: 1 } }, { key: { expiresAt: 1 }, expireAfterSeconds: 0 }],
};

type Row = Omit<MailLink, 'digest'> & { _id: string };

/** Mailed links in MongoDB, by the digest of their token. */
export function mailLinkStore(connection: Connection): MailLinkStore {
  const rows = connection.collection<Row>(mailLinkCollection.name);
  return {
    async insert({ digest, ...rest }) {
      await rows.insertOne({ _id: digest, ...rest });
    },

    async endOlder({ digest, accountId, purpose }) {
      await rows.deleteMany({ accountId, purpose, _id: { $ne: digest } });
    },

    async find(digest, now) {
      const row = await rows.findOne({ _id: digest, expiresAt: { $gt: now } });
      if (!row) return null;
      const { _id, ...rest } = row;
      return { digest: _id, ...rest };
    },

    async take(digest) {
      const { deletedCount } = await rows.deleteOne({ _id: digest });
      return deletedCount === 1;
    },
  };
}
