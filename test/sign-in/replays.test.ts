import { expect } from 'chai';
import { PASSWORD, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, touchKey, walk, within } from '../support/walk.ts';
import { codeOf, startAgents, type Agents, type DemandingApp } from './agents.ts';

describe('what was used once', () => {
  let agents: Agents;
  let app: DemandingApp;
  let ana: Person;
  let browser: PageBrowser;

  before(async () => void (agents = await startAgents()));
  after(() => agents.close());
  beforeEach(async () => {
    app = agents.app();
    ana = await agents.person({ keys: [{}], app: true, codes: true });
    browser = agents.idp.browser();
  });

  const tokenOf = (at: PageBrowser) => at.page()('input[name=_csrf]').first().attr('value') ?? '';

  /** Signs in as far as `page`. */
  async function upTo(page: string, at = browser) {
    await at.open(app.authorizeUrl());
    const by = page === 'security-key' ? {} : { by: page };
    await walk(at, ana, { ...agents, ...by, until: page });
    if (pageOf(at) !== page) await at.open(within(at, `second-factor/${page}`));
    return { path: at.url.pathname, _csrf: tokenOf(at) };
  }

  describe('in the same sign-in', () => {
    it('a form that is sent again after its sign-in is over tells so, and gives no second code', async () => {
      const { path, _csrf } = await upTo('authenticator-app');
      const code = await agents.appCode();
      const forms: [string, Record<string, string>][] = [
        [path.replace(/second-factor.*/, 'password'), { email: ana.account.email, password: PASSWORD }],
        [path, { code }],
      ];
      await browser.submit({ code });
      expect(codeOf(browser)).to.be.a('string');
      for (const [to, fields] of forms) {
        await browser.post(to, { _csrf, ...fields });
        expect([browser.status, browser.left], to).to.deep.equal([409, null]);
        expect(browser.heading()).to.equal('You are already signed in');
      }
    });

    it('an answer of a key is judged once, right or wrong', async () => {
      const { path, _csrf } = await upTo('security-key');
      const right = touchKey(browser, ana);
      await browser.post(path, { _csrf, response: 'not an answer', client_state: 'ready' });
      expect(browser.status).to.equal(422);
      await browser.post(path, { _csrf, ...right });
      expect([browser.status, browser.left]).to.deep.equal([422, null]);
      await browser.submit(touchKey(browser, ana));
      expect(codeOf(browser)).to.be.a('string');
    });
  });

  describe('in another sign-in of the same person', () => {
    let thief: PageBrowser;
    beforeEach(() => void (thief = agents.idp.browser()));

    it('an answer of a key is worth nothing, used or not', async () => {
      const { path, _csrf } = await upTo('security-key', thief);
      await upTo('security-key');
      const overheard = touchKey(browser, ana);
      await thief.post(path, { _csrf, ...overheard });
      expect([thief.status, thief.left]).to.deep.equal([422, null]);
      await browser.post(browser.url.pathname, { _csrf: tokenOf(browser), ...overheard });
      expect(codeOf(browser), 'its own sign-in takes it').to.be.a('string');
      await thief.post(path, { _csrf, ...overheard });
      expect([thief.status, thief.left]).to.deep.equal([422, null]);
    });

    for (const page of ['authenticator-app', 'recovery-code']) {
      it(`a code of the ${page} page is worth nothing`, async () => {
        const code = page === 'recovery-code' ? (ana.codes[0] ?? '') : await agents.appCode();
        await upTo(page);
        await browser.submit({ code });
        if (pageOf(browser) === 'recovery-used') await browser.submit({});
        expect(codeOf(browser)).to.be.a('string');
        await upTo(page, thief);
        await thief.submit({ code });
        expect([thief.status, thief.left, pageOf(thief)]).to.deep.equal([422, null, page]);
      });
    }
  });

  describe('in another browser', () => {
    /** Knows everything that was ever on the page and in the address, but has no cookies, or its own. */
    let thief: PageBrowser;
    beforeEach(() => void (thief = agents.idp.browser()));

    it('the address and the form of a sign-in open nothing, and the code in it stays unused', async () => {
      const { path, _csrf } = await upTo('authenticator-app');
      const code = await agents.appCode();
      await thief.post(path, { _csrf, code });
      expect([thief.status, thief.left]).to.deep.equal([400, null]);
      await thief.open(path);
      expect([thief.status, thief.html.includes(ana.account.email)]).to.deep.equal([400, false]);
      await browser.submit({ code });
      expect(codeOf(browser)).to.be.a('string');
    });

    it('neither do they with the cookies of a sign-in of one’s own', async () => {
      const { path, _csrf } = await upTo('authenticator-app');
      await thief.open(app.authorizeUrl());
      for (const cookie of thief.cookies.values()) cookie.path = '/';
      const code = await agents.appCode();
      await thief.post(path, { _csrf, code });
      expect([thief.status, thief.left]).to.deep.equal([400, null]);
      await browser.submit({ code });
      expect(codeOf(browser)).to.be.a('string');
    });

    it('the address that a finished sign-in goes back to gives no code', async () => {
      const { path } = await upTo('authenticator-app');
      const uid = path.split('/')[2] ?? '';
      await thief.open(`/authorize/${uid}`);
      expect([thief.status, thief.left]).to.deep.equal([400, null]);
    });

    it('a changed cookie counts for none', async () => {
      const { path } = await upTo('authenticator-app');
      const cookie = browser.cookies.get('sign-in');
      if (!cookie) throw new Error('no cookie');
      cookie.value = `x${cookie.value.slice(1)}`;
      await browser.open(path);
      expect([browser.status, browser.html.includes(ana.account.email)]).to.deep.equal([400, false]);
    });
  });
});

