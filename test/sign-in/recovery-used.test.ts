import { expect } from 'chai';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, walk, within } from '../support/walk.ts';
import { codeOf, startAgents, truth, type Agents, type DemandingApp } from './agents.ts';

const REMOVE = { action: 'remove' };
const NEW_CODES = 'form[action$="/new-codes/make"]';

describe('after a recovery code', () => {
  let agents: Agents;
  let app: DemandingApp;
  let browser: PageBrowser;

  before(async () => void (agents = await startAgents()));
  after(() => agents.close());
  beforeEach(() => {
    agents.putClockBack(0);
    app = agents.app();
    browser = agents.idp.browser();
  });

  const now = async ({ account }: Person) => {
    const found = await agents.idp.app.stores.accounts.find(account);
    if (!found) throw new Error('the account is gone');
    return found;
  };
  const token = () => browser.page()('input[name=_csrf]').first().attr('value') ?? '';
  const codesOn = () =>
    browser
      .page()('.codes code')
      .toArray()
      .map((code) => browser.page()(code).text());

  /** As far as the page of a used recovery code, with `left` codes. */
  async function used(left: number): Promise<Person> {
    const ana = await agents.person({ app: true, keys: [{}], codes: true });
    const { stores } = agents.idp.app;
    const recovery = await stores.makeRecoverySet(ana.codes.slice(0, left + 1));
    await stores.accounts.save(ana.account, { recovery });
    await browser.open(app.authorizeUrl());
    await walk(browser, ana, { ...agents, by: 'recovery-code', until: 'recovery-used' });
    expect(pageOf(browser)).to.equal('recovery-used');
    return ana;
  }

  it('says how many are left, warns at three, and stops at none', async () => {
    await used(14);
    expect(browser.heading()).to.equal('You used a recovery code');
    browser = agents.idp.browser();
    await used(3);
    expect(browser.heading()).to.equal('Only 3 recovery codes are left');
    browser = agents.idp.browser();
    await used(0);
    expect(browser.heading()).to.equal('That was your last recovery code');
    expect(browser.html).not.to.include('Not now');
  });

  it('goes on without new codes while there are some, and never after the last one', async () => {
    await used(1);
    await browser.submit({ action: 'continue' }, 'form:not([action])');
    expect(codeOf(browser)).to.be.a('string');

    browser = agents.idp.browser();
    await used(0);
    for (const action of ['continue', 'remove']) {
      await browser.post(within(browser, 'recovery-used'), { _csrf: token(), action });
      expect([pageOf(browser), browser.left]).to.deep.equal(['recovery-used', null]);
    }
    await browser.open(within(browser, 'recovery-used').replace('/recovery-used', ''));
    expect([pageOf(browser), browser.left]).to.deep.equal(['recovery-used', null]);
  });

  it('makes new codes on the way, which work once and kill the old ones, and arrives at the app', async () => {
    const ana = await used(0);
    await browser.submit({}, NEW_CODES);
    expect(browser.heading()).to.equal('Save your recovery codes');
    const codes = codesOn();
    expect(codes).to.have.length(15);
    const file = await browser.copy().open(browser.page()('a[download]').attr('href') ?? '');
    expect(codes.every((code) => file.html.includes(code))).to.equal(true);
    await browser.submit({});
    expect([browser.status, codesOn()]).to.deep.equal([422, codes]);
    await browser.submit({ saved: 'yes' });
    expect((await truth(app, codeOf(browser))).amr).to.have.members(['pwd', 'recovery_code', 'mfa']);

    expect((await now(ana)).recovery?.digests).to.have.length(15);
    for (const [code, page] of [
      [ana.codes[1], 'recovery-code'],
      [codes[0], 'recovery-used'],
    ] as const) {
      const again = await agents.idp.browser().open(app.authorizeUrl());
      await walk(
        again,
        { ...ana, codes: [code ?? ''] },
        { ...agents, by: 'recovery-code', until: 'recovery-used' },
      );
      expect(pageOf(again)).to.equal(page);
    }
    expect(await agents.mailsTo(ana, 2)).to.include('New recovery codes were made. Old ones stopped working');
  });

  it('shows them once: whoever comes back before saving them makes others', async () => {
    await used(0);
    await browser.submit({}, NEW_CODES);
    const [first] = codesOn();
    await browser.open(browser.url.pathname);
    expect(browser.heading()).to.equal('That was your last recovery code');
    await browser.submit({}, NEW_CODES);
    expect(codesOn()[0]).not.to.equal(first);
    await browser.submit({ saved: 'yes' });
    expect(codeOf(browser)).to.be.a('string');
  });

  it('signs the person out everywhere else by new codes', async () => {
    const ana = await used(5);
    const here = browser;
    browser = agents.idp.browser();
    agents.putClockBack(5);
    await browser.open(app.authorizeUrl());
    await walk(browser, ana, agents);
    expect(codeOf(browser)).to.be.a('string');
    const elsewhere = browser.copy();
    agents.putClockBack(0);

    browser = here;
    await browser.submit({}, NEW_CODES);
    await browser.submit({ saved: 'yes' });
    expect(codeOf(browser)).to.be.a('string');
    await elsewhere.open(app.authorizeUrl({ prompt: 'none' }));
    expect(elsewhere.left?.searchParams.get('error')).to.equal('login_required');
    await browser.open(app.authorizeUrl({ prompt: 'none' }));
    expect(codeOf(browser)).to.be.a('string');
  });

  it('keeps the session that a step-up starts from', async () => {
    const ana = await agents.person({ codes: true });
    await browser.open(app.authorizeUrl());
    await walk(browser, ana, agents);
    await agents.idp.addMethods(ana, { app: true });
    await browser.open(agents.app('vault').authorizeUrl());
    await walk(browser, ana, { ...agents, by: 'recovery-code', until: 'recovery-used' });
    await browser.submit({}, NEW_CODES);
    await browser.submit({ saved: 'yes' });
    expect(codeOf(browser)).to.be.a('string');
  });

  it('20 clicks at once make one list that counts', async () => {
    const ana = await used(0);
    const before = await now(ana);
    const clicks = Array.from({ length: 20 }, () => Object.assign(browser.copy(), { html: browser.html }));
    await Promise.all(clicks.map((click) => click.submit({}, NEW_CODES)));
    for (const { status } of clicks) expect(status).to.be.below(504);
    expect((await now(ana)).credVersion).to.equal(before.credVersion + 1);
  }).timeout(60_000);

  it('makes nothing for another browser, without a token, or before a code was used', async () => {
    const ana = await used(0);
    const { digests } = (await now(ana)).recovery ?? {};
    const make = within(browser, 'new-codes/make');
    await browser.post(make, {});
    expect(browser.status).to.equal(403);
    await agents.idp.browser().post(make, { _csrf: token() });
    browser = agents.idp.browser();
    await browser.open(app.authorizeUrl());
    await walk(browser, ana, { ...agents, until: 'security-key' });
    await browser.post(within(browser, 'new-codes/make'), { _csrf: token() });
    expect(pageOf(browser)).to.equal('security-key');
    expect((await now(ana)).recovery?.digests).to.deep.equal(digests);
  });

  describe('"Remove what I lost"', () => {
    it('leads to the security settings, where a lost method is removed without another proof', async () => {
      const ana = await used(5);
      await browser.submit(REMOVE, 'form:not([action])');
      expect([browser.left, browser.url.pathname]).to.deep.equal([null, '/account/security']);
      const [lost] = ana.account.methods;
      await browser.open(`/account/security/methods/${lost?.id}/remove`);
      expect(browser.url.pathname).to.equal(`/account/security/methods/${lost?.id}/remove`);
      await browser.submit({});
      expect((await now(ana)).methods.map(({ id }) => id)).to.not.include(lost?.id);
      await browser.open(app.authorizeUrl());
      expect(codeOf(browser)).to.be.a('string');
    });

    const wayBack = () => browser.page()('a.btn:contains("Continue to")');

    it('leads back to the app, before the removal and after it, by the address that it is registered with', async () => {
      const ana = await used(5);
      await browser.submit(REMOVE, 'form:not([action])');
      const [lost] = ana.account.methods;
      const isThere = () =>
        expect([wayBack().text(), wayBack().attr('href')]).to.deep.equal([
          'Continue to plain',
          'https://desk.example',
        ]);
      isThere();
      await browser.open(`/account/security/methods/${lost?.id}/remove`);
      await browser.submit({});
      expect(browser.url.search).to.equal('?saved=removed');
      isThere();
      const elsewhere = await agents.idp.browser().open('/account/security');
      await walk(elsewhere, ana, agents);
      expect(elsewhere.html, 'another session').to.not.include('Continue to');
    });

    it('leads back to no app that is gone, nor by an address that a request names', async () => {
      const { clients } = agents.idp.app.stores;
      await agents.idp.addClient({
        client_id: 'brief',
        client_name: 'Brief',
        client_uri: 'https://brief.example/start',
        client_secret: 'a secret of this test, long enough',
        redirect_uris: ['https://desk.example/callback'],
        first_party: true,
      });
      app = agents.app('brief');
      await used(5);
      await browser.submit(REMOVE, 'form:not([action])');
      expect(wayBack().attr('href')).to.equal('https://brief.example/start');
      const record = await clients.find('brief');
      if (!record) throw new Error('no client');
      await clients.save({ ...record, tenantId: 'southwind' });
      await browser.open('/account/security');
      expect(wayBack()).to.have.length(0);
      await clients.remove('brief');
      for (const query of ['', '?from=plain', '?client_id=plain', '?from=https://evil.example']) {
        await browser.open(`/account/security${query}`);
        expect(wayBack(), query).to.have.length(0);
      }
    });

    it('opens removal and set-up there, nothing else, and for ten minutes', async () => {
      const ana = await used(5);
      await browser.submit(REMOVE, 'form:not([action])');
      const [lost] = ana.account.methods;
      for (const goal of ['turn-off', 'sessions']) {
        const at = await browser.copy().open(`/account/confirm/${goal}`);
        expect(at.url.pathname, goal).to.match(/^\/account\/confirm\//);
      }
      agents.putClockBack(-601);
      await browser.open(`/account/security/methods/${lost?.id}/remove`);
      expect(browser.url.pathname).to.match(/^\/account\/confirm\//);
    });

    it('is over with any change of the account', async () => {
      const ana = await used(5);
      await browser.submit(REMOVE, 'form:not([action])');
      await agents.idp.app.stores.accounts.save(await now(ana), { name: 'Ana Other' });
      await browser.open(`/account/security/methods/${ana.account.methods[0]?.id}/remove`);
      expect(browser.url.pathname).to.match(/^\/account\/confirm\//);
    });
  });
});
