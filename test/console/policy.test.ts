import { expect } from 'chai';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { tokenOf, wayOf } from '../security-settings/owners.ts';
import { startConsoles, type Consoles } from './console.ts';

const REVIEW = '/admin/policy/review?secondFactor=required';

describe('the policy pages', () => {
  let consoles: Consoles;
  let tenant: string;
  let admin: Person;
  let browser: PageBrowser;
  let count = 0;
  before(async () => void (consoles = await startConsoles()));
  after(() => consoles.close());
  beforeEach(async () => {
    tenant = `tenant-${(count += 1)}`;
    await consoles.idp.addTenant(tenant);
    admin = await consoles.inCharge('admin', { keys: [{}] }, tenant);
    await consoles.person({ app: true }, tenant);
    await consoles.signIn(await consoles.person({}, tenant));
    await consoles.person({}, tenant);
    browser = await consoles.open(admin, '/admin/policy');
  });

  const policyNow = async (tenantId = tenant) => (await consoles.stores.tenants.findFresh(tenantId))?.policy;
  const form = (more: Record<string, string> = {}) => ({
    _csrf: tokenOf(browser),
    secondFactor: 'required',
    version: '1',
    shown: '2',
    count: '2',
    ...more,
  });

  it('tell who has it today, and whom requiring it signs out', async () => {
    const page = browser.page();
    expect(browser.heading()).to.equal('Two-factor policy');
    const numbers = page('.legend-list dd')
      .toArray()
      .map((one) => page(one).text());
    expect(numbers).to.deep.equal(['1', '1', '2']);
    expect(page('.alert h2').text()).to.equal('2 of 4 agents will be signed out when you save');
    expect(page('.alert p').first().text()).to.include('1 of them is signed in now');
    expect(page('tbody tr').length).to.equal(2);
  });

  it('save what was confirmed by its number, after a fresh proof', async () => {
    await browser.open(REVIEW);
    expect(wayOf(browser)).to.equal('security-key');
    await consoles.confirm(browser, admin, REVIEW);
    expect(browser.heading()).to.equal('Require two-factor and sign out 2 agents?');
    await browser.submit({ count: '2' });
    expect([browser.status, browser.url.pathname]).to.deep.equal([200, '/admin/policy']);
    expect(browser.page()('#saved h2').text()).to.equal('Two-factor is required');
    expect(browser.page()('#saved p').text()).to.match(/^2 agents signed out in \d\.\d s\./);
    expect((await policyNow())?.secondFactor).to.equal('required');
    expect((await policyNow('northwind'))?.secondFactor).to.equal('optional');

    await consoles.confirm(browser, admin, '/admin/policy/review?secondFactor=optional');
    await browser.submit({});
    expect((await policyNow())?.secondFactor).to.equal('optional');
    expect(browser.page()('#saved h2').text()).to.equal('Two-factor is optional');
  });

  it('save nothing when the number was typed wrong', async () => {
    await consoles.confirm(browser, admin, REVIEW);
    for (const wrong of ['', '3', 'two', '02']) {
      await browser.submit({ count: wrong });
      expect(browser.status, wrong).to.equal(422);
      expect(browser.page()('#count').attr('aria-invalid')).to.equal('true');
    }
    expect((await policyNow())?.version).to.equal(1);
  });

  it('come back with the new number when it changed while they were read', async () => {
    await consoles.confirm(browser, admin, REVIEW);
    await consoles.person({}, tenant);
    await browser.submit({ count: '2' });
    expect(browser.status).to.equal(409);
    expect(browser.page()('.alert h2').text()).to.equal('The number changed while you were reading');
    expect((await policyNow())?.version).to.equal(1);
    await browser.submit({ count: '3' });
    expect((await policyNow())?.secondFactor).to.equal('required');
  });

  it('save nothing without a fresh proof, from an old page, or without the token', async () => {
    await browser.post('/admin/policy', { ...form(), _csrf: 'x' });
    expect(browser.status).to.equal(403);
    await consoles.confirm(browser, admin, REVIEW);
    const good = form();
    consoles.later(601);
    await browser.post('/admin/policy', good);
    expect(wayOf(browser)).to.equal('security-key');
    await consoles.confirm(browser, admin, REVIEW);
    await browser.post('/admin/policy', form({ version: '2' }));
    expect(browser.status).to.equal(409);
    expect((await policyNow())?.version).to.equal(1);
  });

  it('are not for leads and agents, and nobody opens them with a password alone', async () => {
    for (const role of ['lead', 'agent'] as const) {
      const person = await consoles.inCharge(role, { keys: [{}] }, tenant);
      const theirs = await consoles.open(person, '/admin/policy');
      expect(theirs.status, role).to.equal(403);
    }
    const bare = await consoles.inCharge('admin', {}, tenant);
    const theirs = await consoles.signIn(bare);
    await theirs.open('/admin/policy');
    expect(theirs.url.pathname).to.match(/^\/sign-in\//);
    await theirs.post('/admin/policy', form());
    expect(theirs.status).to.equal(401);
    expect((await policyNow())?.version).to.equal(1);
  });
});
