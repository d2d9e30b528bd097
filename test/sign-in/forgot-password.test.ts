import { expect } from 'chai';
import { setTimeout } from 'node:timers/promises';
import { PASSWORD, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, walk } from '../support/walk.ts';
import { codeOf, startAgents, type Agents, type DemandingApp } from './agents.ts';

const FORGOT = '/password/forgot';
const NEW = 'a lantern over quiet water';
const SHORT = 'eleven moon';

describe('a forgotten password', () => {
  let agents: Agents;
  let app: DemandingApp;
  let browser: PageBrowser;

  before(async () => void (agents = await startAgents()));
  after(() => agents.close());
  beforeEach(async () => {
    // All tests come from one network, which may ask for 20 mails an hour.
    await agents.idp.database.connection
      .collection('attempts')
      .deleteMany({ group: /^mail-link-(source|network)/ });
    agents.putClockBack(0);
    app = agents.app();
    browser = agents.idp.browser();
  });

  const now = async ({ account }: Person) => {
    const found = await agents.idp.app.stores.accounts.find(account);
    if (!found) throw new Error('the account is gone');
    return found;
  };

  async function ask(email: string, at = browser): Promise<void> {
    await at.open(FORGOT);
    await at.submit({ email });
  }

  /** @returns the paths in the mails that `person` got, newest first */
  async function linksTo({ account }: Person, count = 1): Promise<string[]> {
    for (let i = 0; i < 100; i += 1) {
      const mails = (await agents.idp.app.stores.operations.mailbox?.newest(500)) ?? [];
      const links = mails
        .filter(({ to }) => to === account.email)
        .flatMap(({ text }) => /\/link\/[\w-]{43}/.exec(text)?.[0] ?? []);
      if (links.length >= count) return links;
      await setTimeout(50);
    }
    throw new Error('no mail');
  }

  async function linkOf(person: Person): Promise<string> {
    await ask(person.account.email);
    return (await linksTo(person))[0] ?? '';
  }

  const set = async (password: string, at = browser) => {
    await at.submit({ password });
    return at.url.pathname;
  };
  const signIn = async (person: Person, password: string) => {
    const at = await agents.idp.browser().open(app.authorizeUrl());
    return at.submit({ email: person.account.email, password });
  };

  it('is asked for on the sign-in page, whose tenant goes along', async () => {
    await browser.open(agents.app('south').authorizeUrl());
    const href = browser.page()('p.after a').attr('href') ?? '';
    expect(href).to.equal('/password/forgot?tenant=southwind');
    await browser.open(href);
    expect(browser.html).to.include('southwind support');
  });

  it('gets the same answer for people, strangers, those out of use and those who asked too often', async () => {
    const ana = await agents.person();
    const off = await agents.person();
    await agents.idp.app.stores.accounts.save(off.account, { state: 'disabled' });
    const answers = new Set<string>();
    for (const email of [ana.account.email, off.account.email, 'nobody@northwind.example']) {
      for (let i = 0; i < 4; i += 1) {
        await ask(email);
        answers.add(
          `${browser.status} ${browser.html.replaceAll(email.replace('@', '@<wbr>'), '').replaceAll(/nonce="[^"]*"/g, '')}`,
        );
      }
    }
    expect([...answers]).to.have.length(1);
    expect(browser.heading()).to.equal('Check your email');
    expect(await linksTo(ana, 3)).to.have.length(3);
    await setTimeout(300);
    expect(await linksTo(ana, 3)).to.have.length(3);
    expect(await linksTo(off, 0)).to.deep.equal([]);
  });

  it('does the same work for people and strangers: as many links, mails and log entries', async () => {
    const ana = await agents.person();
    const { connection } = agents.idp.database;
    const count = async () =>
      Promise.all(
        ['mail_links', 'outbox', 'attempts'].map((name) => connection.collection(name).countDocuments()),
      );
    const costs = [];
    for (const email of [ana.account.email, 'stranger@northwind.example']) {
      const [links = 0, , attempts = 0] = await count();
      await ask(email);
      const [linksAfter = 0, , attemptsAfter = 0] = await count();
      costs.push([linksAfter - links, attemptsAfter - attempts]);
    }
    expect(costs).to.deep.equal([
      [1, 4],
      [1, 4],
    ]);
  });

  it('is mailed 20 times an hour to one network, but for browsers that the person signed in with before', async () => {
    const [ana, ben] = [await agents.person(), await agents.person()];
    const known = await agents.idp.browser().open(app.authorizeUrl());
    await walk(known, ana, agents);
    for (let i = 0; i < 20; i += 1) await ask(`nobody-${i}@northwind.example`);
    await ask(ben.account.email);
    // The browser that knows Ana knows nobody else.
    for (const { account } of [ben, ana]) {
      await ask(account.email, known);
    }
    expect(known.heading()).to.equal('Check your email');
    expect(await linksTo(ana)).to.have.length(1);
    expect(await linksTo(ben, 0)).to.deep.equal([]);
  });

  it('is mailed to its owner, however often a network asked for it that may have no more mails sent', async () => {
    const ana = await agents.person();
    const known = await agents.idp.browser().open(app.authorizeUrl());
    await walk(known, ana, agents);
    for (let i = 0; i < 20; i += 1) await ask(`nobody-${i}@northwind.example`);
    for (let i = 0; i < 10; i += 1) await ask(ana.account.email);
    await ask(ana.account.email, known);
    expect(await linksTo(ana)).to.have.length(1);
  });

  it('has one link that works: the newest', async () => {
    const ana = await agents.person();
    await ask(ana.account.email);
    await linksTo(ana);
    await ask(ana.account.email);
    const [newest = '', older = ''] = await linksTo(ana, 2);
    await browser.open(older);
    expect(browser.status).to.equal(410);
    await browser.open(newest);
    expect(browser.heading()).to.equal('Choose a new password');
  });

  it('is mailed again in the next hour, however often it was asked for in this one', async () => {
    const ana = await agents.person();
    agents.putClockBack(3 * 3600);
    for (let i = 0; i < 10; i += 1) await ask(ana.account.email);
    expect(await linksTo(ana, 3)).to.have.length(3);
    agents.putClockBack(3600);
    await ask(ana.account.email);
    expect(await linksTo(ana, 4)).to.have.length(4);
  });

  it('asks for the workspace when nothing tells the tenant', async () => {
    await ask('ana@elsewhere.example');
    expect([browser.status, browser.page()('#workspace').length]).to.deep.equal([422, 1]);
    await browser.submit({ email: 'ana@elsewhere.example', workspace: 'northwind' });
    expect(browser.heading()).to.equal('Check your email');
  });

  it('is replaced by a mailed link, signs nobody in, and leaves the second factor in its place', async () => {
    const ana = await agents.person({ app: true, codes: true });
    await browser.open(await linkOf(ana));
    expect([browser.url.pathname, browser.heading()]).to.deep.equal([
      '/password/set',
      'Choose a new password',
    ]);
    expect(await set(NEW)).to.equal('/password/done');
    expect(browser.html).to.include('Sign in with your new password and your second step.');
    const after = await now(ana);
    expect(after.methods).to.deep.equal(ana.account.methods);
    expect(after.recovery?.digests).to.have.length(15);

    await browser.open(app.authorizeUrl());
    expect(pageOf(browser)).to.equal('password');
    expect((await signIn(ana, PASSWORD)).status).to.equal(422);
    expect(pageOf(await signIn(ana, NEW))).to.equal('authenticator-app');
    expect(await agents.mailsTo(ana, 2)).to.include(
      'The password of your northwind support account was changed',
    );
  });

  it('signs out everywhere, and what waits for a second factor starts over', async () => {
    const ana = await agents.person({ app: true });
    agents.putClockBack(5);
    const here = await agents.idp.browser().open(app.authorizeUrl());
    await walk(here, ana, agents);
    expect(codeOf(here)).to.be.a('string');
    const half = await signIn(ana, PASSWORD);
    agents.putClockBack(0);
    await browser.open(await linkOf(ana));
    await set(NEW);
    await here.open(app.authorizeUrl({ prompt: 'none' }));
    expect(here.left?.searchParams.get('error')).to.equal('login_required');
    await half.submit({ code: await agents.appCode() });
    expect([pageOf(half), half.left]).to.deep.equal(['password', null]);
  });

  it('forgets wrong passwords, and no wrong second factor: a reader of mails has as many links as they like', async () => {
    const ana = await agents.person({ app: true });
    const at = await signIn(ana, PASSWORD);
    for (let i = 0; i < 5; i += 1) await at.submit({ code: '000000' });
    await browser.open(await linkOf(ana));
    await set(NEW);
    const again = await signIn(ana, NEW);
    await again.submit({ code: await agents.appCode() });
    expect([again.status, codeOf(again)]).to.deep.equal([429, null]);
  });

  it('opens as often as scanners like, and is used once', async () => {
    const ana = await agents.person();
    const link = await linkOf(ana);
    for (let i = 0; i < 3; i += 1) {
      const scanner = await agents.idp.browser().open(link);
      expect(scanner.heading()).to.equal('Choose a new password');
    }
    await browser.open(link);
    const tab = Object.assign(browser.copy(), { html: browser.html });
    expect(browser.url.pathname).not.to.include(link.slice(6));
    expect(await set(NEW)).to.equal('/password/done');
    const other = await agents.idp.browser().open(link);
    expect([other.status, other.heading()]).to.deep.equal([410, 'This link no longer works']);
    await tab.submit({ password: 'another lantern over the sea' });
    expect(tab.status).to.be.within(403, 410);
    expect((await signIn(ana, NEW)).left?.searchParams.get('code')).to.be.a('string');
  });

  it('lets one of 20 at once through', async () => {
    const ana = await agents.person();
    const link = await linkOf(ana);
    const all = [];
    for (let i = 0; i < 20; i += 1) all.push(await agents.idp.browser().open(link));
    await Promise.all(all.map((one, i) => set(`${NEW} ${i}`, one)));
    expect(all.filter(({ url }) => url.pathname === '/password/done')).to.have.length(1);
    expect((await now(ana)).credVersion).to.equal(ana.account.credVersion + 1);
  }).timeout(60_000);

  it('is too late after 30 minutes, after any change of the account, and for whoever is out of use', async () => {
    const { accounts } = agents.idp.app.stores;
    const old = await agents.person();
    agents.putClockBack(30 * 60 + 1);
    const link = await linkOf(old);
    agents.putClockBack(0);
    const changed = await agents.person();
    const second = await linkOf(changed);
    await accounts.save(changed.account, { name: 'Another Name' });
    const off = await agents.person();
    const third = await linkOf(off);
    await accounts.save(off.account, { state: 'disabled' });
    for (const dead of [link, second, third, '/link/x', `/link/${'a'.repeat(43)}`]) {
      await browser.open(dead);
      expect([browser.status, browser.heading()], dead).to.deep.equal([410, 'This link no longer works']);
    }
  });

  it('keeps to the rules of new passwords, and a refused one spends nothing', async () => {
    const ana = await agents.person({ app: true });
    await browser.open(await linkOf(ana));
    for (const bad of ['', SHORT, 'northwind northwind', 'aaaaaaaaaaaaaaaa', 'passwordpassword']) {
      await set(bad);
      expect([browser.status, browser.url.pathname], bad).to.deep.equal([422, '/password/set']);
      expect(browser.html).not.to.include(bad === '' ? 'nothing' : `"${bad}"`);
    }
    expect(await set(NEW)).to.equal('/password/done');
    const eve = await agents.person({ app: true }, 'strict');
    await browser.open(await linkOf(eve));
    expect(await set(SHORT)).to.equal('/password/done');
  });

  it('takes no form of another site, and none without the link of its page', async () => {
    const ana = await agents.person();
    await browser.open(await linkOf(ana));
    const token = browser.page()('input[name=_csrf]').attr('value') ?? '';
    for (const [fields, headers] of [
      [{ password: NEW }, {}],
      [{ password: NEW, _csrf: token }, { 'sec-fetch-site': 'cross-site' }],
    ] as const) {
      await browser.post('/password/set', { ...fields }, { ...headers });
      expect(browser.status).to.equal(403);
    }
    const stranger = agents.idp.browser();
    await stranger.post('/password/set', { password: NEW, _csrf: token });
    expect(stranger.status).to.equal(403);
    expect((await now(ana)).credVersion).to.equal(ana.account.credVersion);
  });

  it('stores nothing by which a link could be made', async () => {
    const ana = await agents.person();
    const token = (await linkOf(ana)).slice(6);
    const { connection } = agents.idp.database;
    for (const name of ['mail_links', 'outbox', 'audit_events']) {
      const rows = await connection.collection(name).find().toArray();
      expect(JSON.stringify(rows), name).not.to.include(token);
    }
  });

  describe('confirming a browser', () => {
    const wrong = { password: 'not the password' };

    /** Strangers guess until everybody waits. */
    async function exhaust(email: string): Promise<PageBrowser> {
      const at = await agents.idp.browser().open(app.authorizeUrl());
      for (let i = 0; i < 12 && at.status !== 429; i += 1) await at.submit({ email, ...wrong });
      expect(at.status).to.equal(429);
      return at;
    }

    it('is offered to people and strangers alike, and lets the person sign in while guesses go on', async () => {
      const ana = await agents.person();
      const pages = [];
      for (const email of ['unknown@northwind.example', ana.account.email]) {
        browser = await exhaust(email);
        await browser.submit({}, 'form[action$="/confirm-browser"]');
        pages.push([browser.status, browser.heading(), browser.page()('main p').length]);
      }
      expect(pages[0]).to.deep.equal(pages[1]);
      const [link = ''] = await linksTo(ana);
      const back = browser.page()('a.btn').attr('href') ?? '';
      await browser.open(link);
      expect(browser.heading()).to.equal('Confirm this browser?');
      await browser.open(back);
      await browser.submit({ email: ana.account.email, password: PASSWORD });
      expect(browser.status, 'opening alone does nothing').to.equal(429);
      await browser.open('/password/browser');
      await browser.submit({});
      expect(browser.heading()).to.equal('This browser is confirmed');
      await browser.open(app.authorizeUrl({ prompt: 'none' }));
      expect(browser.left?.searchParams.get('error'), 'it signs nobody in').to.equal('login_required');
      await browser.open(back);
      await browser.submit({ email: ana.account.email, password: PASSWORD });
      expect(browser.left?.searchParams.get('code')).to.be.a('string');

      const other = await agents.idp.browser().open(link);
      expect(other.status, 'once').to.equal(410);
    });

    it('opens no new password, and a link for a new password confirms no browser', async () => {
      const ana = await agents.person();
      browser = await exhaust(ana.account.email);
      await browser.submit({}, 'form[action$="/confirm-browser"]');
      const [link = ''] = await linksTo(ana);
      await browser.open(link);
      await browser.open('/password/set');
      expect(browser.status).to.equal(410);
      const ben = await agents.person();
      await browser.open(await linkOf(ben));
      await browser.open('/password/browser');
      expect(browser.status).to.equal(410);
    });
  });
});
