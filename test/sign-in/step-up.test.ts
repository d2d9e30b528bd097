import { expect } from 'chai';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, touchKey, walk, within } from '../support/walk.ts';
import {
  codeOf,
  errorOf,
  essential,
  ONE,
  REFEDS,
  startAgents,
  THREE,
  truth,
  TWO,
  UNMET,
  type Agents,
} from './agents.ts';

describe('a request on a live session', () => {
  let agents: Agents;
  let browser: PageBrowser;

  before(async () => void (agents = await startAgents()));
  after(() => agents.close());
  beforeEach(() => {
    agents.putClockBack(0);
    browser = agents.idp.browser();
  });

  const session = () => browser.cookies.get('session')?.value;

  /** Signs in at the plain app, a minute ago, so that what comes later can be told from it. */
  async function signIn(person: Person, by?: string) {
    agents.putClockBack(60);
    const app = agents.app();
    await browser.open(app.authorizeUrl());
    await walk(browser, person, { ...agents, ...(by === undefined ? {} : { by }) });
    const told = await truth(app, codeOf(browser));
    agents.putClockBack(0);
    return told;
  }

  /** Asks for `params` and goes on as `person`. @returns the pages that were answered */
  async function ask(person: Person, params: Record<string, string>, app = agents.app()) {
    await browser.open(app.authorizeUrl(params));
    return walk(browser, person, agents);
  }

  /** What the session is worth now, asked without a page. */
  async function standing() {
    const app = agents.app();
    await browser.open(app.authorizeUrl({ prompt: 'none' }));
    return truth(app, codeOf(browser));
  }

  describe('steps up', () => {
    const keyAndApp = { keys: [{}], app: true };
    for (const [what, params, client] of [
      ['acr_values', { acr_values: THREE }, 'plain'],
      ['an essential acr', { claims: essential(THREE) }, 'plain'],
      ['an essential acr beside acr_values', { claims: essential(THREE), acr_values: ONE }, 'plain'],
      ['an essential acr beside default_acr_values', { claims: essential(THREE) }, 'modest'],
      ['minimum_acr', {}, 'safe'],
    ] as const) {
      it(`for ${what}: asks only what is missing, keeps auth_time, and gives a new session id`, async () => {
        const person = await agents.person(keyAndApp);
        const before = await signIn(person, 'authenticator-app');
        const stale = new Map(browser.cookies);
        const app = agents.app(client);
        expect(await ask(person, params, app)).to.deep.equal(['security-key']);
        const after = await truth(app, codeOf(browser));
        const amr = ['pwd', 'otp', 'hwk', 'user', 'mfa'];
        expect(after).to.deep.equal({ acr: THREE, amr, authTime: before.authTime });
        expect(session()).not.to.equal(stale.get('session')?.value);

        browser = agents.idp.browser();
        for (const [name, cookie] of stale) browser.cookies.set(name, cookie);
        await browser.open(agents.app().authorizeUrl({ prompt: 'none' }));
        expect(errorOf(browser), 'with the old session id').to.equal('login_required');
      });
    }

    it('a password session as soon as its owner has a method, whatever is asked', async () => {
      const person = await agents.person();
      const before = await signIn(person);
      const equipped = await agents.idp.addMethods(person, { app: true });
      await browser.open(agents.app().authorizeUrl({ prompt: 'none' }));
      expect(errorOf(browser)).to.equal('login_required');
      const app = agents.app();
      expect(await ask(equipped, { acr_values: REFEDS }, app)).to.deep.equal(['authenticator-app']);
      const told = await truth(app, codeOf(browser));
      expect(told).to.deep.equal({ acr: REFEDS, amr: ['pwd', 'otp', 'mfa'], authTime: before.authTime });
      expect(await standing()).to.deep.equal({ ...told, acr: TWO });
    });

    it('nothing that is strong enough already, and tells the stronger level', async () => {
      const person = await agents.person(keyAndApp);
      await signIn(person);
      for (const params of [{ acr_values: ONE }, { acr_values: REFEDS }, { claims: essential(ONE, TWO) }]) {
        const app = agents.app();
        expect(await ask(person, params, app), JSON.stringify(params)).to.deep.equal([]);
        expect(await truth(app, codeOf(browser))).to.include({ acr: THREE });
      }
    });

    it('only as far as the person wants, where it was only asked for', async () => {
      const person = await agents.person(keyAndApp);
      const before = await signIn(person, 'authenticator-app');
      const app = agents.app();
      await browser.open(app.authorizeUrl({ acr_values: THREE }));
      expect(pageOf(browser)).to.equal('security-key');
      const token = browser.page()('input[name=_csrf]').first().attr('value') ?? '';
      await browser.post(within(browser, 'decline'), { _csrf: token });
      expect(await truth(app, codeOf(browser))).to.deep.equal(before);
    });

    it('not with "no, thanks" where it may not be missed', async () => {
      const person = await agents.person(keyAndApp);
      const before = await signIn(person, 'authenticator-app');
      await browser.open(agents.app().authorizeUrl({ claims: essential(THREE) }));
      const token = browser.page()('input[name=_csrf]').first().attr('value') ?? '';
      await browser.post(within(browser, 'decline'), { _csrf: token });
      expect([browser.status, browser.left]).to.deep.equal([409, null]);
      expect(await standing()).to.deep.equal(before);
    });
  });

  describe('leaves the session as it was', () => {
    it('when the key is not the right one', async () => {
      const person = await agents.person({ keys: [{}], app: true });
      const stranger = await agents.person({ keys: [{}] });
      const before = await signIn(person, 'authenticator-app');
      const cookie = session();
      await browser.open(agents.app().authorizeUrl({ claims: essential(THREE) }));
      for (let i = 0; i < 5; i += 1) await browser.submit(touchKey(browser, stranger));
      expect(pageOf(browser)).to.equal('ended');
      expect([browser.left, session()]).to.deep.equal([null, cookie]);
      expect(await standing()).to.deep.equal(before);
    });

    it('when nobody can prove what is demanded: the app is told, not a weaker code', async () => {
      const person = await agents.person();
      const before = await signIn(person);
      for (const params of [{ claims: essential(TWO) }, { claims: essential(THREE), acr_values: ONE }]) {
        expect(await ask(person, params)).to.deep.equal(['set-up']);
        expect([codeOf(browser), errorOf(browser)]).to.deep.equal([null, UNMET]);
      }
      expect(await ask(person, {}, agents.app('vault'))).to.deep.equal(['set-up']);
      expect(errorOf(browser)).to.equal(UNMET);
      expect(await standing()).to.deep.equal(before);
    });

    it('when it is given up half-way', async () => {
      const person = await agents.person({ app: true });
      const before = await signIn(person);
      await browser.open(agents.app().authorizeUrl({ prompt: 'login' }));
      await walk(browser, person, { ...agents, until: 'authenticator-app' });
      expect(pageOf(browser)).to.equal('authenticator-app');
      expect(await standing()).to.deep.equal(before);
    });
  });

  describe('asks every factor again', () => {
    for (const [what, params] of [
      ['prompt=login', { prompt: 'login' }],
      ['max_age=0', { max_age: '0' }],
      ['a max_age that is over', { max_age: '30' }],
      ['a max_age that is over, and an acr that is met', { max_age: '30', claims: essential(TWO) }],
    ] as const) {
      it(`for ${what}, and the time of the sign-in moves`, async () => {
        const person = await agents.person({ app: true });
        const before = await signIn(person);
        const app = agents.app();
        expect(await ask(person, params, app)).to.deep.equal(['password', 'authenticator-app']);
        const after = await truth(app, codeOf(browser));
        expect(after.acr).to.equal(TWO);
        expect(after.authTime).to.be.greaterThan(before.authTime + 30);
        expect(await standing()).to.deep.equal(after);
      });
    }

    it('but not while max_age lasts', async () => {
      const person = await agents.person({ app: true });
      const before = await signIn(person);
      const app = agents.app();
      expect(await ask(person, { max_age: '300' }, app)).to.deep.equal([]);
      expect(await truth(app, codeOf(browser))).to.deep.equal(before);
    });

    it('and says so to a request that may show no page', async () => {
      const person = await agents.person({ app: true });
      await signIn(person);
      await browser.open(agents.app().authorizeUrl({ max_age: '30', prompt: 'none' }));
      expect(errorOf(browser)).to.equal('login_required');
    });

    it('after a sign-out everywhere in this very second, and what is proved then counts', async () => {
      const person = await agents.person({ keys: [{}] });
      const now = Math.floor(agents.stopClock().getTime() / 1000);
      expect(await ask(person, {})).to.deep.equal(['password', 'security-key']);
      const { accounts } = agents.idp.app.stores;
      await accounts.save((await accounts.find(person.account)) ?? person.account, { validFrom: now });
      expect(await ask(person, {})).to.deep.equal(['password', 'security-key']);
      expect(await standing()).to.include({ acr: THREE, authTime: now + 1 });
    });

    it('whose step-up does not make an old password fresh', async () => {
      const person = await agents.person({ keys: [{}], app: true });
      await signIn(person, 'authenticator-app');
      expect(await ask(person, { claims: essential(THREE) })).to.deep.equal(['security-key']);
      const app = agents.app();
      const again = await ask(person, { max_age: '30', claims: essential(THREE) }, app);
      expect(again).to.deep.equal(['password', 'security-key']);
    });
  });
});
