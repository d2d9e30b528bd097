import { z } from 'zod';
import type { Roster } from '../accounts/roster.ts';
import { coverageOf } from '../admin/coverage.ts';
import type { createTenantList } from '../admin/tenant-list.ts';
import { DomainError } from '../core/errors.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import { pageQuery } from './schemas.ts';

const coverageDocument = z
  .object({ total: z.int(), withKey: z.int(), withAppOnly: z.int(), withoutMethod: z.int() })
  .meta({ id: 'Coverage', description: 'People in use, by what they hold of what the policy allows' });

const standing = z.object({
  id: z.string().meta({ description: 'The `slug` of its addresses' }),
  name: z.string(),
  secondFactor: z.enum(['optional', 'required']),
  coverage: coverageDocument,
});

const tenantsDocument = z.object({
  tenants: z.array(standing.meta({ id: 'TenantStanding' })),
  next: z.string().nullable(),
});

const tenantDocument = standing
  .extend({
    domains: z.array(z.string()),
    invited: z.int().meta({ description: 'People who have not accepted yet' }),
    disabled: z.int(),
  })
  .meta({ id: 'Tenant' });

const tenantsQuery = z.strictObject({ ...pageQuery, after: z.string().max(63).optional() });

export interface TenantPorts {
  readonly tenants: { findFresh(tenantId: string): Promise<Tenant | null> };
  readonly roster: Pick<Roster, 'count' | 'countByKinds'>;
  readonly tenantList: ReturnType<typeof createTenantList>;
}

/** How the tenants of the installation stand, and the own one: numbers, and nobody's name. */
export function tenantEndpoints({ tenants, roster, tenantList }: TenantPorts): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/tenants',
      acrossTenants: true,
      summary: 'Every tenant of the installation in numbers, by its short name; for operators',
      action: 'see-tenants',
      query: tenantsQuery,
      answers: { 200: { description: 'One page', schema: tenantsDocument } },
      async run({ query: { after, limit } }) {
        const page = await tenantList({ after: after ?? null, limit });
        const listed = page.tenants.map(({ tenantId, ...rest }) => ({ id: tenantId, ...rest }));
        return { status: 200, body: { tenants: listed, next: page.next } };
      },
    }),
    endpoint({
      method: 'get',
      path: '',
      summary: 'How the tenant stands',
      action: 'see-overview',
      answers: { 200: { description: 'The tenant in numbers', schema: tenantDocument } },
      async run({ tenantId }) {
        const tenant = await tenants.findFresh(tenantId);
        if (!tenant) throw new DomainError('not_found');
        const [kinds, invited, disabled] = await Promise.all([
          roster.countByKinds(tenantId),
          roster.count(tenantId, { state: 'invited' }),
          roster.count(tenantId, { state: 'disabled' }),
        ]);
        const { name, domains, policy } = tenant;
        const coverage = coverageOf(policy, kinds);
        const { secondFactor } = policy;
        return {
          status: 200,
          body: { id: tenantId, name, domains, secondFactor, coverage, invited, disabled },
        };
      },
    }),
  ];
}
