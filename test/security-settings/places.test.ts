import { expect } from 'chai';
import { appOf } from '../support/bare-browser.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, walk } from '../support/walk.ts';
import { SECURITY, startOwners, tokenOf, wayOf, type Owners } from './owners.ts';

const PLACES = `${SECURITY}/sessions`;
const ENDS = 'form[action$="/end"]';

describe('where somebody is signed in', () => {
  let owners: Owners;
  before(async () => void (owners = await startOwners()));
  after(() => owners.close());

  const rows = (browser: PageBrowser) =>
    browser
      .page()('.rows li')
      .toArray()
      .map((row) => browser.page()(row).text().replaceAll(/\s+/g, ' ').trim());
  const isIn = async (browser: PageBrowser) => {
    await browser.open(SECURITY);
    return pageOf(browser) === null;
  };
  const uidOf = async ({ account }: Person, index = 0) =>
    (await owners.idp.app.sessions.ofAccount(account.accountId))[index]?.uid ?? '';

  it('is told with browser, proof, time and apps, this one first', async () => {
    const person = await owners.person({ app: true });
    const desk = appOf(owners.idp, { clientId: 'desk', redirectUri: 'https://desk.example/callback' });
    const elsewhere = owners.idp.browser();
    elsewhere.userAgent = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';
    await elsewhere.open(desk.authorizeUrl());
    await walk(elsewhere, person, owners);
    owners.later(60);
    const browser = await owners.signIn(person);
    expect(browser.page()('.num').last().text()).to.equal('2 places');
    await browser.open(PLACES);
    const [here = '', there = '', ...more] = rows(browser);
    expect(more).to.deep.equal([]);
    expect(here).to.match(
      /^An unknown browser This browser ?Signed in \d+ \w+ \d{4}, \d\d:\d\d UTC.*With your password, Authenticator app ?Apps: Security settings$/,
    );
    expect(there).to.match(/^Firefox on Windows.*Apps: Contact Desk Sign out there Firefox on Windows/);
    expect(browser.page()(ENDS)).to.have.length(1);
  });

  it('still knows the browser after the session changed its id', async () => {
    const person = await owners.person({ keys: [{}], codes: true });
    const browser = owners.idp.browser();
    browser.userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
    await browser.open(SECURITY);
    await walk(browser, person, owners);
    await owners.confirm(browser, person, `${SECURITY}/codes`);
    const before = browser.cookies.get('session')?.value;
    await browser.submit({});
    expect(browser.cookies.get('session')?.value).to.not.equal(before);
    await browser.open(PLACES);
    expect(rows(browser)[0]).to.match(/^Firefox on Linux This browser/);
  });

  it('shows nothing of anybody else, and nothing that is over', async () => {
    const person = await owners.person();
    await owners.signIn(await owners.person());
    const old = await owners.signIn(person);
    const now = await owners.now(person);
    const { authTime = 0 } = (await owners.idp.app.sessions.ofAccount(now.accountId))[0] ?? {};
    await owners.stores.accounts.save(now, { validFrom: authTime });
    owners.later(5);
    const browser = await owners.signIn(person);
    await browser.open(PLACES);
    expect(rows(browser)).to.have.length(1);
    expect(browser.html).to.include('You are signed in here and nowhere else.');
    expect(await isIn(old)).to.equal(false);
  });

  describe('one that is ended', () => {
    it('is out at once, with its tokens, and no other is', async () => {
      const person = await owners.person({ keys: [{}] });
      const [other, third] = [await owners.signIn(person), await owners.signIn(person)];
      const browser = await owners.signIn(person);
      await owners.confirm(browser, person, '/account/confirm/sessions');
      expect(browser.url.pathname).to.equal(PLACES);
      await browser.submit({}, ENDS);
      expect(browser.page()('#saved h2').text()).to.equal('You are signed out there.');
      expect([await isIn(other), await isIn(third)].filter((one) => one)).to.have.length(1);
      expect(await isIn(browser)).to.equal(true);
      expect(await owners.told(person, 'session_ended')).to.have.length(1);
      expect((await owners.now(person)).credVersion).to.equal(person.account.credVersion);
    });

    it('is nobody else’s, nor this one', async () => {
      const person = await owners.person({ keys: [{}] });
      const browser = await owners.signIn(person);
      await owners.signIn(person);
      const stranger = await owners.person();
      const theirs = await owners.signIn(stranger);
      await owners.confirm(browser, person, '/account/confirm/sessions');
      const fields = { _csrf: tokenOf(browser) };
      expect(fields._csrf).to.not.equal('');
      const own = await owners.idp.app.sessions.ofAccount(person.account.accountId);
      const posts = [[await uidOf(stranger), 404], ['x', 404], ...own.map(({ uid }) => [uid, null])] as const;
      const statuses = [];
      for (const [uid, expected] of posts) {
        await browser.post(`${PLACES}/${uid}/end`, fields);
        if (expected === null) statuses.push(browser.status);
        else expect(browser.status).to.equal(expected);
      }
      expect(statuses.sort()).to.deep.equal([200, 422]);
      expect([await isIn(theirs), await isIn(browser)]).to.deep.equal([true, true]);
    });

    it('wants a fresh proof, the token of its session, and a session', async () => {
      const person = await owners.person({ keys: [{}] });
      const other = await owners.signIn(person);
      const uid = await uidOf(person);
      const browser = await (await owners.signIn(person)).open(PLACES);
      const fields = { _csrf: tokenOf(browser) };
      await browser.post(`${PLACES}/${uid}/end`, fields);
      expect(wayOf(browser)).to.equal('security-key');
      await owners.confirm(browser, person, '/account/confirm/sessions');
      await browser.post(`${PLACES}/${uid}/end`, {});
      expect(browser.status).to.equal(403);
      await browser.post(`${PLACES}/${uid}/end`, fields, { 'sec-fetch-site': 'cross-site' });
      expect(browser.status).to.equal(403);
      const nobody = owners.idp.browser();
      await nobody.post(`${PLACES}/${uid}/end`, fields);
      expect(nobody.status).to.equal(401);
      owners.later(601);
      await browser.post(`${PLACES}/${uid}/end`, fields);
      expect(wayOf(browser)).to.equal('security-key');
      expect(await isIn(other)).to.equal(true);
    });
  });

  it('all others are out at once, and this one stays under a new id', async () => {
    const person = await owners.person();
    const others = [await owners.signIn(person), await owners.signIn(person)];
    const browser = await owners.signIn(person);
    const before = browser.cookies.get('session')?.value;
    await owners.confirm(browser, person, '/account/confirm/sessions');
    await browser.submit({}, 'form[action$="/end-others"]');
    expect(browser.page()('#saved h2').text()).to.equal('You are signed out everywhere else.');
    expect(rows(browser)).to.have.length(1);
    expect(await Promise.all(others.map(isIn))).to.deep.equal([false, false]);
    expect(browser.cookies.get('session')?.value).to.not.equal(before);
    expect(await isIn(browser)).to.equal(true);
  });
});

