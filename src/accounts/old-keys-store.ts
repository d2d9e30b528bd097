import type { Connection } from 'mongoose';
import { type AccountRow, accountCollection } from './account-store.ts';

/** How many accounts hold a digest that another key than the current one made. */
export interface OldKeys {
  /** Made anew when their owners sign in. */
  readonly passwords: number;
  /** Made anew when their owners make new codes. */
  readonly recoveryLists: number;
}

/**
 * Counts what an older key is still needed for (rule sealed). Reads every account: for a command, not for a page.
 * @param current the ids of the present keys
 */
export async function countOldKeys(
  connection: Connection,
  current: { readonly passwordPepper: string; readonly recoveryPepper: string },
): Promise<OldKeys> {
  const rows = connection.collection<AccountRow>(accountCollection.name);
  const madeByAnother = (field: string, id: string) => ({ [field]: { $type: 'string', $ne: id } });
  const [passwords, recoveryLists] = await Promise.all([
    rows.countDocuments(madeByAnother('password.pepperId', current.passwordPepper)),
    rows.countDocuments(madeByAnother('recovery.pepperId', current.recoveryPepper)),
  ]);
  return { passwords, recoveryLists };
}
