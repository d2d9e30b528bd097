import { expect } from 'chai';
import { DomainError } from '../../src/core/errors.ts';
import { findTenant, type TenantHints } from '../../src/tenants/find-tenant.ts';
import { NO_BRANDING } from '../../src/tenants/branding.ts';
import { DEFAULT_POLICY, type Tenant } from '../../src/tenants/tenant.ts';

const tenants: readonly Tenant[] = ['northwind', 'harbor-line', 'third', 'fourth', 'fifth', 'sixth'].map(
  (tenantId) => ({
    tenantId,
    name: tenantId,
    domains: [`${tenantId}.example`],
    policy: DEFAULT_POLICY,
    branding: NO_BRANDING,
    detailsVersion: 1,
  }),
);
const finder = {
  find: async (slug: string) => tenants.find(({ tenantId }) => tenantId === slug) ?? null,
  findByDomain: async (domain: string) => tenants.find(({ domains }) => domains.includes(domain)) ?? null,
};
const nothing: TenantHints = {
  clientTenantId: null,
  parameter: null,
  workspace: null,
  typedEmail: null,
  loginHint: null,
  lastTenantId: null,
};
const found = async (hints: Partial<TenantHints>) =>
  (await findTenant(finder, { ...nothing, ...hints }))?.tenantId ?? null;

describe('finding the tenant of a sign-in', () => {
  const all = {
    clientTenantId: 'northwind',
    parameter: 'harbor-line',
    workspace: 'third',
    typedEmail: 'x@fourth.example',
    loginHint: 'x@fifth.example',
    lastTenantId: 'sixth',
  };
  const order = ['northwind', 'harbor-line', 'third', 'fourth', 'fifth', 'sixth'];

  it('takes the surest hint that there is', async () => {
    const hints: Partial<TenantHints> = { ...all };
    for (const [i, name] of Object.keys(all).entries()) {
      expect(await found(hints), name).to.equal(order[i]);
      delete hints[name as keyof TenantHints];
    }
    expect(await found({})).to.equal(null);
  });

  it('passes over what names no tenant', async () => {
    expect(
      await found({ ...all, clientTenantId: null, parameter: 'unknown', workspace: 'nor this' }),
    ).to.equal('fourth');
    expect(
      await found({ typedEmail: 'x@gmail.example', loginHint: 'not an email', lastTenantId: 'sixth' }),
    ).to.equal('sixth');
  });

  it('reads a workspace and an email however they are written', async () => {
    expect(await found({ workspace: ' NorthWind ' })).to.equal('northwind');
    expect(await found({ typedEmail: ' ANA@NORTHWIND.EXAMPLE ' })).to.equal('northwind');
  });

  it('never lets a hint lead out of the tenant that a client is bound to', async () => {
    expect(await found({ ...all, clientTenantId: 'northwind' })).to.equal('northwind');
    const refusal = await findTenant(finder, { ...nothing, ...all, clientTenantId: 'gone' }).catch(
      (error: unknown) => error,
    );
    expect(refusal).to.be.instanceOf(DomainError).and.include({ code: 'not_found' });
  });
});
