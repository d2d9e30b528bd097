import { expect } from 'chai';
import { generate } from 'otplib';
import { PASSWORD, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { giveCode, giver } from '../support/rescue.ts';
import { pageOf, within } from '../support/walk.ts';
import { codeOf, startAgents, truth, TWO, type Agents, type DemandingApp } from './agents.ts';

describe('a code from a lead before the first method', () => {
  let agents: Agents;
  let app: DemandingApp;
  let browser: PageBrowser;
  let lead: Person;
  let ana: Person;

  before(async () => {
    agents = await startAgents();
    const led = { secondFactor: 'required', enrolmentProof: 'lead-code' } as const;
    await agents.idp.addTenant('led', { ...led, rescueCodes: 'leads' });
    await agents.idp.addTenant('unled', led);
    lead = await giver(agents.idp, 'led');
  });
  after(() => agents.close());
  beforeEach(async () => {
    agents.putClockBack(0);
    app = agents.app();
    ana = await agents.person({}, 'led');
    browser = await signIn(ana);
  });

  async function signIn({ account }: Person): Promise<PageBrowser> {
    const at = await agents.idp.browser().open(app.authorizeUrl());
    return at.submit({ email: account.email, password: PASSWORD });
  }
  const give = (to = ana) => giveCode(agents.idp, lead, to);
  const problem = () => browser.page()('#problem h2').text();
  const methods = async ({ account }: Person) =>
    (await agents.idp.app.stores.accounts.find(account))?.methodCount;

  it('opens the set-up, which leads to the app; the token tells what was set up, the log and a mail the code', async () => {
    expect(pageOf(browser)).to.equal('set-up');
    await browser.submit({});
    expect([pageOf(browser), browser.heading()]).to.deep.equal([
      'lead-code',
      'Enter the code from your team lead',
    ]);
    await browser.submit({ code: await give() });
    expect(pageOf(browser)).to.equal('set-up');
    await browser.submit({});
    expect(browser.heading()).to.equal('Save your recovery codes');
    await browser.submit({ saved: 'yes' });
    await browser.submit({ method: 'authenticator-app' });
    const secret = browser.page()('.secret').text().replaceAll(' ', '');
    await browser.submit({ code: await generate({ secret }) });
    await browser.submit({});
    const { acr, amr } = await truth(app, codeOf(browser));
    expect(acr).to.equal(TWO);
    expect(amr).to.have.members(['pwd', 'otp', 'mfa']);
    expect(await methods(ana)).to.equal(1);

    const { records } = await agents.idp.app.stores.operations.search.list(
      'led',
      { accountId: ana.account.accountId, events: ['rescue_code_used'] },
      { limit: 10 },
    );
    expect(records.map(({ details }) => JSON.parse(details ?? '') as unknown)).to.have.nested.property(
      '[0].for',
      'set-up',
    );
    expect(await agents.mailsTo(ana, 3)).to.include('A rescue code was used for your led support account');
  });

  it('is missed by no page of the set-up, whatever address or form is used', async () => {
    await give();
    const _csrf = browser.page()('input[name=_csrf]').first().attr('value') ?? '';
    for (const page of ['set-up', 'set-up/codes', 'set-up/method', 'set-up/method/authenticator-app']) {
      await browser.post(within(browser, page), { _csrf, saved: 'yes', method: 'authenticator-app' });
      expect([pageOf(browser), browser.left], page).to.deep.equal(['lead-code', null]);
      if (page === 'set-up') continue;
      await browser.open(within(browser, page));
      expect([pageOf(browser), browser.left], page).to.deep.equal(['lead-code', null]);
    }
    expect(await methods(ana)).to.equal(0);
  });

  it('is no second factor by itself: the sign-in goes on only with a method', async () => {
    const code = await give();
    for (const way of ['second-factor/rescue-code', 'ways']) {
      await browser.open(within(browser, way));
      expect(pageOf(browser), way).to.equal('set-up');
    }
    await browser.submit({});
    await browser.submit({ code });
    await browser.open(within(browser, 'lead-code'));
    expect([pageOf(browser), browser.left]).to.deep.equal(['set-up', null]);
    const silent = await browser.copy().open(app.authorizeUrl({ prompt: 'none' }));
    expect(silent.left?.searchParams.get('error')).to.equal('login_required');
    expect(codeOf(browser)).to.equal(null);
  });

  it('opens one sign-in, and no other', async () => {
    const code = await give();
    const other = await signIn(ana);
    await browser.submit({});
    await browser.submit({ code });
    expect(pageOf(browser)).to.equal('set-up');
    await other.submit({});
    await other.submit({ code });
    expect([other.status, other.page()('#problem h2').text()]).to.deep.equal([
      422,
      'That code was used already',
    ]);
    await other.open(within(other, 'set-up/codes'));
    expect(pageOf(other)).to.equal('lead-code');
  });

  it('lets one of 20 sign-ins on who type it at once', async () => {
    const code = await give();
    // One after the other, so that no password waits for too long.
    const all: PageBrowser[] = [];
    for (let i = 0; i < 20; i += 1) all.push(await signIn(ana));
    await Promise.all(all.map((at) => at.submit({})));
    await Promise.all(all.map((at) => at.submit({ code })));
    expect(all.filter((at) => pageOf(at) === 'set-up')).to.have.length(1);
  }).timeout(30_000);

  it('is that of the person, in time, and not guessed', async () => {
    const ben = await agents.person({}, 'led');
    const theirs = await give(ben);
    agents.putClockBack(9 * 60 * 60);
    const old = await give();
    agents.putClockBack(0);
    await browser.submit({});
    await browser.submit({ code: '' });
    expect([browser.status, browser.page()('#code-error').length]).to.deep.equal([422, 1]);
    await browser.submit({ code: theirs });
    expect([browser.status, problem()]).to.deep.equal([422, 'That code is not right']);
    await browser.submit({ code: old });
    expect(problem()).to.equal('That code no longer works');
    for (let i = 0; i < 8; i += 1) await browser.submit({ code: `0000-000${i}` });
    await browser.submit({ code: await give() });
    expect([browser.status, problem(), pageOf(browser)]).to.deep.equal([
      429,
      'Too many wrong codes',
      'lead-code',
    ]);
    expect(Number(browser.headers.get('retry-after'))).to.be.within(1, 900);
  });

  it('is not asked for where nobody gives any: the person is sent to their admin', async () => {
    const ben = await agents.person({}, 'unled');
    const at = await signIn(ben);
    expect([pageOf(at), at.status]).to.deep.equal(['no-method', 403]);
    await at.open(within(at, 'lead-code'));
    expect(pageOf(at)).to.equal('no-method');
  });
});
