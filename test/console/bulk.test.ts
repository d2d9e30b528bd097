import { expect } from 'chai';
import { tokenOf, wayOf } from '../security-settings/owners.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { startConsoles, type Consoles } from './console.ts';

const ONCE = 'a'.repeat(22);
const HERE = '/admin/selected-agents';
const ids = (...people: Person[]) => people.map(({ account }) => account.accountId);
const query = (...people: Person[]) =>
  new URLSearchParams(ids(...people).map((id) => ['who', id])).toString();

describe('something done to many agents at once', () => {
  let consoles: Consoles;
  let tenant: string;
  let admin: Person;
  let browser: PageBrowser;
  let ana: Person;
  let ben: Person;
  let count = 0;
  before(async () => {
    consoles = await startConsoles();
    await consoles.idp.addTenant('globex');
  });
  after(() => consoles.close());
  beforeEach(async () => {
    tenant = `many-${(count += 1)}`;
    await consoles.idp.addTenant(tenant);
    admin = await consoles.inCharge('admin', { keys: [{}] }, tenant);
    browser = await consoles.open(admin);
    [ana, ben] = [await consoles.person({ app: true }, tenant), await consoles.person({}, tenant)];
  });

  const text = (selector: string) => browser.page()(selector).text().replaceAll(/\s+/g, ' ').trim();
  const stateOf = async (person: Person) => (await consoles.now(person)).state;
  const ask = (deed: string, ...people: Person[]) =>
    consoles.confirm(browser, admin, `${HERE}/${deed}?${query(...people)}`);

  it('begins with ticks in the list, each named by its person', async () => {
    await browser.open('/admin/agents');
    const label = browser.page()(`input[value="${ana.account.accountId}"]`).parent().text();
    expect(label).to.equal(`Select ${ana.account.name}`);
    expect(text('form[data-bulk] button')).to.equal('Sign outDisableEnableReset two-factor');
    const lead = await consoles.open(
      await consoles.inCharge('lead', { keys: [{}] }, tenant),
      '/admin/agents',
    );
    expect(lead.page()('form[data-bulk] button').text()).to.equal('Sign out');
  });

  it('lists whom it is about, asks for their number and a fresh proof, and tells what became of it', async () => {
    const top = await consoles.inCharge('operator', { keys: [{}] }, tenant);
    const hers = await consoles.signIn(ana);
    await browser.open(`${HERE}/sign-out?${query(ana, ben, top, admin)}`);
    expect(wayOf(browser)).to.equal('security-key');
    await ask('sign-out', ana, ben, top, admin);
    expect(browser.heading()).to.equal('Sign out 2 agents everywhere?');
    expect(text('section[aria-labelledby=left]')).to.include('This is you').and.include('a role you cannot');
    for (const wrong of ['', '3', 'two']) {
      await browser.submit({ count: wrong });
      expect(browser.status, wrong).to.equal(422);
    }
    expect((await hers.open('/account/security')).url.pathname).to.equal('/account/security');
    await browser.submit({ count: '2' });
    expect([browser.status, browser.heading()]).to.deep.equal([200, '2 agents were signed out']);
    expect(text('section[aria-labelledby=left]'))
      .to.include(top.account.name)
      .and.include(admin.account.name);
    expect((await hers.open('/account/security')).url.pathname).to.match(/^\/sign-in\//);
    for (const person of [ana, ben])
      expect((await consoles.told(person, 'agent_signed_out')).length).to.equal(1);
    expect((await consoles.told(top, 'agent_signed_out')).length).to.equal(0);
    expect((await browser.open('/admin')).status, 'who did it stays').to.equal(200);
  });

  it('disables and enables, and leaves out who is so already', async () => {
    await ask('disable', ana, ben);
    await browser.submit({ count: '2' });
    expect(browser.heading()).to.equal('2 accounts were disabled');
    const cleo = await consoles.person({}, tenant);
    await ask('enable', ana, ben, cleo);
    expect(text('section[aria-labelledby=left]')).to.include('Already done');
    await browser.submit({});
    expect(browser.heading()).to.equal('2 accounts were enabled');
    expect(await Promise.all([ana, ben, cleo].map(stateOf))).to.deep.equal(['active', 'active', 'active']);
    expect((await consoles.told(cleo, 'agent_enabled')).length).to.equal(0);
  });

  it('asks for the reset of several, with one reason, as the policy wants it of each', async () => {
    const top = await consoles.inCharge('operator', { keys: [{}] }, tenant);
    const cleo = await consoles.person({ keys: [{}], app: true }, tenant);
    await ask('reset', ana, ben, cleo, top, admin);
    expect(browser.heading()).to.equal('Reset two-factor for 2 agents?');
    expect(text('section[aria-labelledby=left]'))
      .to.include('Has nothing to reset')
      .and.include('This is you');
    expect(text('form.panel')).to.include('It happens after 24 hours.');
    await browser.submit({ count: '2', reason: '  ' });
    expect([browser.status, browser.html.includes('Enter a reason')]).to.deep.equal([422, true]);
    await browser.submit({ count: '3', reason: 'Lost in the move' });
    expect([browser.status, browser.page()('#reason').val()]).to.deep.equal([422, 'Lost in the move']);
    await browser.submit({ count: '2', reason: 'Lost in the move' });
    expect(browser.heading()).to.equal('2 resets were asked for');
    for (const person of [ana, cleo]) {
      const open = await consoles.idp.app.admin.resets.open(person.account);
      expect(open).to.deep.include({ state: 'waiting', reason: 'Lost in the move' });
      expect((await consoles.mailsTo(person)).length).to.equal(1);
      expect((await consoles.now(person)).methodCount).to.be.greaterThan(0);
    }
    for (const person of [ben, top, admin])
      expect(await consoles.idp.app.admin.resets.open(person.account)).to.equal(null);
    await ask('reset', ana, cleo);
    expect(text('section[aria-labelledby=left]')).to.include('Has a reset waiting');
    const lead = await consoles.open(await consoles.inCharge('lead', { keys: [{}] }, tenant));
    expect((await lead.open(`${HERE}/reset?${query(ana)}`)).status).to.equal(403);
  });

  it('resets at once where the policy says so, and counts each as a change of the hour', async () => {
    const now = await consoles.stores.tenants.findFresh(tenant);
    if (now) await consoles.stores.tenants.savePolicy(now, { ...now.policy, resetApproval: 'at-once' });
    const cleo = await consoles.person({ app: true }, tenant);
    for (let made = 0; made < 97; made += 1) await consoles.idp.app.admin.countChange(admin.account);
    await ask('reset', ana, cleo);
    await browser.submit({ count: '2', reason: 'Stolen bag' });
    expect(browser.heading()).to.equal('2 resets were asked for');
    for (const person of [ana, cleo]) expect((await consoles.now(person)).methods).to.deep.equal([]);
  });

  it('knows nobody of another company, and changes nothing there', async () => {
    const stranger = await consoles.person({}, 'globex');
    const before = await consoles.now(stranger);
    await ask('disable', ana, ben, stranger);
    expect(browser.heading()).to.equal('Disable 2 accounts?');
    expect(browser.html).not.to.include('globex');
    const who = ids(ana, ben, stranger).join('~');
    await browser.post(`${HERE}/disable`, {
      _csrf: tokenOf(browser),
      who,
      once: ONCE,
      shown: '3',
      count: '3',
    });
    expect(browser.status, 'made up').to.equal(409);
    await browser.post(`${HERE}/disable`, {
      _csrf: tokenOf(browser),
      who,
      once: ONCE,
      shown: '2',
      count: '2',
    });
    expect([browser.status, browser.heading()]).to.deep.equal([200, '2 accounts were disabled']);
    expect(browser.html).not.to.include(stranger.account.accountId);
    expect(await consoles.now(stranger)).to.deep.equal(before);
    expect(await consoles.told(stranger, 'agent_disabled')).to.deep.equal([]);
  });

  it('comes back with the new number when it changed while it was read', async () => {
    await ask('disable', ana, ben);
    await consoles.stores.accounts.save(await consoles.now(ben), { state: 'disabled' });
    await browser.submit({ count: '2' });
    expect(browser.status).to.equal(409);
    expect(text('.alert'))
      .to.include('The number changed while you were reading')
      .and.include('It is now 1.');
    expect(await stateOf(ana)).to.equal('active');
    await browser.submit({ count: '' });
    expect(browser.heading()).to.equal('1 account was disabled');
  });

  it('does nothing for leads that they cannot do to one, nor without a proof or the token', async () => {
    const lead = await consoles.inCharge('lead', { keys: [{}] }, tenant);
    const theirs = await consoles.open(lead);
    await theirs.open(`${HERE}/disable?${query(ana)}`);
    expect(theirs.status).to.equal(403);
    await theirs.open(`${HERE}/sign-out?${query(admin, lead)}`);
    expect(theirs.page()('main').text()).to.include('This cannot be done to any of them.');
    await consoles.stores.accounts.save(ben.account, { team: 'Sales' });
    await theirs.open(`${HERE}/sign-out?${query(ben)}`);
    expect(theirs.page()('main').text()).to.include('Is in another team');
    await ask('disable', ana, ben);
    const form = {
      _csrf: tokenOf(browser),
      who: ids(ana, ben).join('~'),
      once: ONCE,
      shown: '2',
      count: '2',
    };
    await browser.post(`${HERE}/disable`, { ...form, _csrf: 'x' });
    expect(browser.status).to.equal(403);
    consoles.later(601);
    await browser.post(`${HERE}/disable`, form);
    expect(wayOf(browser)).to.equal('security-key');
    expect(await stateOf(ana)).to.equal('active');
  });

  it('takes 50 at most, no strange ids, and says so when nobody is ticked', async () => {
    for (const who of [
      Array(51)
        .fill('')
        .map((_, at) => `id-${at}`)
        .join('~'),
      '../..',
      '$ne',
      'a.b',
    ]) {
      await browser.open(`${HERE}/disable?who=${encodeURIComponent(who)}`);
      expect(browser.status, who).to.equal(400);
    }
    await browser.open(`${HERE}/disable`);
    expect([browser.status, browser.heading()]).to.deep.equal([200, 'Nobody is selected']);
    const fifty = Array(50)
      .fill('')
      .map((_, at) => `id-${at}`)
      .join('~');
    await browser.open(`${HERE}/disable?who=${fifty}`);
    expect(browser.heading()).to.equal('Nobody is selected');
  });

  it('counts each one as a change, and stops at the limit of an hour', async () => {
    const { accountId } = admin.account;
    for (let made = 0; made < 98; made += 1)
      await consoles.idp.app.admin.countChange({ tenantId: tenant, accountId });
    const cleo = await consoles.person({}, tenant);
    await ask('disable', ana, ben, cleo);
    await browser.submit({ count: '3' });
    expect(browser.heading()).to.equal('2 accounts were disabled');
    expect(text('section[aria-labelledby=left]')).to.include('You made 100 changes in an hour');
    const states = await Promise.all([ana, ben, cleo].map(stateOf));
    expect(states.filter((state) => state === 'disabled').length).to.equal(2);
  });
});
