import type { Connection } from 'mongoose';
import { type AccountRow, accountCollection } from './account-store.ts';

/** Accounts that are written at once. */
const BATCH = 1000;

/**
 * Ends, for everybody in a tenant, what a backup has brought back to life (rule after-restore): sessions, grants and
 * tokens,
 * lists of recovery codes, of which some may be used up since, codes from leads, and links that were mailed. Passwords
 * and methods stay as the backup has them. Can be done again, should it break off.
 * @param now seconds since the epoch
 * @returns how many accounts
 */
export async function endRevived(connection: Connection, tenantId: string, now: number): Promise<number> {
  const rows = connection.collection<AccountRow>(accountCollection.name);
  let [after, ended] = ['', 0];
  for (;;) {
    const page = await rows
      .find({ tenantId, _id: { $gt: after } }, { projection: { _id: 1 } })
      .sort({ _id: 1 })
      .limit(BATCH)
      .toArray();
    const last = page.at(-1);
    if (!last) return ended;
    const { matchedCount } = await rows.updateMany(
      { tenantId, _id: { $in: page.map(({ _id }) => _id) } },
      {
        $max: { validFrom: now },
        $set: { keptSessionUid: null, recovery: null, codesLeft: 0, invitation: null },
        $inc: { credVersion: 1 },
      },
    );
    after = last._id;
    ended += matchedCount;
  }
}
