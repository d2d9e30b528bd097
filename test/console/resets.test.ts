import { expect } from 'chai';
import { randomId } from '../../src/core/random.ts';
import { tokenOf, wayOf } from '../security-settings/owners.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, walk } from '../support/walk.ts';
import { startConsoles, type Consoles } from './console.ts';

const at = ({ account }: Person, below = '/reset') => `/admin/agents/${account.accountId}${below}`;
const REASON = 'lost the phone on the train';

describe('resetting the two factors of somebody, in the console', () => {
  let consoles: Consoles;
  let tenant: string;
  let admin: Person;
  let browser: PageBrowser;
  let ana: Person;
  let count = 0;
  before(async () => void (consoles = await startConsoles()));
  after(() => consoles.close());

  /** A company that wants it so, one of its admins at the console, and Ana, who has lost her phone. */
  async function company(resetApproval: 'second-admin' | 'delay' | 'at-once'): Promise<void> {
    tenant = `company-${(count += 1)}`;
    await consoles.idp.addTenant(tenant, { resetApproval, secondFactor: 'required' });
    admin = await consoles.inCharge('admin', { keys: [{}] }, tenant);
    browser = await consoles.open(admin);
    ana = await consoles.person({ app: true, codes: true }, tenant);
  }
  const alert = (of = browser) => of.page()('.alert').text().replaceAll(/\s+/g, ' ').trim();
  const methods = async () => (await consoles.now(ana)).methodCount;
  const told = () => consoles.told(ana, 'two_factor_reset_asked', 'two_factor_reset_approved', 'two_factor_reset_cancelled', 'two_factor_reset_done'); // prettier-ignore

  it('wants a reason, and a fresh proof of who asks', async () => {
    await company('delay');
    await browser.open(at(ana));
    expect(wayOf(browser)).to.equal('security-key');
    await consoles.confirm(browser, admin, at(ana));
    expect(browser.heading()).to.equal(`Reset two-factor for ${ana.account.name}?`);
    for (const reason of ['', '   ']) {
      await browser.submit({ reason });
      expect(browser.status).to.equal(422);
      expect(browser.page()('#reason').attr('aria-invalid')).to.equal('true');
    }
    const form = { _csrf: tokenOf(browser), once: randomId(), reason: REASON };
    await browser.post(at(ana), { ...form, once: 'x' });
    expect(browser.status).to.equal(400);
    await browser.post(at(ana), { ...form, reason: 'x'.repeat(501) });
    expect(browser.status).to.equal(400);
    consoles.later(601);
    await browser.post(at(ana), form);
    expect(wayOf(browser), 'an old proof').to.equal('security-key');
    expect(await told()).to.deep.equal([]);
  });

  it('waits for 24 hours, can be cancelled, and is seen on the page of the person', async () => {
    await company('delay');
    await consoles.confirm(browser, admin, at(ana));
    await browser.submit({ reason: REASON });
    expect(browser.url.pathname).to.match(/\/resets\/[\w-]+$/);
    expect(alert())
      .to.match(/^Waiting for 24 hours, until \d/)
      .and.include('was told by email and can stop it');
    expect(browser.page()('.pairs').text()).to.include(REASON).and.include(admin.account.name);
    const there = browser.url.pathname;
    await browser.open(at(ana));
    expect(browser.url.pathname, 'there is one already').to.equal(there);
    await browser.open(at(ana, ''));
    expect(browser.page()('#reset a').attr('href')).to.equal(there);
    await browser.open(there);
    await browser.submit({}, 'form[action$="/cancel"]');
    expect([browser.status, browser.heading()]).to.deep.equal([200, 'The reset was cancelled']);
    expect(await methods()).to.equal(1);
    await browser.post(`${there}/cancel`, { _csrf: tokenOf(await consoles.open(admin)) });
    expect(browser.status).to.equal(403);
    expect((await told()).map(([event]) => event)).to.deep.equal([
      'two_factor_reset_cancelled',
      'two_factor_reset_asked',
    ]);
    expect((await told())[1]?.[2]).to.equal(REASON);
  });

  it('waits for somebody else, who agrees once, however often the button is pressed', async () => {
    await company('second-admin');
    await consoles.confirm(browser, admin, at(ana));
    await browser.submit({ reason: REASON });
    const there = browser.url.pathname;
    expect(alert()).to.include('Waiting for a second admin').and.include('somebody else must agree');
    expect(browser.page()('form[action$="/approve"]')).to.have.length(0);
    await browser.post(`${there}/approve`, { _csrf: tokenOf(browser) });
    expect(browser.status, 'by address').to.equal(403);
    expect(await methods()).to.equal(1);

    const second = await consoles.inCharge('admin', { keys: [{}] }, tenant);
    const theirs = await consoles.open(second);
    await theirs.open(there);
    await theirs.submit({}, 'form[action$="/approve"]');
    expect(wayOf(theirs), 'no proof yet').to.equal('security-key');
    expect(await methods()).to.equal(1);
    await consoles.confirm(theirs, second, theirs.url.pathname);
    expect(theirs.url.pathname).to.equal(there);
    const form = { _csrf: tokenOf(theirs) };
    const other = theirs.copy();
    await Promise.all([theirs.post(`${there}/approve`, form), other.post(`${there}/approve`, form)]);
    expect([theirs.status, other.status].sort()).to.deep.equal([200, 409]);
    await theirs.open(there);
    expect(theirs.heading()).to.equal(`Two-factor for ${ana.account.name} was reset`);
    expect(alert(theirs)).to.include('They set up again at their next sign-in.');
    expect([await methods(), (await consoles.now(ana)).recovery]).to.deep.equal([0, null]);
    expect((await told()).filter(([event]) => event === 'two_factor_reset_done').length).to.equal(1);
  });

  it('happens at once where the company wants it so; the same form sent twice is one reset', async () => {
    await company('at-once');
    const hers = await consoles.signIn(ana);
    await consoles.confirm(browser, admin, at(ana));
    const form = { _csrf: tokenOf(browser), once: randomId(), reason: REASON };
    const other = browser.copy();
    await Promise.all([browser.post(at(ana), form), other.post(at(ana), form)]);
    expect(browser.url.pathname).to.equal(other.url.pathname);
    await browser.open(browser.url.pathname);
    expect(browser.heading()).to.equal(`Two-factor for ${ana.account.name} was reset`);
    await hers.open('/account/security');
    expect(hers.url.pathname).to.match(/^\/sign-in\//);
    expect((await told()).filter(([event]) => event === 'two_factor_reset_done').length).to.equal(1);
  });

  it('leads to set-up at the next sign-in where two factors are optional too, until there is a method', async () => {
    await company('at-once');
    const { tenants } = consoles.stores;
    const found = await tenants.findFresh(tenant);
    if (found) await tenants.savePolicy(found, { ...found.policy, secondFactor: 'optional' });
    await consoles.confirm(browser, admin, at(ana));
    await browser.submit({ reason: REASON });
    expect(alert()).to.include('They set up again at their next sign-in.');
    await browser.open(at(ana, ''));
    expect(browser.html).to.include('is asked to set one up at the next sign-in.');

    const hers = await consoles.idp.browser().open('/account/security');
    await walk(hers, await consoles.asNow(ana), { appCode: consoles.appCode, until: 'set-up' });
    expect(pageOf(hers)).to.equal('set-up');
    expect(hers.page()('form[action$="/skip"]')).to.have.length(0);
    expect(found?.policy.enrolmentProof).to.equal('none');
    await hers.submit({});
    expect(hers.heading(), 'the mailbox is asked for, whatever the policy').to.equal('Check your email');
    await hers.open(hers.url.pathname.replace(/check-email$/, 'codes'));
    expect(hers.page()('.codes code').length).to.equal(0);
    await walk(hers, await consoles.asNow(ana), { appCode: consoles.appCode });
    expect(hers.left?.searchParams.get('error') ?? hers.url.pathname, 'given up').not.to.equal(
      '/account/security',
    );

    const methods = [{ id: 'new', kind: 'authenticator-app', addedAt: new Date() }] as const;
    const set = await consoles.stores.accounts.save(await consoles.now(ana), { methods });
    expect(set?.owesMethod).to.equal(false);
    const off = set && (await consoles.stores.accounts.save(set, { methods: [] }));
    expect(off?.owesMethod, 'turned off by themselves').to.equal(false);
    const again = await consoles.signIn(ana);
    expect(again.url.pathname).to.equal('/account/security');
  });

  it('is of this person alone, and of this company', async () => {
    await company('delay');
    await consoles.confirm(browser, admin, at(ana));
    await browser.submit({ reason: REASON });
    const id = browser.url.pathname.split('/').at(-1) ?? '';
    const ben = await consoles.person({ app: true }, tenant);
    for (const below of [`/resets/${id}`, '/resets/of-nobody']) {
      await browser.open(at(ben, below));
      expect(browser.status, below).to.equal(404);
    }
    await browser.open(`/admin/agents/${ana.account.accountId}/resets/${id}`);
    const _csrf = tokenOf(browser);
    await browser.post(at(ben, `/resets/${id}/cancel`), { _csrf });
    expect(browser.status).to.equal(404);
    const stranger = await consoles.open(await consoles.inCharge('operator'));
    for (const below of ['', '/reset', `/resets/${id}`]) {
      await stranger.open(at(ana, below));
      expect(stranger.status, below).to.equal(404);
    }
    expect((await consoles.stores.resets.find(id))?.state).to.equal('waiting');
  });
});
