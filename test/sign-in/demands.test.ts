import { expect } from 'chai';
import type { Holdings } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { walk } from '../support/walk.ts';
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

/** What somebody holds, and what the tokens of their sign-in say then. */
interface Holder {
  readonly who: string;
  readonly has: Holdings;
  readonly pages: string[];
  readonly level: number;
  readonly acr: string;
  readonly amr: string[];
}

const HOLDERS: Holder[] = [
  { who: 'a password alone', has: {}, pages: ['password'], level: 1, acr: ONE, amr: ['pwd'] },
  {
    who: 'an authenticator app',
    has: { app: true },
    pages: ['password', 'authenticator-app'],
    level: 2,
    acr: TWO,
    amr: ['pwd', 'otp', 'mfa'],
  },
  {
    who: 'a security key',
    has: { keys: [{}] },
    pages: ['password', 'security-key'],
    level: 3,
    acr: THREE,
    amr: ['pwd', 'hwk', 'user', 'mfa'],
  },
];

/** The same as a security key, but for its `amr`. */
const SYNCED: Holder = {
  who: 'a synced passkey',
  has: { keys: [{ backupEligible: true }] },
  pages: ['password', 'security-key'],
  level: 3,
  acr: THREE,
  amr: ['pwd', 'pop', 'user', 'mfa'],
};

/** A way to demand something, and the level that may not be missed by it. */
interface Demand {
  readonly what: string;
  readonly client?: string;
  readonly params?: Record<string, string>;
  readonly hard: number;
}

const DEMANDS: Demand[] = [
  { what: 'nothing', hard: 1 },
  { what: 'acr_values of two factors', params: { acr_values: TWO }, hard: 1 },
  { what: 'acr_values of a key', params: { acr_values: THREE }, hard: 1 },
  { what: 'acr_values by the name of REFEDS', params: { acr_values: REFEDS }, hard: 1 },
  { what: 'an essential acr of two factors', params: { claims: essential(TWO) }, hard: 2 },
  { what: 'an essential acr by the name of REFEDS', params: { claims: essential(REFEDS) }, hard: 2 },
  { what: 'an essential acr of a key', params: { claims: essential(THREE) }, hard: 3 },
  { what: 'an essential acr of either', params: { claims: essential(THREE, TWO) }, hard: 2 },
  {
    what: 'an essential acr beside weaker acr_values',
    params: { claims: essential(THREE), acr_values: ONE },
    hard: 3,
  },
  {
    what: 'an essential acr beside default_acr_values',
    client: 'modest',
    params: { claims: essential(TWO) },
    hard: 2,
  },
  { what: 'minimum_acr, and a request for less', client: 'vault', params: { acr_values: ONE }, hard: 2 },
  { what: 'minimum_acr of a key', client: 'safe', hard: 3 },
];

describe('what an app may demand of a sign-in', () => {
  let agents: Agents;
  let browser: PageBrowser;

  before(async () => void (agents = await startAgents()));
  after(() => agents.close());
  beforeEach(() => void (browser = agents.idp.browser()));

  async function signIn({ has }: Holder, address: string, tenant?: string) {
    const person = await agents.person(has, tenant);
    await browser.open(address);
    return walk(browser, person, agents);
  }

  async function answers(holder: Holder, { client, params = {} }: Demand) {
    const app = agents.app(client);
    expect(await signIn(holder, app.authorizeUrl(params))).to.deep.equal(holder.pages);
    const loud = await truth(app, codeOf(browser));
    const asked = holder.level === 2 && JSON.stringify(params).includes(REFEDS) ? REFEDS : holder.acr;
    expect([loud.acr, loud.amr]).to.deep.equal([asked, holder.amr]);
    await browser.open(app.authorizeUrl({ ...params, prompt: 'none' }));
    expect(await truth(app, codeOf(browser)), 'silently').to.deep.equal(loud);
  }

  async function refuses(holder: Holder, { client, params = {} }: Demand) {
    const pages = await signIn(holder, agents.app(client).authorizeUrl(params));
    expect(pages).to.deep.equal([...holder.pages, 'set-up']);
    expect([codeOf(browser), errorOf(browser)]).to.deep.equal([null, UNMET]);
    await browser.open(agents.app().authorizeUrl({ prompt: 'none' }));
    expect(errorOf(browser), 'no session is left').to.equal('login_required');
  }

  for (const holder of HOLDERS) {
    describe(`of somebody with ${holder.who}`, () => {
      for (const demand of DEMANDS) {
        if (holder.level >= demand.hard)
          it(`answers ${holder.acr} to ${demand.what}`, () => answers(holder, demand));
        else it(`lets nobody in for ${demand.what}`, () => refuses(holder, demand));
      }

      it('asks what the tenant demands, also of a request for less', async () => {
        const app = agents.app();
        const less = app.authorizeUrl({ acr_values: ONE, claims: essential(ONE) });
        const pages = await signIn(holder, less, 'strict');
        if (holder.level > 1) {
          expect(await truth(app, codeOf(browser))).to.include({ acr: holder.acr });
          return;
        }
        expect(pages).to.deep.equal(['password', 'set-up']);
        expect([codeOf(browser), errorOf(browser)]).to.deep.equal([null, UNMET]);
      });
    });
  }

  it('takes a synced passkey for a key that proves as much, and says that it is one', async () => {
    await answers(SYNCED, {
      what: 'an essential acr of a key',
      params: { claims: essential(THREE) },
      hard: 3,
    });
  });

  it('says that a recovery code was the second factor', async () => {
    const app = agents.app();
    const person = await agents.person({ keys: [{}], codes: true });
    await browser.open(app.authorizeUrl({ claims: essential(TWO) }));
    const pages = await walk(browser, person, { ...agents, by: 'recovery-code' });
    expect(pages).to.deep.equal(['password', 'recovery-code', 'recovery-used']);
    const told = await truth(app, codeOf(browser));
    expect([told.acr, told.amr]).to.deep.equal([TWO, ['pwd', 'recovery_code', 'mfa']]);
  });

  it('offers nothing weaker than the key that is demanded, not even by its address', async () => {
    const person = await agents.person({ keys: [{}], app: true, codes: true });
    await browser.open(agents.app().authorizeUrl({ claims: essential(THREE) }));
    await walk(browser, person, { ...agents, until: 'security-key' });
    for (const weaker of ['authenticator-app', 'recovery-code']) {
      await browser.open(browser.url.pathname.replace(/[^/]+$/, weaker));
      expect(browser.status, weaker).to.equal(404);
    }
  });

  it('refuses what nobody can prove before it asks anything', async () => {
    for (const more of [{}, { acr_values: ONE }, { prompt: 'none' }]) {
      await browser.open(agents.app().authorizeUrl({ claims: essential('urn:example:dna'), ...more }));
      expect(errorOf(browser), JSON.stringify(more)).to.equal(UNMET);
    }
  });

  it('says silently whether a person could mend it: never where the tenant allows no key', async () => {
    const [app] = HOLDERS.filter(({ level }) => level === 2);
    if (!app) throw new Error('nobody holds an app');
    await signIn(app, agents.app().authorizeUrl(), 'keyless');
    const key = { prompt: 'none', claims: essential(THREE) };
    await browser.open(agents.app().authorizeUrl(key));
    expect(errorOf(browser)).to.equal(UNMET);

    browser = agents.idp.browser();
    await signIn(app, agents.app().authorizeUrl());
    await browser.open(agents.app().authorizeUrl(key));
    expect(errorOf(browser)).to.equal('login_required');
  });
});