describe('an app of one company', () => {
  let agents: Agents;
  let browser: PageBrowser;
  before(async () => void (agents = await startAgents()));
  after(() => agents.close());
  beforeEach(() => void (browser = agents.idp.browser()));

  it('knows nobody of another, whatever the request says', async () => {
    const ana = await agents.person();
    for (const more of [{}, { tenant: 'northwind' }, { login_hint: ana.account.email }]) {
      await browser.open(agents.app('south').authorizeUrl(more));
      await browser.submit({ email: ana.account.email, password: PASSWORD, workspace: 'northwind' });
      expect([browser.status, browser.left, pageOf(browser)]).to.deep.equal([422, null, 'password']);
      expect(browser.page()('[role=alert] h2').text()).to.equal('The email or password is not right');
    }
  });

  it('offers somebody of another who is signed in to be somebody else, and silently takes nobody', async () => {
    const ana = await agents.person();
    const zoe = await agents.person({}, 'southwind');
    await browser.open(agents.app().authorizeUrl());
    await walk(browser, ana, agents);
    const south = agents.app('south');
    await browser.open(south.authorizeUrl({ prompt: 'none' }));
    expect(browser.left?.searchParams.get('error')).to.equal('login_required');
    await browser.open(south.authorizeUrl());
    expect([pageOf(browser), browser.left]).to.deep.equal(['switch', null]);
    await browser.open(within(browser, 'password?switch=1'));
    await browser.submit({ email: zoe.account.email, password: PASSWORD });
    expect(browser.page()('form[data-carry]'), 'the first one is signed out').to.have.length(1);
    await browser.submit({});
    expect(codeOf(browser)).to.be.a('string');
  });

  it('keeps the same email of two companies apart', async () => {
    const email = 'same@northwind.example';
    const here = await agents.idp.addPerson(email);
    const there = await agents.person({ app: true }, 'southwind');
    const { accounts } = agents.idp.app.stores;
    await accounts.save(there.account, { email });
    await browser.open(agents.app('south').authorizeUrl());
    await browser.submit({ email, password: PASSWORD });
    expect(pageOf(browser), 'the one of southwind has an app').to.equal('authenticator-app');
    await browser.open(agents.app().authorizeUrl({ tenant: 'northwind' }));
    await browser.submit({ email, password: PASSWORD });
    expect(codeOf(browser)).to.be.a('string');
    expect(here.account.email).to.equal(email);
  });

  it('cannot redeem or refresh what another app was given', async () => {
    const app = agents.app();
    const ana = await agents.person();
    await browser.open(app.authorizeUrl());
    await walk(browser, ana, agents);
    const code = codeOf(browser) ?? '';
    expect((await agents.app('south').redeem(code)).status).to.equal(400);
    const { refresh_token: token } = (await (await app.redeem(code)).json()) as { refresh_token: string };
    expect((await agents.app('south').refresh(token)).status).to.equal(400);
    expect((await app.refresh(token)).status).to.equal(200);
  });
});
