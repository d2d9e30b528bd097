import { expect } from 'chai';
import type { BudgetName } from '../../src/attempts/budgets.ts';
import { PASSWORD, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { walk } from '../support/walk.ts';
import { codeOf, startAgents, type Agents, type DemandingApp } from './agents.ts';

const DAY = 24 * 60 * 60;
const LINK = 'form[action$="/confirm-browser"]';
const WRONG = 'a wrong password';

describe('failures in a row', function () {
  this.timeout(60_000);
  let agents: Agents;
  let app: DemandingApp;
  let ana: Person;
  let behind: number;

  before(async () => void (agents = await startAgents()));
  after(() => agents.close());
  beforeEach(async () => {
    // The provider reads the machine's own clock, which knows no future.
    behind = 30 * DAY;
    agents.putClockBack(behind);
    app = agents.app();
    ana = await agents.person();
  });

  function later(seconds: number): void {
    behind -= seconds;
    agents.putClockBack(behind);
  }

  const try_ = async (at: PageBrowser, password: string, email = ana.account.email) => {
    await at.open(app.authorizeUrl({ prompt: 'login' }));
    return at.submit({ email, password });
  };

  /** Fails as fast as a budget allows, until no waiting helps. @returns how often */
  async function exhaust(name: BudgetName, key: string): Promise<number> {
    for (let failures = 0; ;) {
      const one = await agents.idp.app.stores.attempts.reserve(name, key);
      if (one.ok) failures += 1;
      else if (one.suspended) return failures;
      else later(one.retryAfterSeconds);
    }
  }
  const keyOf = ({ account: { tenantId, email } }: Person) => `${tenantId}/${email}`;

  it('make a known browser an unknown one after ten, and no waiting makes it known again', async () => {
    const known = agents.idp.browser();
    expect(codeOf(await try_(known, PASSWORD))).to.be.a('string');
    const answers = [];
    for (let i = 0; i < 10; i += 1) answers.push((await try_(known, WRONG)).status);
    later(20 * DAY);
    for (let i = 0; i < 7; i += 1) answers.push((await try_(known, WRONG)).status);
    expect(answers).to.deep.equal([...Array.from({ length: 16 }, () => 422), 429]);
    expect(known.page()(LINK).length, 'a link would change nothing').to.equal(0);
    later(60);
    expect(codeOf(await try_(known, PASSWORD))).to.be.a('string');
    for (let i = 0; i < 9; i += 1) expect((await try_(known, WRONG)).status).to.equal(422);
  });

  it('close a password to strangers, of people and of nobody alike; its owner is known, or confirms by mail', async () => {
    const known = agents.idp.browser();
    await try_(known, PASSWORD);
    const nobody = `nobody.${ana.account.email}`;
    expect(await exhaust('password-unknown-device', `northwind/${nobody}`)).to.equal(70);
    expect(await exhaust('password-unknown-device', keyOf(ana))).to.equal(70);
    later(DAY);
    const pages = [];
    for (const email of [nobody, ana.account.email]) {
      const at = await try_(agents.idp.browser(), PASSWORD, email);
      pages.push([at.status, at.page()('[role=alert], .alert').text(), at.page()(LINK).length]);
    }
    expect(pages[0]).to.deep.equal(pages[1]);
    expect(pages[0]).to.include(429);
    expect(String(pages[0])).to.include('Confirm this browser by email, or reset your password');
    expect(codeOf(await try_(known, PASSWORD))).to.be.a('string');
    expect(codeOf(await try_(agents.idp.browser(), PASSWORD)), 'a sign-in ends the row').to.be.a('string');
  });

  it('close a password everywhere after all of them, until there is a new one', async () => {
    const known = agents.idp.browser();
    await try_(known, PASSWORD);
    await exhaust('password-unknown-device', keyOf(ana));
    await exhaust('password-known-device', keyOf(ana));
    later(DAY);
    await try_(known, PASSWORD);
    expect([known.status, known.page()(LINK).length]).to.deep.equal([429, 0]);
    expect(known.html).to.include('to sign in.').and.to.include('/password/forgot');
  });

  it('close app codes to strangers after 80, to known browsers after 20 more, but no other way', async () => {
    ana = await agents.person({ app: true, codes: true });
    const own = agents.idp.browser();
    await own.open(app.authorizeUrl());
    await walk(own, ana, { appCode: agents.appCode });
    const key = `${ana.account.tenantId}/${ana.account.accountId}`;
    expect(await exhaust('second-factor', key)).to.equal(80);
    const stranger = await try_(agents.idp.browser(), PASSWORD);
    await stranger.submit({ code: '000000' });
    expect([stranger.status, stranger.html.includes('App codes are off')]).to.deep.equal([429, true]);
    await try_(own, PASSWORD);
    await own.submit({ code: await agents.appCode() });
    expect(codeOf(own), 'strangers keep nobody out of a browser of theirs').to.be.a('string');
    const again = await try_(agents.idp.browser(), PASSWORD);
    await again.submit({ code: '000000' });
    expect(again.status, 'nor does their sign-in give strangers anything back').to.equal(429);
    expect(await exhaust('second-factor-known-device', key)).to.equal(20);
    await try_(own, PASSWORD);
    await own.submit({ code: await agents.appCode() });
    expect([own.status, codeOf(own)]).to.deep.equal([429, null]);
    await own.open(`${own.page()('a[href$="/ways"]').attr('href') ?? ''}`);
    expect(own.html).to.include('Too many wrong codes. Use another way');
    await own.open(own.page()('a[href$="/recovery-code"]').attr('href') ?? '');
    await own.submit({ code: ana.codes[0] ?? '' });
    expect(own.status).to.equal(200);
  });

  it('at app codes are forgiven to a new browser that goes on to sign in', async () => {
    ana = await agents.person({ app: true });
    const key = `${ana.account.tenantId}/${ana.account.accountId}`;
    const { attempts } = agents.idp.app.stores;
    await attempts.reserve('second-factor', key, { by: 'another browser' });
    const fresh = await try_(agents.idp.browser(), PASSWORD);
    await fresh.submit({ code: '000000' });
    await fresh.submit({ code: await agents.appCode() });
    expect(codeOf(fresh)).to.be.a('string');
    expect(await attempts.reserve('second-factor', key)).to.deep.include({ ok: true, failures: 1 });
  });
});
