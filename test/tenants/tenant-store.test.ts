import { expect } from 'chai';
import type { Connection } from 'mongoose';
import type { Clock } from '../../src/core/clock.ts';
import { NO_BRANDING } from '../../src/tenants/branding.ts';
import { DEFAULT_POLICY, type Tenant } from '../../src/tenants/tenant.ts';
import { TENANT_CACHE_MS, tenantStore } from '../../src/tenants/tenant-store.ts';
import type { Tenants } from '../../src/tenants/tenants.ts';
import { testDatabase, type TestDatabase } from '../support/database.ts';

const aTenant = (tenantId: string, more: Partial<Tenant> = {}): Tenant => ({
  tenantId,
  name: tenantId,
  domains: [`${tenantId}.example`],
  policy: DEFAULT_POLICY,
  branding: NO_BRANDING,
  detailsVersion: 1,
  ...more,
});
const required = { ...DEFAULT_POLICY, secondFactor: 'required' } as const;

describe('the tenant store', () => {
  let database: TestDatabase;
  let now: number;
  let here: Tenants;
  let elsewhere: Tenants;
  const clock: Clock = () => new Date(now);
  beforeEach(async () => {
    database = await testDatabase();
    now = Date.parse('2026-02-01T12:00:00Z');
    here = tenantStore(database.connection, clock);
    elsewhere = tenantStore(database.connection, clock);
  });
  afterEach(() => database.drop());

  it('gives back what was put in, by slug and by a domain in any case', async () => {
    const tenant = aTenant('northwind');
    expect(await here.insert(tenant)).to.equal(true);
    expect(await here.insert(tenant)).to.equal(false);
    expect(await here.find('northwind')).to.deep.equal(tenant);
    expect(await here.findByDomain('NORTHWIND.example')).to.deep.equal(tenant);
    expect(await here.find('nowhere')).to.equal(null);
    expect(await here.findByDomain('nowhere.example')).to.equal(null);
  });

  it('takes many tenants without a domain', async () => {
    expect(await here.insert(aTenant('a', { domains: [] }))).to.equal(true);
    expect(await here.insert(aTenant('b', { domains: [] }))).to.equal(true);
    expect((await here.list()).map(({ tenantId }) => tenantId)).to.deep.equal(['a', 'b']);
  });

  it('lets one of 50 savers win, and tells the others that the policy was changed meanwhile', async () => {
    await here.insert(aTenant('northwind'));
    const read = await here.findFresh('northwind');
    if (!read) throw new Error('not there');
    const results = await Promise.all(Array.from({ length: 50 }, () => here.savePolicy(read, required)));
    expect(results.filter(Boolean)).to.have.length(1);
    expect((await here.findFresh('northwind'))?.policy).to.deep.include({
      secondFactor: 'required',
      version: 2,
    });
  });

  it('shows an own save at once, and one of another process after half a second at the latest', async () => {
    await here.insert(aTenant('northwind'));
    const before = await here.find('northwind');
    await elsewhere.find('northwind');
    if (before) await here.savePolicy(before, required);
    expect((await here.find('northwind'))?.policy.secondFactor).to.equal('required');
    expect((await elsewhere.find('northwind'))?.policy.secondFactor).to.equal('optional');
    expect((await elsewhere.findFresh('northwind'))?.policy.secondFactor).to.equal('required');
    now += TENANT_CACHE_MS;
    expect((await elsewhere.find('northwind'))?.policy.secondFactor).to.equal('required');
  });

  it('does not remember a read that a save has overtaken', async () => {
    await here.insert(aTenant('northwind'));
    const before = await here.findFresh('northwind');
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let slow = true;
    const rows = database.connection.collection('tenants');
    const collection = new Proxy(rows, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          const result: unknown = await Reflect.apply(value, target, args);
          if (name === 'findOne' && slow) await held;
          return result;
        };
      },
    });
    const store = tenantStore({ collection: () => collection } as unknown as Connection, clock);

    const overtaken = store.findFresh('northwind');
    await new Promise((resolve) => setTimeout(resolve, 50));
    slow = false;
    if (before) await store.savePolicy(before, required);
    release();
    expect((await overtaken)?.policy.secondFactor).to.equal('optional');
    expect((await store.find('northwind'))?.policy.secondFactor).to.equal('required');
  });

  it('does not live on an old entry when the clock is set back', async () => {
    await here.insert(aTenant('northwind'));
    await elsewhere.find('northwind');
    const tenant = await here.findFresh('northwind');
    if (tenant) await here.savePolicy(tenant, required);
    now -= 60 * 60 * 1000;
    expect((await elsewhere.find('northwind'))?.policy.secondFactor).to.equal('required');
  });

  it('buries what was signed in below two factors when a policy goes back to optional', async () => {
    await here.insert(aTenant('northwind'));
    const optional = await here.findFresh('northwind');
    const enforced = optional && (await here.savePolicy(optional, required));
    expect(enforced?.policy.levelOneValidFrom).to.equal(0);
    now += 5000;
    const relaxed = enforced && (await here.savePolicy(enforced, { ...required, secondFactor: 'optional' }));
    expect(relaxed?.policy.levelOneValidFrom).to.equal(Math.floor(now / 1000));
    now += 5000;
    const same = relaxed && (await here.savePolicy(relaxed, { ...relaxed.policy, skips: 3 }));
    expect(same?.policy.levelOneValidFrom).to.equal(relaxed?.policy.levelOneValidFrom);
  });

  it('saves a name without touching the policy', async () => {
    await here.insert(aTenant('northwind'));
    const read = await here.find('northwind');
    const saved = read && (await here.saveDetails(read, { name: 'Northwind Support' }));
    const wanted = aTenant('northwind', { name: 'Northwind Support', detailsVersion: 2 });
    expect(saved).to.deep.equal(wanted);
    expect(await here.find('northwind')).to.deep.equal(wanted);
  });

  it('lets one of 50 savers of details win', async () => {
    await here.insert(aTenant('northwind'));
    const read = await here.findFresh('northwind');
    if (!read) throw new Error('not there');
    for (const version of [1, 2]) {
      const names = Array.from({ length: 50 }, (_, i) => `name ${version} ${i}`);
      const saver = (name: string) => here.saveDetails({ ...read, detailsVersion: version }, { name });
      const results = await Promise.all(names.map(saver));
      expect(results.filter(Boolean)).to.have.length(1);
    }
    expect((await here.findFresh('northwind'))?.detailsVersion).to.equal(3);
  });

  it('notes a clean-up by the very write that ends something, and strikes off no newer one', async () => {
    await here.insert(aTenant('northwind'));
    await here.insert(aTenant('southwind'));
    const read = await here.findFresh('northwind');
    const enforced = read && (await here.savePolicy(read, required));
    expect(await elsewhere.cleanUpsOwed()).to.deep.equal([{ tenantId: 'northwind', version: 2 }]);
    expect(enforced).to.not.have.property('cleanUpOwed');

    const same = enforced && (await here.savePolicy(enforced, { ...required, rescueCodes: 'leads' }));
    expect(await here.cleanUpsOwed(), 'what ends nothing owes nothing').to.deep.equal([
      { tenantId: 'northwind', version: 2 },
    ]);
    if (same) await here.savePolicy(same, { ...required, secondFactor: 'optional' });
    await elsewhere.cleanedUp({ tenantId: 'northwind', version: 2 });
    expect(await here.cleanUpsOwed()).to.deep.equal([{ tenantId: 'northwind', version: 4 }]);
    await elsewhere.cleanedUp({ tenantId: 'northwind', version: 4 });
    expect(await here.cleanUpsOwed()).to.deep.equal([]);
  });
});
