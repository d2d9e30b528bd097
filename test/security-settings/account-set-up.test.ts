import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { appOf, type Tokens } from '../support/bare-browser.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, walk } from '../support/walk.ts';
import { codesOn, startOwners, tokenOf, wayOf, type Owners } from './owners.ts';

const SET_UP = '/account/security/set-up';

describe('setting up a method on the own pages', () => {
  let owners: Owners;
  let person: Person;
  let browser: PageBrowser;
  before(async () => void (owners = await startOwners()));
  after(() => owners.close());
  beforeEach(async () => {
    person = await owners.person();
    browser = await owners.signIn(person);
  });

  const session = () => browser.cookies.get('session')?.value;

  /** As far as the choice of a method. @returns the codes */
  async function saveCodes(): Promise<string[]> {
    await owners.confirm(browser, person, SET_UP);
    await browser.submit({});
    const codes = codesOn(browser);
    await browser.submit({ saved: 'yes' });
    expect(browser.heading()).to.equal('How do you want to confirm it is you?');
    return codes;
  }

  async function addApp(): Promise<void> {
    await browser.submit({ method: 'authenticator-app' });
    await browser.submit({ code: await owners.appCodeOn(browser) });
    expect(browser.heading()).to.equal('You are set up');
  }

  /** What an app is told without a page. */
  async function standing() {
    const secret = 'desk-secret-desk-secret-desk-secret';
    const desk = appOf(owners.idp, {
      clientId: 'desk',
      redirectUri: 'https://desk.example/callback',
      secret,
    });
    await browser.open(desk.authorizeUrl({ prompt: 'none' }));
    const code = browser.left?.searchParams.get('code') ?? '';
    const { id_token } = (await (await desk.redeem(code)).json()) as Tokens;
    const { acr, amr } = decodeJwt(id_token);
    return { acr, amr };
  }

  it('leads from "off" over codes and app to "on", and nothing counts before', async () => {
    await browser.open('/account/security');
    expect(browser.page()(`a[href="${SET_UP}"]`).text()).to.equal('Set up two-factor authentication');
    await saveCodes();
    expect((await owners.now(person)).methodCount).to.equal(0);
    await addApp();
    await browser.submit({});
    expect(browser.url.pathname).to.equal('/account/security');
    expect(browser.page()('.rows b').text()).to.equal('Authenticator app');
    expect(browser.page()('.num').first().text()).to.equal('15 of 15 left');
    expect((await owners.now(person)).methodCount).to.equal(1);
    expect(await owners.mailsTo(person)).to.have.length(1);
  });

  it('makes the session worth what was proved in it, under a new id', async () => {
    const before = session();
    await saveCodes();
    await addApp();
    expect(session()).to.be.a('string').and.not.equal(before);
    expect(await standing()).to.deep.equal({ acr: 'urn:stile:acr:2fa', amr: ['pwd', 'otp', 'mfa'] });
  });

  it('takes a second one at once, without codes and without another proof', async () => {
    await saveCodes();
    await addApp();
    await browser.submit({}, `form[action="${SET_UP}"]`);
    expect(browser.heading()).to.equal('How do you want to confirm it is you?');
    await browser.submit({ method: 'security-key' });
    await owners.addKey(browser);
    await browser.submit({ name: 'Blue key' });
    expect(browser.heading()).to.equal('You are set up');
    expect(browser.page()(`form[action="${SET_UP}"]`)).to.have.length(0);
    await browser.submit({});
    const names = browser.page()('.rows b').toArray();
    expect(names.map((name) => browser.page()(name).text())).to.deep.equal(['Blue key', 'Authenticator app']);
    expect(await standing()).to.include({ acr: 'phr' });
  });

  it('names a key after its model, until its owner says otherwise', async () => {
    await saveCodes();
    await browser.submit({ method: 'security-key' });
    await owners.addKey(browser, { aaguid: 'ee882879-721c-4913-9775-3dfcce97072a' });
    expect(browser.heading()).to.equal('Name your key');
    const offered = browser.page()('input[name=name]').attr('value');
    expect(offered).to.match(/^YubiKey 5/);
    await browser.submit({ name: '' });
    await browser.submit({});
    expect(browser.page()('.rows b').text()).to.equal(offered);
  });

  it('takes several apps', async () => {
    await saveCodes();
    await addApp();
    await browser.submit({}, `form[action="${SET_UP}"]`);
    await addApp();
    await browser.submit({});
    expect(browser.page()('.rows b')).to.have.length(2);
    expect((await owners.now(person)).methodCount).to.equal(2);
  });

  it('is asked of other sessions of the person from then on', async () => {
    const other = await owners.signIn(person);
    await saveCodes();
    await addApp();
    await other.open('/account/security');
    expect(pageOf(other)).to.equal('authenticator-app');
  });

  it('opens with a recovery code to somebody who lost what they had', async () => {
    person = await owners.person({ app: true, codes: true });
    browser = await owners.signIn(person);
    await owners.confirm(browser, person, SET_UP, 'recovery-code');
    await browser.submit({});
    await browser.submit({ method: 'security-key' });
    await owners.addKey(browser);
    await browser.submit({ name: 'New key' });
    expect((await owners.now(person)).methods.map(({ kind }) => kind)).to.deep.equal([
      'authenticator-app',
      'security-key',
    ]);
  });

  it('is closed to a password alone where a lead has to help, and says so', async () => {
    person = await owners.person({}, 'leading');
    browser = await owners.signIn(person);
    expect(browser.html).to.include('Ask your admin at leading support');
    expect(browser.page()(`a[href="${SET_UP}"]`)).to.have.length(0);
    await owners.confirm(browser, person, SET_UP);
    expect([browser.status, browser.heading()]).to.deep.equal([403, 'You cannot open this page']);
  });

  describe('stops', () => {
    const pages = ['', '/codes', '/method', '/method/authenticator-app', '/name'];

    it('wherever it stands when the proof is too old, also by direct request', async () => {
      await saveCodes();
      await browser.submit({ method: 'authenticator-app' });
      const fields = { _csrf: tokenOf(browser), code: await owners.appCodeOn(browser), saved: 'yes' };
      owners.later(601);
      for (const page of pages) {
        await browser.open(`${SET_UP}${page}`);
        expect(wayOf(browser), `GET ${page}`).to.equal('password');
        await browser.post(`${SET_UP}${page}`, fields);
        expect(wayOf(browser), `POST ${page}`).to.equal('password');
      }
      expect((await owners.now(person)).methodCount).to.equal(0);
    });

    it('when the account changes meanwhile, such as the password', async () => {
      await saveCodes();
      await browser.submit({ method: 'authenticator-app' });
      const code = await owners.appCodeOn(browser);
      const { accounts, passwords } = owners.stores;
      await accounts.save(await owners.now(person), {
        password: await passwords.hash('another good password'),
      });
      await browser.submit({ code });
      expect(wayOf(browser)).to.equal('password');
      expect((await owners.now(person)).methodCount).to.equal(0);
    });

    it('in every other session: what one has begun another cannot end', async () => {
      await saveCodes();
      await browser.submit({ method: 'authenticator-app' });
      const code = await owners.appCodeOn(browser);
      const other = await owners.signIn(person);
      await owners.confirm(other, person, SET_UP);
      await other.post(`${SET_UP}/method/authenticator-app`, { _csrf: tokenOf(other), code });
      expect((await owners.now(person)).methodCount).to.equal(0);
    });

    it('without the token of its own session, or from another site', async () => {
      await saveCodes();
      const stranger = await owners.signIn(await owners.person());
      await stranger.open(SET_UP);
      for (const page of pages) {
        for (const [fields, headers] of [
          [{ saved: 'yes' }, {}],
          [{ saved: 'yes', _csrf: tokenOf(stranger) }, {}],
          [{ saved: 'yes', _csrf: tokenOf(browser) }, { 'sec-fetch-site': 'same-site' }],
        ] as const) {
          const one = owners.idp.browser();
          for (const [name, cookie] of browser.cookies) one.cookies.set(name, cookie);
          await one.post(`${SET_UP}${page}`, { ...fields }, headers);
          expect(one.status, page).to.equal(403);
        }
      }
    });

    it('without a session', async () => {
      const nobody = owners.idp.browser();
      for (const page of pages) {
        await nobody.post(`${SET_UP}${page}`, { saved: 'yes' });
        expect(nobody.status, page).to.equal(401);
        await nobody.open(`${SET_UP}${page}`);
        expect(pageOf(nobody), page).to.equal('password');
      }
    });
  });

  it('has nothing to tell of somebody without a method', async () => {
    await browser.open(`${SET_UP}-done`);
    expect(browser.url.pathname).to.equal('/account/security');
    await browser.post(`${SET_UP}-done`, {});
    expect(browser.status).to.equal(403);
  });

  it('is followed by sign-ins that ask for it, and that its codes open', async () => {
    const [code = ''] = await saveCodes();
    await addApp();
    const later = owners.idp.browser();
    await later.open('/account/security');
    await walk(later, { ...person, codes: [code] }, { ...owners, by: 'recovery-code' });
    expect(later.heading()).to.equal('Security settings');
  });
});
