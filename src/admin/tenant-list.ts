import type { Roster } from '../accounts/roster.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { TenantPage, TenantWish } from '../tenants/tenants.ts';
import { coverageOf, type Coverage } from './coverage.ts';

/** How a tenant stands, in numbers: nobody of it is named. */
export interface TenantStanding extends Pick<Tenant, 'tenantId' | 'name'> {
  readonly secondFactor: Tenant['policy']['secondFactor'];
  /** Of people in use. */
  readonly coverage: Coverage;
}

export interface TenantListPorts {
  readonly tenants: { page(wish: TenantWish): Promise<TenantPage> };
  readonly roster: Pick<Roster, 'countByKinds'>;
}

/** The tenants of the installation, for those who run it. Reads; reaches into none of them. */
export function createTenantList({ tenants, roster }: TenantListPorts) {
  async function standingOf({ tenantId, name, policy }: Tenant): Promise<TenantStanding> {
    const coverage = coverageOf(policy, await roster.countByKinds(tenantId));
    return { tenantId, name, secondFactor: policy.secondFactor, coverage };
  }

  return async function page(
    wish: TenantWish,
  ): Promise<{ readonly tenants: readonly TenantStanding[]; readonly next: string | null }> {
    const found = await tenants.page(wish);
    return { tenants: await Promise.all(found.tenants.map(standingOf)), next: found.next };
  };
}
