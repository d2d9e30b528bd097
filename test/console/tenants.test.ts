import { expect } from 'chai';
import { startConsoles, type Consoles } from './console.ts';

const TENANTS = '/admin/tenants';

describe('the companies of an installation', () => {
  let consoles: Consoles;
  before(async () => {
    consoles = await startConsoles();
    await consoles.idp.addTenant('southwind', { secondFactor: 'required' });
    await consoles.person({ keys: [{}] }, 'southwind');
    await consoles.person({ app: true }, 'southwind');
    await consoles.person({}, 'southwind');
    const gone = await consoles.person({}, 'southwind');
    await consoles.stores.accounts.save(gone.account, { state: 'disabled' });
  });
  after(() => consoles.close());

  it('are listed for operators, with how their agents are protected, and name nobody', async () => {
    const operator = await consoles.inCharge('operator');
    const browser = await consoles.open(operator, TENANTS);
    expect([browser.status, browser.heading()]).to.deep.equal([200, 'Companies']);
    const page = browser.page();
    const rows = page('tbody tr')
      .toArray()
      .map((row) =>
        page(row)
          .children()
          .toArray()
          .map((cell) => page(cell).text()),
      );
    const south = rows.find(([name]) => name?.startsWith('southwind'));
    expect(south).to.deep.equal(['southwind supportsouthwind', '3', '1', '1', '1', 'Required']);
    expect(rows.find(([name]) => name?.startsWith('northwind'))?.[0]).to.include('Yours');
    expect(page('main').text()).not.to.include('@');
    expect(page('nav.side a[aria-current]').attr('href')).to.equal(TENANTS);
  });

  it('are for operators alone, who reach into no other company by it', async () => {
    for (const role of ['lead', 'admin'] as const) {
      const browser = await consoles.open(await consoles.inCharge(role), TENANTS);
      expect(browser.status, role).to.equal(403);
      await browser.open('/admin');
      expect(browser.page()(`nav.side a[href="${TENANTS}"]`)).to.have.length(0);
    }
    const operator = await consoles.inCharge('operator');
    const browser = await consoles.open(operator);
    const stranger = await consoles.person({}, 'southwind');
    const { accountId, email } = stranger.account;
    for (const path of [
      `/admin/agents/${accountId}`,
      `/admin/agents/${accountId}/invitation`,
      `/admin/agents/${accountId}/disable`,
      `/admin/agents/${accountId}/reset`,
    ]) {
      await browser.open(`${path}?tenant=southwind`);
      expect(browser.status, path).to.equal(404);
    }
    await browser.open(`/admin/agents?tenant=southwind&tenantId=southwind&q=${email}`);
    expect(browser.page()('main').text()).not.to.include(email.split('@')[0]);
    expect(await consoles.now(stranger)).to.deep.equal(stranger.account);
  });

  it('come in pages, by their short names', async () => {
    for (let i = 0; i < 50; i += 1) await consoles.idp.addTenant(`a-tenant-${String(i).padStart(2, '0')}`);
    const browser = await consoles.open(await consoles.inCharge('operator'), TENANTS);
    expect(browser.page()('tbody tr')).to.have.length(50);
    await browser.open(browser.page()('a[rel=next]').attr('href') ?? '');
    expect(browser.page()('tbody').text()).to.include('southwind');
    expect(browser.page()('a[rel=next]')).to.have.length(0);
    await browser.open(`${TENANTS}?after=%00&after=b`);
    expect(browser.status).to.equal(200);
  });
});
