import { expect } from 'chai';
import { tokenOf, wayOf } from '../security-settings/owners.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { startConsoles, type Consoles } from './console.ts';

const METHODS = '/admin/policy/methods';
/** One name, two editions. */
const NAME = 'YubiKey 5 Series with NFC';
const UNKNOWN = '01234567-89ab-cdef-0123-456789abcdef';

describe('the page of allowed methods', () => {
  let consoles: Consoles;
  let tenant: string;
  let admin: Person;
  let browser: PageBrowser;
  let count = 0;
  before(async () => void (consoles = await startConsoles()));
  after(() => consoles.close());
  beforeEach(async () => {
    tenant = `methods-${(count += 1)}`;
    await consoles.idp.addTenant(tenant);
    admin = await consoles.inCharge('admin', { keys: [{ aaguid: UNKNOWN }] }, tenant);
    await consoles.person({ app: true }, tenant);
    browser = await consoles.open(admin, '/admin/policy');
  });

  const policyNow = async () => {
    const found = await consoles.stores.tenants.findFresh(tenant);
    if (!found) throw new Error('no tenant');
    return found.policy;
  };
  const require = async () => {
    const found = await consoles.stores.tenants.findFresh(tenant);
    if (found) await consoles.stores.tenants.savePolicy(found, { ...found.policy, secondFactor: 'required' });
    await new Promise((resolve) => setTimeout(resolve, 600));
  };
  const form = (more: Record<string, string> = {}) => ({
    _csrf: tokenOf(browser),
    'security-key': 'yes',
    'recovery-code': 'yes',
    ...more,
  });
  const alert = () => browser.page()('.alert h2').first().text();

  it('asks who it is first, and shows what is allowed and what people have', async () => {
    await browser.open(METHODS);
    expect(wayOf(browser)).to.equal('security-key');
    await consoles.confirm(browser, admin, METHODS);
    expect(browser.heading()).to.equal('Allowed methods');
    expect(browser.page()('input[type=checkbox][checked]')).to.have.length(3);
    expect(browser.page()('tbody').text()).to.include(UNKNOWN);
    expect(browser.page()('details').text()).to.include(NAME);
  });

  it('names those who would be left without a method, and saves after their number was typed', async () => {
    await require();
    await consoles.confirm(browser, admin, METHODS);
    await browser.post(`${METHODS}/review`, form({ separate: 'yes', denyModels: NAME.toUpperCase() }));
    expect(browser.heading()).to.equal('Leave 1 agent without a method?');
    expect(browser.page()('tbody th')).to.have.length(1);
    expect((await policyNow()).allowedMethods).to.include('authenticator-app');
    await browser.submit({ count: '2' });
    expect(browser.status).to.equal(422);
    await browser.submit({ count: '1' });
    expect(alert()).to.equal('The allowed methods are saved');
    expect(browser.page()('#saved p').text()).to.match(/^1 agent signed out/);
    const { allowedMethods, keys } = await policyNow();
    expect(allowedMethods).to.deep.equal(['security-key', 'recovery-code']);
    expect(keys.allowSynced).to.equal(false);
    expect(keys.denyModels.length).to.be.above(1);
    await consoles.confirm(browser, admin, METHODS);
    expect(browser.page()('textarea[name=denyModels]').text().trim()).to.equal(NAME);
  });

  it('signs nobody out while two factors are optional, and still says who has to set something up', async () => {
    await consoles.confirm(browser, admin, METHODS);
    await browser.post(`${METHODS}/review`, form());
    expect(browser.heading()).to.equal('Leave 1 agent without a method?');
    expect(browser.page()('#count')).to.have.length(0);
    await browser.submit({});
    expect(browser.page()('#saved p').text()).to.include('Nobody was signed out');
    expect((await policyNow()).allowedMethods).not.to.include('authenticator-app');
  });

  it('leaves a method as it is that the page does not show', async () => {
    const found = await consoles.stores.tenants.findFresh(tenant);
    if (!found) throw new Error('no tenant');
    const allowedMethods = [...found.policy.allowedMethods, 'rescue-code' as const];
    await consoles.stores.tenants.savePolicy(found, { ...found.policy, allowedMethods });
    await new Promise((resolve) => setTimeout(resolve, 600));
    await consoles.confirm(browser, admin, METHODS);
    await browser.post(`${METHODS}/review`, form());
    await browser.submit({});
    expect((await policyNow()).allowedMethods).to.deep.equal([
      'security-key',
      'recovery-code',
      'rescue-code',
    ]);
    await browser.open('/admin/policy');
    const listed = browser
      .page()('section[aria-labelledby=mth] li')
      .map((_, li) => browser.page()(li).text());
    expect(listed.get().slice(0, 2)).to.deep.equal(['Security key', 'Recovery codes']);
  });

  it('refuses nothing to sign in with, models that nobody knows, and what would lock the admin out', async () => {
    await require();
    await consoles.confirm(browser, admin, METHODS);
    const _csrf = tokenOf(browser);
    await browser.post(`${METHODS}/review`, { _csrf, 'recovery-code': 'yes' });
    expect(browser.status).to.equal(422);
    expect(browser.page()('#methods-error').text()).to.include('Allow security keys');
    await browser.post(`${METHODS}/review`, form({ allowModels: `${NAME}\nBlue key` }));
    expect(browser.status).to.equal(422);
    expect(browser.page()('#allowModels-error').text()).to.include('Blue key');
    expect(browser.page()('textarea[name=allowModels]').text()).to.include('Blue key');
    await browser.post(`${METHODS}/review`, form({ denyModels: UNKNOWN }));
    expect(alert()).to.equal('You would lock yourself out');
    await browser.post(METHODS, { ...form({ denyModels: UNKNOWN }), version: '2', shown: '0' });
    expect(alert()).to.equal('You would lock yourself out');
    expect((await policyNow()).version).to.equal(2);
  });

  it('locks the admin out no more where two factors are optional', async () => {
    await consoles.confirm(browser, admin, METHODS);
    await browser.post(`${METHODS}/review`, form({ denyModels: UNKNOWN }));
    expect([browser.status, alert()]).to.deep.equal([422, 'You would lock yourself out']);
    await browser.post(METHODS, { ...form({ denyModels: UNKNOWN }), version: '1', shown: '0' });
    expect([browser.status, alert()]).to.deep.equal([422, 'You would lock yourself out']);
    expect((await policyNow()).version).to.equal(1);
  });

  it('saves nothing without a fresh proof, from an old page, or with another number than is true', async () => {
    await require();
    await consoles.confirm(browser, admin, METHODS);
    const good = { ...form(), version: '2', shown: '1', count: '1' };
    await browser.post(METHODS, { ...good, version: '1' });
    expect(browser.status).to.equal(409);
    await consoles.person({ app: true }, tenant);
    await browser.post(METHODS, good);
    expect([browser.status, alert()]).to.deep.equal([409, 'The number changed while you were reading']);
    consoles.later(601);
    await browser.post(METHODS, { ...good, shown: '2', count: '2' });
    expect(wayOf(browser)).to.equal('security-key');
    expect((await policyNow()).version).to.equal(2);
  });
});
