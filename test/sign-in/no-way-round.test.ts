import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { METHOD_IDS } from '../../src/core/method-ids.ts';
import type { Tokens } from '../support/bare-browser.ts';
import { PASSWORD, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, touchKey, walk, within } from '../support/walk.ts';
import { codeOf, errorOf, startAgents, type Agents, type DemandingApp } from './agents.ts';
import { ownRoutes } from './raw.ts';

/** Where the provider itself answers, besides the address that a sign-in comes back to. */
const PROVIDER_PATHS = [
  '/token',
  '/userinfo',
  '/introspect',
  '/revoke',
  '/par',
  '/logout',
  '/logout/confirm',
];

describe('no way leads round a step', function () {
  // Every address of the app is asked, and there are many.
  this.timeout(180_000);
  let agents: Agents;
  let app: DemandingApp;
  let ana: Person;
  let ben: Person;
  let browser: PageBrowser;

  before(async () => void (agents = await startAgents()));
  after(() => agents.close());
  beforeEach(async () => {
    app = agents.app();
    ana = await agents.person({ keys: [{}], app: true, codes: true });
    ben = await agents.person({ keys: [{}], app: true, codes: true });
    browser = agents.idp.browser();
  });

  const uidOf = (at: PageBrowser) => at.url.pathname.split('/')[2] ?? '';
  const tokenOf = (at: PageBrowser) => at.page()('input[name=_csrf]').first().attr('value') ?? '';

  async function start(at = browser, address = app.authorizeUrl()) {
    return at.open(address);
  }

  /** Signs in as far as the password. @returns the uid of the sign-in and the token of its forms */
  async function passPassword(who = ana, at = browser) {
    await start(at);
    await at.submit({ email: who.account.email, password: PASSWORD });
    expect(pageOf(at)).to.equal('security-key');
    return { uid: uidOf(at), token: tokenOf(at) };
  }

  /** Nobody is signed in: no code came, none comes silently, and a new request begins with the password. */
  async function isOutside(at: PageBrowser) {
    expect(codeOf(at)).to.equal(null);
    await at.open(app.authorizeUrl({ prompt: 'none' }));
    expect([codeOf(at), errorOf(at)]).to.deep.equal([null, 'login_required']);
    await at.open(app.authorizeUrl());
    expect(pageOf(at)).to.equal('password');
  }

  /** The account that a code is for. */
  async function subjectOf(at: PageBrowser) {
    const { id_token: token } = (await (await app.redeem(codeOf(at) ?? '')).json()) as Tokens;
    return decodeJwt(token).sub;
  }

  describe('after the password alone', () => {
    it('whatever address of ours is asked or posted to, the app gets no code and the browser no session', async () => {
      const count = ownRoutes(agents.idp, 'x').length;
      expect(count).to.be.greaterThan(20);
      for (let i = 0; i < count; i += 1) {
        const at = agents.idp.browser();
        const { uid, token } = await passPassword(ana, at);
        const { method, path } = ownRoutes(agents.idp, uid)[i] ?? { method: 'GET', path: '/' };
        const fields = { _csrf: token, action: 'allow', continue: 'yes', logout: 'yes' };
        if (method === 'POST') await at.post(path, fields);
        else await at.open(path);
        expect(codeOf(at), `${method} ${path}`).to.equal(null);
        await at.open(`/authorize/${uid}`);
        expect(codeOf(at), `resume after ${method} ${path}`).to.equal(null);
        await isOutside(at);
      }
    });

    it('neither do the provider’s own addresses know anybody', async () => {
      const { token } = await passPassword();
      for (const path of PROVIDER_PATHS) {
        await browser.open(path);
        await browser.post(path, { _csrf: token, logout: 'yes', grant_type: 'authorization_code' });
        expect(codeOf(browser), path).to.equal(null);
      }
      await isOutside(browser);
    });

    it('the address that a sign-in comes back to starts over, with the password, however often it is opened', async () => {
      const { uid } = await passPassword();
      await browser.open(`/authorize/${uid}`);
      expect(pageOf(browser)).to.equal('password');
      expect(uidOf(browser)).not.to.equal(uid);
      await browser.open(`/authorize/${uid}`);
      expect([browser.status, browser.left]).to.deep.equal([400, null]);
      await isOutside(browser);
    });

    for (const [what, change] of [
      ['is changed', { validFrom: 1 }],
      ['is disabled', { state: 'disabled' }],
    ] as const) {
      it(`an account that ${what} meanwhile has proved nothing`, async () => {
        await start();
        await walk(browser, ana, { ...agents, by: 'recovery-code', until: 'recovery-used' });
        const { accounts } = agents.idp.app.stores;
        const account = await accounts.find(ana.account);
        expect(account && (await accounts.save(account, change))).not.to.equal(null);
        await browser.submit({});
        expect([pageOf(browser), browser.left]).to.deep.equal(['password', null]);
        await isOutside(browser);
      });
    }
  });

  describe('without the password', () => {
    it('no second factor is asked, and a right code counts for nothing and stays unused', async () => {
      await start();
      const { uid, token } = { uid: uidOf(browser), token: tokenOf(browser) };
      for (const method of METHOD_IDS) {
        await browser.open(`/sign-in/${uid}/second-factor/${method}`);
        expect(pageOf(browser), method).to.equal('password');
      }
      const code = await agents.appCode();
      await browser.post(`/sign-in/${uid}/second-factor/authenticator-app`, { _csrf: token, code });
      expect(pageOf(browser)).to.equal('password');
      const recovery = { _csrf: token, code: ana.codes[0] ?? '' };
      await browser.post(`/sign-in/${uid}/second-factor/recovery-code`, recovery);
      expect(pageOf(browser)).to.equal('password');
      for (const page of ['ways', 'recovery-used', 'no-method', 'ended', 'consent', 'switch']) {
        await browser.open(`/sign-in/${uid}/${page}`);
        expect([codeOf(browser), browser.html.includes(ana.account.email)], page).to.deep.equal([
          null,
          false,
        ]);
      }
      await start();
      await walk(browser, ana, { appCode: async () => code, by: 'authenticator-app' });
      expect(await subjectOf(browser)).to.equal(ana.account.accountId);
    });
  });

  describe('with the steps of two people', () => {
    it('one’s password and the other’s key or recovery code are nobody', async () => {
      await passPassword(ana);
      await browser.submit(touchKey(browser, ben));
      expect([browser.status, browser.left]).to.deep.equal([422, null]);
      await browser.open(within(browser, 'second-factor/recovery-code'));
      await browser.submit({ code: ben.codes[0] ?? '' });
      expect([browser.status, browser.left]).to.deep.equal([422, null]);
      await isOutside(browser);
    });

    it('a second factor that was proved goes with the person who proved it', async () => {
      await start();
      await walk(browser, ana, { ...agents, by: 'recovery-code', until: 'recovery-used' });
      await browser.open(within(browser, 'password?switch=1'));
      await browser.submit({ email: ben.account.email, password: PASSWORD });
      expect(pageOf(browser)).to.equal('security-key');
      await browser.open(within(browser, 'recovery-used'));
      expect([pageOf(browser), browser.left]).to.deep.equal(['security-key', null]);
      await browser.submit(touchKey(browser, ben));
      expect(await subjectOf(browser)).to.equal(ben.account.accountId);
    });

    it('a challenge that was shown to one is none for the other', async () => {
      const { uid, token } = await passPassword(ana);
      const answer = touchKey(browser, ana);
      await browser.open(within(browser, 'password?switch=1'));
      await browser.submit({ email: ben.account.email, password: PASSWORD });
      await browser.post(`/sign-in/${uid}/second-factor/security-key`, { _csrf: token, ...answer });
      expect([browser.status, browser.left]).to.deep.equal([422, null]);
      await isOutside(browser);
    });

    it('a password that the other types while the first one’s answer is on its way takes nothing over', async () => {
      for (let round = 0; round < 10; round += 1) {
        const first = agents.idp.browser();
        const { uid, token } = await passPassword(ana, first);
        const second = agents.idp.browser();
        for (const [name, cookie] of first.cookies) second.cookies.set(name, cookie);
        const { email } = ben.account;
        const typed = second.post(`/sign-in/${uid}/password`, { _csrf: token, email, password: PASSWORD });
        // A password takes longer than a key: each round the answer comes a little later.
        await wait(3 * round);
        await Promise.all([first.submit(touchKey(first, ana)), typed]);
        for (const at of [first, second]) {
          if (codeOf(at) !== null) expect(await subjectOf(at)).to.equal(ana.account.accountId);
        }
      }
    });
  });
});
