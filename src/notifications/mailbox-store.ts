import type { Connection } from 'mongoose';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { KeptMail, Mailbox } from './mailbox.ts';

export const devMailCollection: CollectionSpec = {
  name: 'dev_mails',
  indexes: [{ key: { at: -1, _id: -1 } }, { key: { expiresAt: 1 }, expireAfterSeconds: 0 }],
};

const KEPT_DAYS = 7;

type Row = Omit<KeptMail, 'id'> & { _id: string; expiresAt: Date };

const toMail = ({ _id, to, subject, text, html, at }: Row): KeptMail => ({
  id: _id,
  to,
  subject,
  text,
  html,
  at,
});

/** Mails that are kept in place of being sent. Only outside production. */
export function mailboxStore(connection: Connection): Mailbox {
  const rows = connection.collection<Row>(devMailCollection.name);
  return {
    async keep({ id, to, subject, text, html, at }) {
      const expiresAt = new Date(at.getTime() + KEPT_DAYS * 24 * 60 * 60 * 1000);
      try {
        await rows.insertOne({ _id: id, to, subject, text, html, at, expiresAt });
      } catch (error) {
        // The same mail on a second try.
        if ((error as { code?: unknown }).code !== 11_000) throw error;
      }
    },
    async newest(limit) {
      return (await rows.find({}, { sort: { at: -1, _id: -1 }, limit }).toArray()).map(toMail);
    },
    async find(id) {
      const row = await rows.findOne({ _id: id });
      return row && toMail(row);
    },
  };
}
