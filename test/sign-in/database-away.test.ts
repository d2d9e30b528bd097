import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import type { RunningEngine } from '../../src/storage/engines/engine.ts';
import { startEngine, testDatabase } from '../support/database.ts';
import { PASSWORD, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, touchKey, within } from '../support/walk.ts';
import { codeOf, startAgents, truth, TWO, type Agents, type DemandingApp } from './agents.ts';

describe('a sign-in whose database goes away', () => {
  let dataDir: string;
  let engine: RunningEngine;
  let agents: Agents;
  let app: DemandingApp;
  let ana: Person;
  let browser: PageBrowser;

  before(async function () {
    this.timeout(60_000);
    dataDir = await mkdtemp(join(tmpdir(), 'stile-engine-'));
    engine = await startEngine({ dataDir });
    agents = await startAgents({ database: await testDatabase(engine) });
  });
  after(async () => {
    await agents.close();
    await engine.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  beforeEach(async () => {
    app = agents.app();
    ana = await agents.person({ keys: [{}], app: true, codes: true });
    browser = await agents.idp.browser().open(app.authorizeUrl());
  });

  let away = false;
  async function goAway() {
    away = true;
    await engine.stop();
  }
  async function comeBack() {
    engine = await startEngine({ dataDir, port: Number(new URL(engine.uri).port) });
    away = false;
  }
  afterEach(async () => {
    if (away) await comeBack();
  });

  /** What is stored of the person and of who is signed in. */
  async function stored() {
    const { accounts, provider } = agents.idp.app.stores;
    const { connection } = agents.idp.database;
    return {
      account: await accounts.find(ana.account),
      sessions: await provider.sessionsOf(ana.account.accountId),
      apps: await connection.collection('authenticator_apps').find({}).toArray(),
      signIn: await connection.collection<{ _id: string }>('sign_ins').findOne({ _id: uid() }),
    };
  }
  const uid = () => browser.url.pathname.split('/')[2] ?? '';

  function saysAway() {
    expect([browser.status, browser.left]).to.deep.equal([503, null]);
    expect(browser.headers.get('retry-after')).to.match(/^\d+$/);
    expect(browser.heading()).to.equal('We are away for a moment');
    expect(browser.page()('main a.btn').text()).to.equal('Try again');
    expect(browser.page()('main').text()).to.match(/Reference/);
  }

  it('between password and second factor says 503, and goes on with the same code when it is back', async () => {
    await browser.submit({ email: ana.account.email, password: PASSWORD });
    await browser.open(within(browser, 'second-factor/authenticator-app'));
    const page = { url: browser.url, html: browser.html };
    const before = await stored();
    const code = await agents.appCode();
    await goAway();
    await browser.submit({ code });
    saysAway();
    await browser.open(page.url.pathname);
    saysAway();

    await comeBack();
    expect(await stored(), 'nothing is half-written').to.deep.equal(before);
    Object.assign(browser, page);
    await browser.submit({ code });
    expect(await truth(app, codeOf(browser))).to.include({ acr: TWO });
  }).timeout(60_000);

  it('before the password says 503, counts no guess, and takes the password when it is back', async () => {
    const page = { url: browser.url, html: browser.html };
    const guesses = () => agents.idp.database.connection.collection('attempts').countDocuments();
    const before = await guesses();
    await goAway();
    await browser.submit({ email: ana.account.email, password: PASSWORD });
    saysAway();

    await comeBack();
    expect(await guesses()).to.equal(before);
    Object.assign(browser, page);
    await browser.submit({ email: ana.account.email, password: PASSWORD });
    expect(pageOf(browser)).to.equal('security-key');
    await browser.submit(touchKey(browser, ana));
    expect(codeOf(browser)).to.be.a('string');
  }).timeout(60_000);

  it('while answers are on their way gives each or says 503, and everybody gets on when it is back', async () => {
    const people = await Promise.all(
      Array.from({ length: 4 }, () => agents.person({ app: true, codes: true })),
    );
    const browsers = people.map(() => agents.idp.browser());
    for (const [i, at] of browsers.entries()) {
      await at.open(app.authorizeUrl());
      await at.submit({ email: people[i]?.account.email ?? '', password: PASSWORD });
      await at.open(within(at, 'second-factor/recovery-code'));
    }
    const pages = browsers.map(({ url, html }) => ({ url, html }));
    const answers = browsers.map((at, i) => at.submit({ code: people[i]?.codes[0] ?? '' }));
    await wait(2);
    await goAway();
    await Promise.all(answers);
    await comeBack();
    for (const [i, at] of browsers.entries()) {
      expect(at.status).to.be.oneOf([200, 503]);
      if (at.status === 503) {
        Object.assign(at, pages[i]);
        await at.open(at.url.pathname);
        if (pageOf(at) === 'recovery-code') await at.submit({ code: people[i]?.codes[1] ?? '' });
      }
      expect(pageOf(at)).to.equal('recovery-used');
      await at.submit({});
      expect(codeOf(at)).to.be.a('string');
    }
  }).timeout(60_000);
});
