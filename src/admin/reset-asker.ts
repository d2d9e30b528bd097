import type { Account } from '../accounts/account.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { machineRefusalOf, refusalOf } from './permissions.ts';

export interface ResetAskerPorts {
  readonly accounts: { find(who: AccountRef): Promise<Account | null> };
  /** Scopes that a machine of this tenant may have now; null = the tenant has none of that name (any more). */
  readonly machineScopes: (tenantId: string, clientId: string) => Promise<ReadonlySet<string> | null>;
}

/**
 * Whether whoever asked for a reset may have it still, when the time has come that it waited for: by the roles that
 * asker and person have then (rule roles-now), and not by those of the day before.
 */
export function createResetAsker({ accounts, machineScopes }: ResetAskerPorts) {
  /** @param askedBy account or client id */
  return async function mayStill(askedBy: string, who: AccountRef): Promise<boolean> {
    const { tenantId } = who;
    const target = await accounts.find(who);
    if (!target) return false;
    const asker = await accounts.find({ tenantId, accountId: askedBy });
    if (asker) return asker.state === 'active' && refusalOf(asker, 'reset-two-factor', target) === null;
    const scopes = await machineScopes(tenantId, askedBy);
    return scopes !== null && machineRefusalOf({ tenantId, scopes }, 'reset-two-factor', target) === null;
  };
}
