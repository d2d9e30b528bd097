import { expect } from 'chai';
import type { Account } from '../../src/accounts/account.ts';
import type { AccountChanges } from '../../src/accounts/accounts.ts';
import { PASSWORD, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, walk, within } from '../support/walk.ts';
import { codeOf, startAgents, THREE, type Agents } from './agents.ts';

const EXHAUSTED = 429;

describe('whoever has a session of somebody, and nothing else', () => {
  let agents: Agents;
  let person: Person;
  /** The thief's: it holds a session of two factors, and no device cookie. */
  let thief: PageBrowser;

  before(async () => void (agents = await startAgents()));
  after(() => agents.close());
  beforeEach(async () => {
    person = await agents.person({ keys: [{}], app: true, codes: true });
    const browser = agents.idp.browser();
    await browser.open(agents.app().authorizeUrl());
    await walk(browser, person, { ...agents, by: 'authenticator-app' });
    thief = agents.idp.browser();
    for (const name of ['session', 'session.sig']) {
      const cookie = browser.cookies.get(name);
      if (cookie) thief.cookies.set(name, cookie);
    }
  });

  /** Asks for a key, and goes on without. */
  async function decline(browser: PageBrowser) {
    await browser.open(agents.app().authorizeUrl({ acr_values: THREE }));
    expect(pageOf(browser)).to.equal('security-key');
    const token = browser.page()('input[name=_csrf]').first().attr('value') ?? '';
    await browser.post(within(browser, 'decline'), { _csrf: token });
    expect(codeOf(browser)).not.to.equal(null);
  }

  /** Guesses an app code in a browser that nobody knows. @returns the status */
  async function guess() {
    const browser = agents.idp.browser();
    await browser.open(agents.app().authorizeUrl());
    await browser.submit({ email: person.account.email, password: PASSWORD });
    await browser.open(within(browser, 'second-factor/authenticator-app'));
    await browser.submit({ code: '000000' });
    return browser.status;
  }

  it('wins no further guesses by a step-up in which nothing is proved', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) statuses.push(await guess());
    expect(statuses.at(-1)).to.equal(EXHAUSTED);
    await decline(thief);
    expect(await guess()).to.equal(EXHAUSTED);
  });

  it('is told to the log as somebody who proved nothing', async () => {
    await decline(thief);
    const { tenantId, accountId } = person.account;
    const { search } = agents.idp.app.stores.operations;
    const filter = { accountId, events: ['sign_in_completed'] } as const;
    const { records } = await search.list(tenantId, filter, { limit: 10 });
    expect(records.map(({ method }) => method)).to.deep.equal([null, 'authenticator-app']);
  });

  it('does not become a browser that is known', async () => {
    await decline(thief);
    expect(thief.cookies.has('stile_device')).to.equal(false);
  });

  /** What a change of the account writes, as if the process had died before it could end the sessions. */
  async function change(changes: (account: Account) => AccountChanges) {
    const { accounts } = agents.idp.app.stores;
    const account = await accounts.find(person.account);
    const validFrom = Math.floor(Date.now() / 1000);
    const saved = account && { validFrom, keptSessionUid: null, ...changes(account) };
    expect(account && saved && (await accounts.save(account, saved))).not.to.equal(null);
  }

  for (const [what, changes] of [
    ['report', ({ password }) => ({ password: password && { ...password, exposedAt: new Date() } })],
    ['sign-out everywhere', () => ({})],
  ] as readonly [string, (account: Account) => AccountChanges][]) {
    it(`can do nothing with it from the very write of a ${what} on, also where a step-up was under way`, async () => {
      const address = agents.app().authorizeUrl({ acr_values: THREE });
      const { url } = await begin(address);
      await change(changes);
      await thief.open(url);
      expect([pageOf(thief), thief.left]).to.deep.equal(['password', null]);
    });
  }

  /** Starts a sign-in whose page is not opened yet. @returns its address */
  async function begin(address: string): Promise<{ url: string }> {
    const cookie = [...thief.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
    const answer = await fetch(`${agents.idp.base}${address}`, { redirect: 'manual', headers: { cookie } });
    for (const header of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
      const path = /path=([^;]+)/i.exec(header)?.[1] ?? '/';
      thief.cookies.set(name, { value, path, header });
    }
    return { url: answer.headers.get('location') ?? '' };
  }
});
