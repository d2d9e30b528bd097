import { expect } from 'chai';
import { PASSWORD, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, walk, within } from '../support/walk.ts';
import { SECURITY, startOwners, type Owners } from './owners.ts';

const NEXT = 'a kettle of green ferns';
const DESK =
  '/authorize?client_id=desk&response_type=code&scope=openid&redirect_uri=https://desk.example/callback';
const CHALLENGE = '&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

describe('"This was not me"', () => {
  let owners: Owners;
  before(async () => void (owners = await startOwners()));
  after(() => owners.close());

  const isIn = async (browser: PageBrowser) => pageOf(await browser.open(SECURITY)) === null;

  async function report(browser: PageBrowser, person: Person): Promise<void> {
    await browser.open(`${SECURITY}/activity`);
    const href = browser.page()('a:contains("This was not me")').attr('href') ?? '';
    await owners.confirm(browser, person, href);
    expect(browser.heading()).to.equal('Was something here not you?');
    await browser.submit({});
    expect([browser.status, browser.heading()]).to.deep.equal([200, 'You are signed out everywhere']);
  }

  it('signs out everywhere, here too, and tells by mail and log', async () => {
    for (const has of [{}, { keys: [{}] }]) {
      const person = await owners.person(has);
      const other = await owners.signIn(person);
      const browser = await owners.signIn(person);
      await report(browser, person);
      expect([await isIn(other), await isIn(browser)]).to.deep.equal([false, false]);
      expect(await owners.mailsTo(person)).to.include(
        'You told us that something was not you. Choose a new password',
      );
      expect(await owners.told(person, 'reported_not_me')).to.have.length(1);
    }
  });

  it('leads the next sign-in, after everything is proved, to a new password, and then from its start to the app', async () => {
    const person = await owners.person({ keys: [{}] });
    await report(await owners.signIn(person), person);
    const browser = await owners.idp.browser().open(DESK + CHALLENGE);
    await walk(browser, person, { until: 'new-password', appCode: owners.appCode });
    expect(browser.heading()).to.equal('Choose a new password');
    await browser.submit({ password: PASSWORD });
    expect([browser.status, browser.page()('#password-error').text()]).to.deep.equal([
      422,
      'Error: This is the old password. Choose another one',
    ]);
    await browser.submit({ password: 'short' });
    expect(browser.status).to.equal(422);
    expect((await owners.now(person)).password?.exposedAt).to.be.instanceOf(Date);

    await browser.submit({ password: NEXT });
    expect([browser.status, browser.heading()]).to.deep.equal([200, 'Your password is changed']);
    expect(browser.html).to.include('and your second step');
    await browser.open(browser.page()('main a.btn').attr('href') ?? '');
    const pages = await walk(browser, { ...person, password: NEXT }, owners);
    expect(pages).to.deep.equal(['password', 'security-key']);
    expect(browser.left?.searchParams.get('code')).to.be.a('string');
    const told = await owners.told(person, 'password_changed', 'reported_not_me');
    expect(told).to.have.length(2);
    expect(await owners.mailsTo(person, 2)).to.include(
      'The password of your northwind support account was changed',
    );
  });

  it('lets nobody choose it who has proved less than everything', async () => {
    const person = await owners.person({ keys: [{}] });
    await report(await owners.signIn(person), person);
    const thief = await owners.idp.browser().open(SECURITY);
    for (const until of ['password', 'security-key']) {
      await walk(thief, person, { until, appCode: owners.appCode });
      const token = thief.page()('input[name=_csrf]').attr('value') ?? '';
      await thief.post(within(thief, 'new-password'), { _csrf: token, password: NEXT });
      expect(pageOf(thief)).to.equal(until);
    }
    expect((await owners.now(person)).password?.exposedAt).to.be.instanceOf(Date);
  });

  it('lets nothing else answer before: not the own pages, not the app, not a page of the sign-in', async () => {
    const person = await owners.person({ keys: [{}], app: true });
    await report(await owners.signIn(person), person);
    const browser = await owners.idp.browser().open(DESK + CHALLENGE);
    await walk(browser, person, { until: 'new-password', appCode: owners.appCode });
    for (const page of [
      '',
      'password',
      'second-factor/authenticator-app',
      'recovery-used',
      'consent',
      'ways',
      'set-up',
    ]) {
      const tab = browser.copy();
      await tab.open(within(browser, page).replace(/\/$/, ''));
      expect(tab.left, page).to.equal(null);
      await tab.post(tab.url.pathname, { _csrf: tab.page()('input[name=_csrf]').attr('value') ?? '' });
      expect(tab.left, page).to.equal(null);
    }
    expect(await isIn(browser.copy())).to.equal(false);
    expect(await owners.idp.app.sessions.ofAccount(person.account.accountId)).to.have.length(0);
  });

  it('holds against a session that comes up by any other way', async () => {
    const person = await owners.person();
    const browser = await owners.signIn(person);
    const account = await owners.now(person);
    // A report whose `validFrom` this session would outlive.
    const password = account.password && { ...account.password, exposedAt: new Date() };
    await owners.stores.accounts.save(account, { password });
    expect(await isIn(browser)).to.equal(false);
  });

  it('stands when the digest of the password is renewed at a sign-in', async () => {
    const person = await owners.person();
    await report(await owners.signIn(person), person);
    const { password } = await owners.now(person);
    if (!password) throw new Error('no password');
    const renewed = await owners.stores.passwords.hash(PASSWORD);
    await owners.stores.accounts.upgradePassword(person.account, password.phc, renewed);
    const now = (await owners.now(person)).password;
    expect(now?.phc).to.equal(renewed.phc);
    expect(now?.exposedAt).to.be.instanceOf(Date);
  });
});
