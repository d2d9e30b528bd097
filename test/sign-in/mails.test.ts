import { expect } from 'chai';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { touchKey, walk } from '../support/walk.ts';
import { codeOf, startAgents, type Agents, type DemandingApp } from './agents.ts';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

describe('what a sign-in tells by mail', () => {
  let agents: Agents;
  let app: DemandingApp;
  let browser: PageBrowser;
  /** Whose key fits nobody else. */
  let stranger: Person;

  before(async () => {
    agents = await startAgents();
    stranger = await agents.person({ keys: [{}] });
  });
  after(() => agents.close());
  beforeEach(() => {
    app = agents.app();
    browser = agents.idp.browser();
    browser.userAgent = CHROME;
  });

  async function signIn(person: Person, by?: string): Promise<void> {
    await browser.open(app.authorizeUrl({ prompt: 'login' }));
    await walk(browser, person, { ...agents, ...(by === undefined ? {} : { by }) });
  }

  /** Gives `times` wrong answers of `by`, in as many sign-ins as that takes. */
  async function fail(person: Person, times: number, by = 'authenticator-app'): Promise<void> {
    for (let i = 0; i < times; i += 1) {
      if (i % 4 === 0) {
        await browser.open(app.authorizeUrl({ prompt: 'login' }));
        await walk(browser, person, { ...agents, by, until: by });
      }
      const code = by === 'recovery-code' ? '0000-0000-0000-0000' : '000000';
      await browser.submit(by === 'security-key' ? touchKey(browser, stranger) : { code });
      expect(browser.status).to.equal(422);
    }
  }

  it('a recovery code that was used, with the number that is left', async () => {
    const ana = await agents.person({ app: true, codes: true });
    await signIn(ana, 'recovery-code');
    expect(codeOf(browser)).to.be.a('string');
    const subjects = await agents.mailsTo(ana, 2);
    expect(subjects).to.include('A recovery code was used. 14 left');
    const { tenantId, accountId } = ana.account;
    const { records } = await agents.idp.app.stores.operations.search.list(
      tenantId,
      { accountId, events: ['recovery_code_used'] },
      { limit: 10 },
    );
    expect(records.map(({ actor, details }) => [actor?.accountId, details])).to.deep.equal([
      [accountId, JSON.stringify({ left: 14 })],
    ]);
  });

  it('and where there is no mail server, the mailbox shows it', async () => {
    const ana = await agents.person();
    await signIn(ana);
    const [subject = ''] = await agents.mailsTo(ana);
    await browser.open('/dev/mailbox');
    expect([browser.status, browser.heading()]).to.deep.equal([200, 'Emails that were not sent']);
    expect(browser.page()('main').text()).to.include(subject).and.include(ana.account.email);
    await browser.open(browser.page()('article a').first().attr('href') ?? '');
    expect([browser.status, browser.html.includes(subject)]).to.deep.equal([200, true]);
  });

  it('a browser that is new to the person, once', async () => {
    const ana = await agents.person();
    await signIn(ana);
    await signIn(ana);
    const ben = await agents.person();
    await signIn(ben);
    expect(await agents.mailsTo(ben)).to.deep.equal(['New sign-in from Chrome on Windows']);
    expect(await agents.mailsTo(ana)).to.deep.equal(['New sign-in from Chrome on Windows']);
    browser = agents.idp.browser();
    await signIn(ana);
    expect(await agents.mailsTo(ana, 2)).to.have.length(2);
  });

  it('nothing of a new browser while a second factor is owed', async () => {
    const ana = await agents.person({ app: true });
    await fail(ana, 1);
    const ben = await agents.person();
    await signIn(ben);
    await agents.mailsTo(ben);
    expect(await agents.mailsTo(ana, 0)).to.deep.equal([]);
  });

  for (const by of ['security-key', 'authenticator-app', 'recovery-code']) {
    it(`the third wrong answer in a row of ${by}, not the second or the fourth`, async () => {
      const ana = await agents.person({ keys: [{}], app: true, codes: true });
      await fail(ana, 2, by);
      const ben = await agents.person({ keys: [{}], app: true, codes: true });
      await fail(ben, 4, by);
      expect(await agents.mailsTo(ben)).to.deep.equal([
        'Someone knows your password and failed the second step 3 times',
      ]);
      expect(await agents.mailsTo(ana, 0)).to.deep.equal([]);
    });
  }

  it('the third whatever it is of, with the page where a password is changed', async () => {
    const ana = await agents.person({ keys: [{}], app: true, codes: true });
    for (const by of ['security-key', 'authenticator-app', 'recovery-code']) await fail(ana, 1, by);
    await agents.mailsTo(ana);
    const mails = (await agents.idp.app.stores.operations.mailbox?.newest(50)) ?? [];
    const mail = mails.find(({ to }) => to === ana.account.email);
    expect(mail?.subject).to.equal('Someone knows your password and failed the second step 3 times');
    expect(mail?.text).to.include(`${agents.idp.issuer}/password/forgot`);
  });

  it('the third of ten at once, once', async () => {
    const ana = await agents.person({ codes: true, app: true });
    const tabs: PageBrowser[] = [];
    for (let i = 0; i < 10; i += 1) {
      const tab = await agents.idp.browser().open(app.authorizeUrl({ prompt: 'login' }));
      await walk(tab, ana, { ...agents, by: 'recovery-code', until: 'recovery-code' });
      tabs.push(tab);
    }
    await Promise.all(tabs.map((tab) => tab.submit({ code: '0000-0000-0000-0000' })));
    expect((await agents.mailsTo(ana, 2)).sort()).to.deep.equal([
      'Someone knows your password and failed the second step 10 times',
      'Someone knows your password and failed the second step 3 times',
    ]);
  });

  it('the tenth, whatever waits lie between', async () => {
    const ana = await agents.person({ app: true });
    for (const wait of [3600, 2400, 1200]) {
      agents.putClockBack(wait);
      await fail(ana, wait === 1200 ? 2 : 4);
    }
    agents.putClockBack(0);
    expect(await agents.mailsTo(ana, 2)).to.deep.equal([
      'Someone knows your password and failed the second step 10 times',
      'Someone knows your password and failed the second step 3 times',
    ]);
  });

  it('counts anew after a completed sign-in', async () => {
    const ana = await agents.person({ app: true });
    await fail(ana, 2);
    await signIn(ana);
    agents.putClockBack(-1);
    await fail(ana, 2);
    agents.putClockBack(0);
    expect(await agents.mailsTo(ana)).to.deep.equal(['New sign-in from Chrome on Windows']);
  });

  it('a key whose counter went back, by its name', async () => {
    const ana = await agents.person({ keys: [{}] });
    await signIn(ana);
    const [key] = ana.keys;
    await browser.open(app.authorizeUrl({ prompt: 'login' }));
    await walk(browser, ana, { ...agents, until: 'security-key' });
    const { client_state } = touchKey(browser, ana);
    const options = JSON.parse(browser.page()('form[data-options]').attr('data-options') ?? '') as {
      challenge: string;
    };
    const response = JSON.stringify(key?.assertion(options, { counter: 1 }));
    await browser.submit({ response, client_state: client_state ?? '' });
    expect(browser.status).to.equal(422);
    expect(await agents.mailsTo(ana, 2)).to.include('Your security key may have been copied');
  });
});
