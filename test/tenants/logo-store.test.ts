import { expect } from 'chai';
import { type Logo, NO_BRANDING, type Picture } from '../../src/tenants/branding.ts';
import { drawLogo } from '../../src/tenants/logo.ts';
import { logoStore } from '../../src/tenants/logo-store.ts';
import type { Logos } from '../../src/tenants/logos.ts';
import { testDatabase, type TestDatabase } from '../support/database.ts';
import { aPng } from '../support/png.ts';

const HOUR = 60 * 60 * 1000;
const tenant = (tenantId: string, logo: Logo | null = null) => ({
  tenantId,
  branding: { ...NO_BRANDING, logo },
});

function picture(shade: number): Picture {
  const verdict = drawLogo(aPng(8, 8, [shade, 0, 0, 255]));
  if (!verdict.ok) throw new Error(verdict.reason);
  return verdict.picture;
}

describe('the logo store', () => {
  let database: TestDatabase;
  let now: number;
  let logos: Logos;
  beforeEach(async () => {
    database = await testDatabase();
    now = Date.parse('2026-02-01T12:00:00Z');
    logos = logoStore(database.connection, () => new Date(now));
  });
  afterEach(() => database.drop());

  it('gives back what was put in, to its own tenant only', async () => {
    const logo = await logos.put(tenant('northwind'), picture(1));
    expect(logo).to.deep.include({ type: 'image/png', width: 8, height: 8 });
    const id = logo?.id ?? '';
    expect(id).to.match(/^[\w-]{43}$/);
    expect(await logos.find('northwind', id)).to.deep.equal({ type: 'image/png', bytes: picture(1).bytes });
    expect(await logos.find('harbor-line', id)).to.equal(null);
    expect((await logos.put(tenant('harbor-line'), picture(1)))?.id).to.not.equal(id);
  });

  it('keeps one picture that 20 people put in at once', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, () => logos.put(tenant('northwind'), picture(1))),
    );
    expect(new Set(all.map((logo) => logo?.id)).size).to.equal(1);
    expect(await database.connection.collection('logos').countDocuments()).to.equal(1);
  });

  it('takes away what nobody pointed to for an hour, and neither the one in use nor a new one', async () => {
    const used = await logos.put(tenant('northwind'), picture(1));
    const orphan = await logos.put(tenant('northwind', used), picture(2));
    const others = await logos.put(tenant('harbor-line'), picture(3));
    now += HOUR / 2;
    const young = await logos.put(tenant('northwind', used), picture(4));
    now += HOUR / 2 + 1;
    await logos.put(tenant('northwind', used), picture(5));
    const there = async (tenantId: string, logo: Logo | null) =>
      (await logos.find(tenantId, logo?.id ?? '')) !== null;
    expect(await there('northwind', used)).to.equal(true);
    expect(await there('northwind', orphan)).to.equal(false);
    expect(await there('northwind', young)).to.equal(true);
    expect(await there('harbor-line', others)).to.equal(true);
  });

  it('makes a picture new that is put in again, so that it is not taken away before it is pointed to', async () => {
    const first = await logos.put(tenant('northwind'), picture(1));
    now += HOUR - 1;
    await logos.put(tenant('northwind'), picture(1));
    now += HOUR - 1;
    await logos.put(tenant('northwind'), picture(2));
    expect(await logos.find('northwind', first?.id ?? '')).to.not.equal(null);
  });

  it('holds 20 pictures of a tenant and no more', async () => {
    const shades = Array.from({ length: 20 }, (_, i) => i);
    for (const shade of shades)
      expect(await logos.put(tenant('northwind'), picture(shade))).to.not.equal(null);
    expect(await logos.put(tenant('northwind'), picture(20))).to.equal(null);
    expect(await logos.put(tenant('northwind'), picture(3)), 'one that is there').to.not.equal(null);
    expect(await logos.put(tenant('harbor-line'), picture(20))).to.not.equal(null);
    now += HOUR + 1;
    expect(await logos.put(tenant('northwind'), picture(20))).to.not.equal(null);
  });
});
