import type { Connection } from 'mongoose';
import type { OwedMailStore } from '../notifications/owed-mails.ts';
import { type AccountRow, accountCollection } from './account-store.ts';

/** What accounts owe their owners, found by an index: nearly nobody owes anything. */
export function owedMailStore(connection: Connection): OwedMailStore {
  const rows = connection.collection<AccountRow>(accountCollection.name);
  return {
    async owedSince(before, most) {
      const found = await rows
        .find({ 'owed.at': { $lte: before } }, { projection: { tenantId: 1, owed: 1 }, limit: most })
        .toArray();
      return found.map(({ _id, tenantId, owed = [] }) => ({
        who: { tenantId, accountId: _id },
        owed: owed.filter(({ at }) => at <= before),
      }));
    },

    async paid({ tenantId, accountId }, ids) {
      await rows.updateOne({ _id: accountId, tenantId }, { $pull: { owed: { id: { $in: [...ids] } } } });
    },
  };
}
