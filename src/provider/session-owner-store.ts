import type { Connection } from 'mongoose';
import { Provider } from 'oidc-provider';
import { signedIn } from './people.ts';

/**
 * Finds whose tenant a session is of. The provider has the person of its requests in hand; our own pages ask for no
 * person by it, so there it is one read.
 * @param accounts the collection
 */
export function sessionOwner(connection: Connection, accounts: string) {
  const rows = connection.collection<{ _id: string; tenantId: string }>(accounts);
  /** @returns null for nobody */
  return async function tenantOf(accountId: string): Promise<string | null> {
    const person = Provider.ctx?.oidc ? signedIn(Provider.ctx) : undefined;
    if (person?.accountId === accountId) return person.account.tenantId;
    const row = await rows.findOne({ _id: accountId }, { projection: { tenantId: 1 } });
    return row?.tenantId ?? null;
  };
}
