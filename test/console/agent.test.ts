import { expect } from 'chai';
import { tokenOf, wayOf } from '../security-settings/owners.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { startConsoles, type Consoles } from './console.ts';

const at = ({ account }: Person, below = '') => `/admin/agents/${account.accountId}${below}`;

describe('the page of one agent', () => {
  let consoles: Consoles;
  let admin: Person;
  let browser: PageBrowser;
  before(async () => {
    consoles = await startConsoles();
    await consoles.idp.addTenant('globex');
    admin = await consoles.inCharge('admin');
    browser = await consoles.open(admin);
  });
  after(() => consoles.close());

  const text = (selector = 'main') => browser.page()(selector).text().replaceAll(/\s+/g, ' ');
  const actions = () =>
    browser
      .page()('section[aria-labelledby=actions] a')
      .toArray()
      .map((link) => browser.page()(link).text());
  /** Does what a page asks, with the fresh proof that it wants first. */
  async function confirm(path: string, fields: Record<string, string> = {}, selector = 'form') {
    await consoles.confirm(browser, admin, path);
    expect(browser.status, path).to.equal(200);
    return browser.submit(fields, selector);
  }

  it('tells methods, places, what happened, state and role', async () => {
    const ana = await consoles.person({ keys: [{}], app: true, codes: true });
    await consoles.signIn(ana);
    await browser.open(at(ana));
    expect(browser.heading()).to.equal(ana.account.name);
    expect(text())
      .to.include('Security key')
      .and.include('Authenticator app')
      .and.include('15 recovery codes left');
    expect(text(), 'what they call them is for themselves').not.to.match(/Blue key|Phone/);
    expect(text('section[aria-labelledby=places]')).to.include('Signed in').and.include('Sign out there');
    expect(text('section[aria-labelledby=activity]')).to.include('Signed in');
    expect(text('.tags')).to.equal('Active Agent');
    expect(actions()).to.deep.equal([
      'Sign out everywhere',
      'Reset two-factor',
      'Change role',
      'Disable account',
    ]);
    await browser.open('/admin/agents');
    expect(
      browser
        .page()(`a[href="${at(ana)}"]`)
        .text(),
    ).to.equal(ana.account.name);
  });

  it('says that there is no method yet, and what comes of it', async () => {
    await consoles.idp.addTenant('must', { secondFactor: 'required' });
    const boss = await consoles.inCharge('admin', { keys: [{}] }, 'must');
    const bare = await consoles.person({}, 'must');
    const theirs = await consoles.open(boss, '/admin');
    await theirs.open(at(bare));
    expect(theirs.page()('main').text()).to.include(
      `No two-factor method yet. ${bare.account.name} is asked to set one up at the next sign-in.`,
    );
  });

  it('signs somebody out everywhere, after a question and a fresh proof', async () => {
    const ana = await consoles.person({ keys: [{}] });
    const hers = await consoles.signIn(ana);
    consoles.later(601);
    await browser.open(at(ana, '/sign-out'));
    expect(wayOf(browser)).to.equal('security-key');
    expect(browser.html).to.include('You are about to change how others sign in.');
    await confirm(at(ana, '/sign-out'));
    expect(browser.url.pathname + browser.url.search).to.equal(at(ana, '?saved=signed-out'));
    expect(text('#saved')).to.include('Recorded in the audit log.');
    expect(text('section[aria-labelledby=places]')).to.include('Not signed in anywhere.');
    await hers.open('/account/security');
    expect(hers.url.pathname).to.match(/^\/sign-in\//);
    expect((await consoles.told(ana, 'agent_signed_out')).length).to.equal(1);
  });

  it('signs somebody out in one browser', async () => {
    const ana = await consoles.person({ keys: [{}] });
    const [one, other] = [await consoles.signIn(ana), await consoles.signIn(ana)];
    await browser.open(at(ana));
    await browser.submit({}, 'section[aria-labelledby=places] form');
    expect(text('#saved')).to.include('Signed out of that browser');
    expect(browser.page()('section[aria-labelledby=places] form')).to.have.length(1);
    const still = [await one.open('/account/security'), await other.open('/account/security')].filter(
      ({ url }) => url.pathname === '/account/security',
    );
    expect(still.length).to.equal(1);
  });

  it('disables and enables; who was signed out stays so', async () => {
    const ana = await consoles.person({ keys: [{}] });
    const hers = await consoles.signIn(ana);
    await confirm(at(ana, '/disable'));
    expect(text('.tags')).to.include('Disabled');
    expect(actions()).to.deep.equal(['Reset two-factor', 'Change role', 'Enable account']);
    await confirm(at(ana, '/enable'));
    expect((await consoles.now(ana)).state).to.equal('active');
    await hers.open('/account/security');
    expect(hers.url.pathname).to.match(/^\/sign-in\//);
    expect((await consoles.told(ana, 'agent_disabled', 'agent_enabled')).length).to.equal(2);
  });

  it('changes a role up to one’s own, once, and only as it was seen', async () => {
    const ana = await consoles.person({ keys: [{}] });
    await consoles.confirm(browser, admin, at(ana, '/roles'));
    const offered = browser
      .page()('input[name=role]')
      .toArray()
      .map((one) => browser.page()(one).attr('value'));
    expect(offered).to.deep.equal(['agent', 'lead', 'admin']);
    const version = String((await consoles.now(ana)).credVersion);
    const _csrf = tokenOf(browser);
    await browser.post(at(ana, '/roles'), { _csrf, version, role: 'operator' });
    expect(browser.status).to.equal(403);
    for (const role of ['king', '']) {
      await browser.post(at(ana, '/roles'), { _csrf, version, role });
      expect(browser.status).to.equal(400);
    }
    await browser.post(at(ana, '/roles'), { _csrf, version, role: 'lead' });
    expect(text('.tags')).to.equal('Active Team lead');
    expect((await consoles.now(ana)).roles).to.deep.equal(['agent', 'lead']);
    await browser.post(at(ana, '/roles'), { _csrf, version, role: 'admin' });
    expect(browser.status, 'an old page').to.equal(409);
    expect((await consoles.now(ana)).roles).to.deep.equal(['agent', 'lead']);
    expect((await consoles.told(ana, 'roles_changed')).length).to.equal(1);
  });

  it('offers of oneself only signing out, and of a higher role nothing', async () => {
    const top = await consoles.inCharge('operator');
    await browser.open(at(top));
    expect([browser.status, actions()]).to.deep.equal([200, []]);
    expect(text('#limit')).to.include('You can view this, but not change it');
    await browser.open(at(admin));
    expect(actions()).to.deep.equal(['Sign out everywhere']);
    expect(text('#limit')).to.include('This is you');
    for (const below of ['/roles', '/disable', '/reset']) {
      await browser.open(at(admin, below));
      expect(browser.status, below).to.equal(403);
    }
    const refused = await consoles.told(admin, 'access_refused');
    expect(refused[0]).to.deep.equal(['access_refused', null, 'yourself']);
  });

  it('lets a lead see, and sign out agents alone', async () => {
    const lead = await consoles.inCharge('lead');
    const [ana, other] = [await consoles.person({ keys: [{}] }), await consoles.inCharge('lead')];
    const theirs = await consoles.open(lead);
    await theirs.open(at(ana));
    expect(theirs.page()('section[aria-labelledby=actions] a').text()).to.equal('Sign out everywhere');
    await theirs.open(at(other));
    expect(theirs.page()('section[aria-labelledby=actions]')).to.have.length(0);
    const sales = await consoles.person({ app: true });
    await consoles.stores.accounts.save(sales.account, { team: 'Sales' });
    await theirs.open(at(sales));
    expect(theirs.page()('section[aria-labelledby=actions]')).to.have.length(0);
    expect(theirs.page()('#limit').text()).to.include('is in another team');
    await theirs.open(at(sales, '/sign-out'));
    expect(theirs.status, 'another team').to.equal(403);
    for (const below of ['/disable', '/roles', '/reset']) {
      await theirs.open(at(ana, below));
      expect(theirs.status, below).to.equal(403);
    }
  });

  it('finds nobody of another company, and changes nothing there', async () => {
    const stranger = await consoles.person({ keys: [{}] }, 'globex');
    const before = await consoles.now(stranger);
    await consoles.confirm(browser, admin, at(await consoles.person({}), '/sign-out'));
    const _csrf = tokenOf(browser);
    for (const below of ['', '/sign-out', '/disable', '/roles', '/reset', '/resets/x']) {
      await browser.open(at(stranger, below));
      expect(browser.status, below).to.equal(404);
    }
    const form = { _csrf, version: '1', role: 'lead', reason: 'x', once: 'a'.repeat(22) };
    for (const below of ['/sign-out', '/disable', '/enable', '/roles', '/reset', '/resets/x/approve']) {
      await browser.post(at(stranger, below), form);
      expect(browser.status, below).to.equal(404);
    }
    expect(await consoles.now(stranger)).to.deep.equal(before);
  });

  it('keeps the last admin, and says so', async () => {
    await consoles.idp.addTenant('small');
    const operator = await consoles.inCharge('operator', { keys: [{}] }, 'small');
    const only = await consoles.inCharge('admin', { keys: [{}] }, 'small');
    const theirs = await consoles.open(operator);
    await consoles.confirm(theirs, operator, at(only, '/disable'));
    // Meanwhile the one who asks is not an operator any more for the rule that counts; they still are for this request.
    const { adminWatch } = consoles.stores;
    const { accountId, credVersion } = await consoles.now(operator);
    const { version } = await adminWatch.find('small');
    const now = new Date((await consoles.now(operator)).createdAt.getTime() + 1000);
    await adminWatch.save('small', version, [{ accountId, credVersion, at: now }]);
    await theirs.submit({});
    expect(theirs.status).to.equal(422);
    expect(theirs.page()('.alert h2').text()).to.equal(`${only.account.name} is the last admin`);
    expect((await consoles.now(only)).state).to.equal('active');
  });
});