describe('recent activity', () => {
  let owners: Owners;
  before(async () => void (owners = await startOwners()));
  after(() => owners.close());

  const HERE = `${SECURITY}/activity`;
  const titles = (browser: PageBrowser) =>
    browser
      .page()('.rows b')
      .toArray()
      .map((one) => browser.page()(one).text());

  it('tells what somebody did and what was refused, newest first, and of nobody else', async () => {
    const person = await owners.person({ keys: [{}] });
    const other = owners.idp.browser();
    await other.open(SECURITY);
    await other.submit({ email: person.account.email, password: 'not the password' });
    const browser = await owners.signIn(person);
    await owners.signIn(await owners.person());
    await owners.confirm(
      browser,
      person,
      `${SECURITY}/methods/${person.account.methods[0]?.id ?? ''}/rename`,
    );
    await browser.submit({ name: 'Desk key' });
    await browser.open(HERE);
    expect(titles(browser)).to.deep.equal(['Method renamed', 'Signed in', 'Wrong password entered']);
    expect(browser.page()('.rows .small').first().text()).to.match(
      /^Security key · \d+ \w+ \d{4}, \d\d:\d\d UTC$/,
    );
  });

  it('tells what an admin did to somebody to them, and not to the admin', async () => {
    const [admin, person] = [await owners.person({ keys: [{}] }), await owners.person()];
    const { tenantId, accountId } = admin.account;
    const occasion = {
      editor: { kind: 'person', who: { tenantId, accountId } },
      reference: 'r',
      source: '192.0.2.0/24',
    } as const;
    const account = await owners.asNow(person);
    await owners.idp.app.admin.agents.signOut(account.account, occasion);
    const signedOut = 'Your admin signed you out everywhere';
    const theirs = await (await owners.signIn(person)).open(HERE);
    expect(titles(theirs)).to.deep.equal(['Signed in', signedOut]);
    const own = await (await owners.signIn(admin)).open(HERE);
    expect(titles(own)).to.deep.equal(['Signed in']);
  });

  it('does not tell what was announced and overtaken', async () => {
    const person = await owners.person({ keys: [{}], app: true });
    const browser = await owners.signIn(person);
    const path = `${SECURITY}/methods/${person.account.methods[0]?.id ?? ''}/remove`;
    await owners.confirm(browser, person, path);
    const fields = { _csrf: tokenOf(browser), version: String(person.account.credVersion) };
    const tabs = Array.from({ length: 10 }, () => {
      const tab = owners.idp.browser();
      for (const [name, cookie] of browser.cookies) tab.cookies.set(name, cookie);
      return tab;
    });
    await Promise.all(tabs.map((tab) => tab.post(path, fields)));
    const later = await owners.signIn(await owners.asNow(person));
    await later.open(HERE);
    expect(titles(later).filter((title) => title === 'Method removed')).to.have.length(1);
  });

  it('goes on page by page, and a broken page number starts anew', async () => {
    const person = await owners.person();
    const { audit } = owners.stores.operations;
    const who = { tenantId: person.account.tenantId, accountId: person.account.accountId };
    for (let i = 0; i < 25; i += 1) {
      const entry = {
        event: 'session_ended',
        tenantId: who.tenantId,
        actor: who,
        subject: who,
        result: 'ok',
      };
      await audit.record(entry as Parameters<typeof audit.record>[0]);
    }
    const browser = await (await owners.signIn(person)).open(HERE);
    expect(titles(browser)).to.have.length(20);
    await browser.open(browser.page()('a[href*="after="]').attr('href') ?? '');
    expect(titles(browser)).to.have.length(6);
    for (const after of ['x', '%00', '&after=b']) {
      await browser.open(`${HERE}?after=${after}`);
      expect([browser.status, titles(browser).length], after).to.deep.equal([200, 20]);
    }
  });

  it('is for people with a session', async () => {
    const browser = await owners.idp.browser().open(HERE);
    expect(pageOf(browser)).to.equal('password');
    const person = await owners.person();
    await walk(browser, person, owners);
    expect(browser.url.pathname).to.equal(HERE);
  });
});
