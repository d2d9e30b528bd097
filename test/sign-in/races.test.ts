import { expect } from 'chai';
import type { Tokens } from '../support/bare-browser.ts';
import type { Holdings, Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, touchKey, walk } from '../support/walk.ts';
import { codeOf, startAgents, type Agents, type DemandingApp } from './agents.ts';

/** Callers at once. */
const MANY = 50;
/** What a refused caller may be told: refused, too many, too busy; never a fault. */
const REFUSED = [422, 429, 503];

const times = <T>(make: () => Promise<T>) => Promise.all(Array.from({ length: MANY }, make));

describe(`of ${MANY} who bring the same thing at once`, () => {
  let agents: Agents;
  let app: DemandingApp;

  before(async () => void (agents = await startAgents()));
  after(() => agents.close());
  beforeEach(() => void (app = agents.app()));

  /** Browsers of one person that all wait at the page of one method; few at once, as the limits on passwords want. */
  async function waiting(person: Person, page: string): Promise<PageBrowser[]> {
    const browsers = Array.from({ length: MANY }, () => agents.idp.browser());
    const left = browsers.values();
    async function bringOn() {
      for (const browser of left) {
        await browser.open(app.authorizeUrl());
        await walk(browser, person, { ...agents, until: 'authenticator-app' });
        if (pageOf(browser) !== page) await browser.open(browser.url.pathname.replace(/[^/]+$/, page));
      }
    }
    await Promise.all([bringOn(), bringOn(), bringOn(), bringOn()]);
    return browsers;
  }

  /** @returns those whom `fields` brought on; the others were refused, and stand where they stood */
  async function race(browsers: PageBrowser[], fields: Record<string, string>): Promise<PageBrowser[]> {
    const pages = browsers.map(pageOf);
    await Promise.all(browsers.map((browser) => browser.submit(fields)));
    return browsers.filter((browser, i) => {
      const stayed = browser.left === null && pageOf(browser) === pages[i];
      if (stayed) expect(browser.status).to.be.oneOf(REFUSED);
      return !stayed;
    });
  }

  it('a recovery code lets one through', async () => {
    const person = await agents.person({ app: true, codes: true });
    const browsers = await waiting(person, 'recovery-code');
    const winners = await race(browsers, { code: person.codes[0] ?? '' });
    expect(winners.map(pageOf)).to.deep.equal(['recovery-used']);
    const account = await agents.idp.app.stores.accounts.find(person.account);
    expect(account?.recovery?.digests).to.have.length(14);
    await winners[0]?.submit({});
    expect(winners.map(codeOf)[0]).to.be.a('string');
  }).timeout(30_000);

  it('a code of an authenticator app lets one through', async () => {
    const person = await agents.person({ app: true });
    const browsers = await waiting(person, 'authenticator-app');
    const winners = await race(browsers, { code: await agents.appCode() });
    expect(winners.map(codeOf)).to.have.length(1);
    expect(codeOf(winners[0] as PageBrowser)).to.be.a('string');
  }).timeout(30_000);

  /** Signs somebody in. @returns the code */
  async function code(has: Holdings = {}): Promise<string> {
    const browser = await agents.idp.browser().open(app.authorizeUrl());
    await walk(browser, await agents.person(has), agents);
    return codeOf(browser) ?? '';
  }

  it('an authorization code is redeemed once, and the others undo what it gave', async () => {
    const given = await code({ app: true });
    const answers = await times(() => app.redeem(given));
    const [won, ...more] = answers.filter(({ status }) => status === 200);
    expect([won !== undefined, more.length]).to.deep.equal([true, 0]);
    for (const answer of answers.filter((one) => one !== won)) {
      expect(answer.status).to.equal(400);
      expect(await answer.json()).to.include({ error: 'invalid_grant' });
    }
    const { access_token: token } = (await won?.json()) as Tokens;
    expect(await app.introspect(token), 'stolen or not, nobody can tell').to.deep.equal({ active: false });
  });

  it('a refresh token is used once, and the others undo what it gave', async () => {
    const first = (await (await app.redeem(await code({ app: true }))).json()) as Tokens;
    const answers = await times(() => app.refresh(first.refresh_token ?? ''));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).to.deep.equal([200, ...Array.from({ length: MANY - 1 }, () => 400)]);
    const won = answers.find(({ status }) => status === 200);
    const { access_token: token, refresh_token: next } = (await won?.json()) as Tokens;
    expect(await app.introspect(token)).to.deep.equal({ active: false });
    expect((await app.refresh(next ?? '')).status).to.equal(400);
  });

  it('clicks on one form of one browser are one sign-in', async () => {
    const person = await agents.person({ keys: [{}] });
    const browser = await agents.idp.browser().open(app.authorizeUrl());
    await walk(browser, person, { ...agents, until: 'security-key' });
    const fields = touchKey(browser, person);
    const clicks = Array.from({ length: MANY }, () => {
      const click = agents.idp.browser();
      for (const [name, cookie] of browser.cookies) click.cookies.set(name, cookie);
      Object.assign(click, { url: browser.url, html: browser.html });
      return click;
    });
    await Promise.all(clicks.map((click) => click.submit(fields)));
    const [code, ...more] = clicks.flatMap((click) => codeOf(click) ?? []);
    expect([code !== undefined, more.length]).to.deep.equal([true, 0]);
    for (const { status } of clicks) expect(status).to.be.below(500);
    expect(await app.introspect(await tokenOf(code ?? ''))).to.include({ active: true });
  });

  const tokenOf = async (given: string) => ((await (await app.redeem(given)).json()) as Tokens).access_token;
});
