/**
 * Whom something is about: tenant and account, always together, so that no query can forget the tenant.
 * `tenantId` is the tenant's slug; `accountId` is the stable opaque id that apps see as `sub`.
 */
export interface AccountRef {
  readonly tenantId: string;
  readonly accountId: string;
}

/** @returns only whom, of something that knows more: what logs and records may hold */
export function refOf({ tenantId, accountId }: AccountRef): AccountRef {
  return { tenantId, accountId };
}

/** @returns the one text that names an account, such as the key of its guess budgets */
export const accountKey = ({ tenantId, accountId }: AccountRef): string => `${tenantId}/${accountId}`;
