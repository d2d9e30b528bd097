import type { Accounts } from './accounts/accounts.ts';
import type { JobPorts } from './operations.ts';
import type { Tenants } from './tenants/tenants.ts';

/** Looks up, when a mail is sent, whom it goes to and how its tenant speaks to them. */
export function addressees({
  accounts,
  tenants,
}: {
  readonly accounts: Pick<Accounts, 'find' | 'findByEmail'>;
  readonly tenants: Pick<Tenants, 'find'>;
}): JobPorts['findAddressee'] {
  return async (to) => {
    const account =
      'email' in to
        ? await accounts.findByEmail(to.tenantId, to.email)
        : await accounts.find({ tenantId: to.tenantId, accountId: to.accountId });
    const tenant = account && (await tenants.find(account.tenantId));
    if (!account || !tenant) return null;
    const { zoneinfo } = account.claims;
    return {
      email: account.email,
      name: account.name,
      zone: typeof zoneinfo === 'string' ? zoneinfo : 'UTC',
      tenantName: tenant.name,
      contact: tenant.branding.contact,
    };
  };
}
