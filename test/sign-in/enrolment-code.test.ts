import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { PASSWORD, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { mailedCodes } from '../support/mailed-codes.ts';
import { pageOf, within } from '../support/walk.ts';
import { codeOf, startAgents, truth, TWO, type Agents, type DemandingApp } from './agents.ts';

const AGAIN = 'form[action$="/again"]';

describe('a code by mail before the first method', () => {
  let agents: Agents;
  let app: DemandingApp;
  let browser: PageBrowser;
  let ana: Person;

  before(async () => {
    agents = await startAgents();
    const required = { secondFactor: 'required', enrolmentProof: 'email' } as const;
    await agents.idp.addTenant('mailing', required);
    await agents.idp.addTenant('patient', { ...required, skips: 3 });
  });
  after(() => agents.close());
  beforeEach(async () => {
    agents.putClockBack(0);
    app = agents.app();
    ana = await agents.person({}, 'mailing');
    browser = await signIn(ana);
  });

  async function signIn({ account }: Person): Promise<PageBrowser> {
    const at = await agents.idp.browser().open(app.authorizeUrl());
    return at.submit({ email: account.email, password: PASSWORD });
  }

  const codesTo = (person: Person, count = 1) => mailedCodes(agents.idp, person, count);

  /** Starts the set-up. @returns the code that is mailed */
  async function start(): Promise<string> {
    await browser.submit({});
    expect(browser.heading()).to.equal('Check your email');
    return (await codesTo(ana))[0] ?? '';
  }
  const other = (code: string) => (code === '123456' ? '654321' : '123456');
  const methods = async () => (await agents.idp.app.stores.accounts.find(ana.account))?.methodCount;

  it('is sent when the set-up is begun, and leads through it to the app, which is told two factors', async () => {
    expect(pageOf(browser)).to.equal('set-up');
    expect(await codesTo(ana, 0)).to.deep.equal([]);
    const code = await start();
    expect(browser.html).to.include('p...@mailing.example');
    await browser.submit({ code: `${code.slice(0, 3)} ${code.slice(3)}` });
    await browser.submit({});
    expect(browser.heading()).to.equal('Save your recovery codes');
    await browser.submit({ saved: 'yes' });
    await browser.submit({ method: 'authenticator-app' });
    const { generate } = await import('otplib');
    const secret = browser.page()('.secret').text().replaceAll(' ', '');
    await browser.submit({ code: await generate({ secret }) });
    await browser.submit({});
    expect((await truth(app, codeOf(browser))).acr).to.equal(TWO);
  });

  it('is missed by no page of the set-up, whatever address or form is used', async () => {
    const _csrf = browser.page()('input[name=_csrf]').first().attr('value') ?? '';
    for (const page of ['set-up', 'set-up/codes', 'set-up/method', 'set-up/method/authenticator-app']) {
      await browser.post(within(browser, page), { _csrf, saved: 'yes', method: 'authenticator-app' });
      expect([browser.heading(), browser.left], page).to.deep.equal(['Check your email', null]);
      if (page === 'set-up') continue;
      await browser.open(within(browser, page));
      expect([browser.heading(), browser.left], page).to.deep.equal(['Check your email', null]);
    }
    const silent = await browser.copy().open(app.authorizeUrl({ prompt: 'none' }));
    expect(silent.left?.searchParams.get('error')).to.equal('login_required');
    expect(await methods()).to.equal(0);
  });

  it('may still be put off where the tenant lets people', async () => {
    const ben = await agents.person({}, 'patient');
    const at = await signIn(ben);
    await at.submit({}, 'form[action$="/skip"]');
    expect(codeOf(at)).to.be.a('string');
  });

  it('takes five answers, then wants a new one, and the old one is dead', async () => {
    const code = await start();
    for (let i = 0; i < 5; i += 1) {
      await browser.submit({ code: other(code) });
      expect(browser.status).to.equal(422);
    }
    const late = { _csrf: browser.page()('input[name=_csrf]').first().attr('value') ?? '', code };
    await browser.post(within(browser, 'set-up/check-email'), late);
    expect([browser.status, browser.page()('#code').length]).to.deep.equal([422, 0]);
    expect(browser.html).to.include('You need a new code');
    await browser.submit({}, AGAIN);
    const [fresh = ''] = await codesTo(ana, 2);
    await browser.submit({ code: fresh });
    expect(pageOf(browser)).to.equal('set-up');
  });

  it('costs nothing when it is empty or no code', async () => {
    const code = await start();
    for (const bad of ['', '12345', '1234567', 'abcdef']) {
      for (let i = 0; i < 2; i += 1) await browser.submit({ code: bad });
      expect([browser.status, browser.page()('#code-error').length], bad).to.deep.equal([422, 1]);
    }
    await browser.submit({ code });
    expect(pageOf(browser)).to.equal('set-up');
  });

  it('is replaced by a new one', async () => {
    const code = await start();
    await browser.submit({}, AGAIN);
    expect(browser.html).to.include('A new code is on its way');
    const [fresh = ''] = await codesTo(ana, 2);
    if (fresh !== code) {
      await browser.submit({ code });
      expect(browser.status).to.equal(422);
    }
    await browser.submit({ code: fresh });
    expect(pageOf(browser)).to.equal('set-up');
  });

  it('is sent five times an hour at most, over all sign-ins', async () => {
    await start();
    for (let i = 0; i < 4; i += 1) await browser.submit({}, AGAIN);
    await browser.submit({}, AGAIN);
    expect(browser.status).to.equal(429);
    expect(Number(browser.headers.get('retry-after'))).to.be.within(1, 3600);
    browser = await signIn(ana);
    await browser.submit({});
    expect(browser.html).to.include('You need a new code');
    await setTimeout(300);
    expect(await codesTo(ana, 5)).to.have.length(5);
  });

  it('works in the sign-in that asked for it alone, and once', async () => {
    const code = await start();
    const thief = await signIn(ana);
    await thief.submit({});
    const [theirs = ''] = await codesTo(ana, 2);
    if (theirs !== code) {
      await thief.submit({ code });
      expect(thief.status).to.equal(422);
    }
    await browser.submit({ code });
    expect(pageOf(browser)).to.equal('set-up');
    await thief.open(within(thief, 'set-up/codes'));
    expect(thief.heading()).to.equal('Check your email');
  });

  it('is guessed ten times an hour at most, over all sign-ins', async () => {
    let code = await start();
    for (let i = 0; i < 10; i += 1) {
      if (i === 5) {
        browser = await signIn(ana);
        await browser.submit({});
        [code = ''] = await codesTo(ana, 2);
      }
      await browser.submit({ code: other(code) });
      expect(browser.status).to.equal(422);
    }
    browser = await signIn(ana);
    await browser.submit({});
    [code = ''] = await codesTo(ana, 3);
    await browser.submit({ code });
    expect(browser.status).to.equal(429);
  });

  it('counts 20 answers at once as five', async () => {
    const code = await start();
    const tabs = Array.from({ length: 20 }, () => Object.assign(browser.copy(), { html: browser.html }));
    await Promise.all(tabs.map((tab) => tab.submit({ code: other(code) })));
    const told = tabs.filter(({ html }) => html.includes('That code is not right'));
    expect(told.length).to.be.at.most(5);
  }).timeout(30_000);

  it('is over with any change of the account', async () => {
    const code = await start();
    await agents.idp.app.stores.accounts.save(ana.account, { name: 'Another Name' });
    await browser.submit({ code });
    expect(pageOf(browser)).to.equal('password');
  });

  it('is told to the audit log, and stored nowhere in plain', async () => {
    const code = await start();
    await browser.submit({ code: other(code) });
    await browser.submit({ code });
    const events = ['enrolment_code_sent', 'enrolment_code_refused', 'enrolment_code_accepted'] as const;
    const { records } = await agents.idp.app.stores.operations.search.list(
      'mailing',
      { events, accountId: ana.account.accountId },
      { limit: 10 },
    );
    expect(records.map(({ event }) => event).reverse()).to.deep.equal([...events]);
    for (const name of ['sign_ins', 'audit_events']) {
      const rows = await agents.idp.database.connection.collection(name).find().toArray();
      expect(JSON.stringify(rows), name).not.to.include(`"${code}"`);
    }
  });
});
