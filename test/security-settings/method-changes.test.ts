import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { appOf, type Tokens } from '../support/bare-browser.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, walk } from '../support/walk.ts';
import { SECURITY, startOwners, tokenOf, wayOf, type Owners } from './owners.ts';

const REDIRECT = 'https://phone.example/callback';

describe('taking methods away', () => {
  let owners: Owners;
  let sink: Server;
  let received: string[];
  before(async () => {
    owners = await startOwners();
    sink = createServer((request, response) => {
      let body = '';
      request.on('data', (part) => (body += String(part)));
      request.on('end', () => {
        received.push(new URLSearchParams(body).get('logout_token') ?? '');
        response.writeHead(200).end();
      });
    });
    await new Promise<void>((ready) => sink.listen(0, '127.0.0.1', ready));
    await owners.idp.addClient({
      client_id: 'phone',
      client_secret: 'a secret of this test, long enough',
      redirect_uris: [REDIRECT],
      grant_types: ['authorization_code', 'refresh_token'],
      backchannel_logout_uri: `http://127.0.0.1:${(sink.address() as AddressInfo).port}/out`,
      first_party: true,
    });
  });
  after(async () => {
    await owners.close();
    sink.closeAllConnections();
    await new Promise((closed) => sink.close(closed));
  });
  beforeEach(() => void (received = []));

  const phone = () =>
    appOf(owners.idp, {
      clientId: 'phone',
      redirectUri: REDIRECT,
      secret: 'a secret of this test, long enough',
    });
  const session = (browser: PageBrowser) => browser.cookies.get('session')?.value;
  const removal = ({ account }: Person, index = 0) =>
    `${SECURITY}/methods/${account.methods[index]?.id ?? ''}/remove`;

  /** Signs in at the app, in this browser. @returns its tokens */
  async function tokensIn(browser: PageBrowser, person: Person, scope = 'openid') {
    const app = phone();
    await browser.open(app.authorizeUrl({ scope, prompt: scope === 'openid' ? undefined : 'consent' }));
    owners.later(30);
    await walk(browser, person, { appCode: () => owners.appCode() });
    const code = browser.left?.searchParams.get('code') ?? '';
    return { app, tokens: (await (await app.redeem(code)).json()) as Tokens };
  }

  const refreshes = async ({ app, tokens }: Awaited<ReturnType<typeof tokensIn>>) =>
    (await app.refresh(tokens.refresh_token ?? '')).status === 200;

  async function remove(browser: PageBrowser, person: Person, path: string, by?: string): Promise<void> {
    await owners.confirm(browser, person, path, by);
    expect(browser.url.pathname).to.equal(path);
    await browser.submit({});
  }

  it('asks first, with its name, and then it is gone for good', async () => {
    const person = await owners.person({ keys: [{}], app: true, codes: true });
    const browser = await owners.signIn(person);
    await owners.confirm(browser, person, removal(person, 1));
    expect(browser.heading()).to.equal('Remove Blue key?');
    await browser.submit({});
    expect(browser.page()('#saved h2').text()).to.equal('Removed. You are signed out everywhere else.');
    expect(browser.page()('.rows b').text()).to.equal('Phone');
    const now = await owners.now(person);
    expect([now.methodCount, now.recovery?.digests.length]).to.deep.equal([1, 15]);
    expect(await owners.stores.securityKeys.list(person.account)).to.deep.equal([]);
    expect(await owners.told(person, 'method_removed')).to.deep.equal([
      ['method_removed', 'security-key', null],
    ]);
    expect(await owners.mailsTo(person)).to.deep.equal([
      'A security key was removed from your northwind support account',
    ]);
    const later = await owners.idp.browser().open(SECURITY);
    owners.later(30);
    expect(await walk(later, person, owners)).to.deep.equal(['password', 'authenticator-app']);
  });

  it('ends every other session with its tokens, tells their apps, and keeps its own under a new id', async () => {
    const person = await owners.person({ app: true, keys: [{}] });
    const other = owners.idp.browser();
    const theirs = await tokensIn(other, person);
    const longLived = await tokensIn(owners.idp.browser(), person, 'openid offline_access');
    const browser = owners.idp.browser();
    const mine = await tokensIn(browser, person);
    const before = session(browser);
    await remove(browser, person, removal(person));

    expect(session(browser)).to.be.a('string').and.not.equal(before);
    await browser.open(SECURITY);
    expect(browser.heading()).to.equal('Security settings');
    expect(await refreshes(mine), 'own tokens').to.equal(false);
    expect(await refreshes(theirs), 'tokens of the other session').to.equal(false);
    expect(await refreshes(longLived), 'tokens that outlive sessions').to.equal(false);
    await other.open(SECURITY);
    expect(pageOf(other)).to.equal('password');
    const stolen = owners.idp.browser();
    for (const [name, cookie] of browser.cookies) stolen.cookies.set(name, cookie);
    stolen.cookies.set('session', { value: before ?? '', path: '/', header: '' });
    await stolen.open(SECURITY);
    expect(pageOf(stolen), 'with the id from before').to.equal('password');

    for (let i = 0; i < 100 && received.length < 2; i += 1) await setTimeout(50);
    expect(received.map((token) => decodeJwt(token).sub)).to.deep.equal([
      person.account.accountId,
      person.account.accountId,
    ]);
    const live = await owners.idp.app.sessions.ofAccount(person.account.accountId);
    expect(live.map(({ authorizations }) => Object.keys(authorizations))).to.deep.equal([['phone']]);
  });

  it('of the last one turns two-factor off, and the codes die with it', async () => {
    const person = await owners.person({ app: true, codes: true });
    const browser = await owners.signIn(person);
    await owners.confirm(browser, person, removal(person));
    expect(browser.heading()).to.equal('Remove your last method?');
    await browser.submit({});
    expect(browser.page()('#saved h2').text()).to.include('Two-factor authentication is off');
    const now = await owners.now(person);
    expect([now.methodCount, now.methods, now.recovery]).to.deep.equal([0, [], null]);
    expect(await owners.told(person, 'two_factor_turned_off')).to.have.length(1);
    expect(await owners.mailsTo(person)).to.deep.equal([
      'Two-factor authentication was turned off for your northwind support account',
    ]);
    const later = await owners.idp.browser().open(SECURITY);
    expect(await walk(later, person, owners)).to.deep.equal(['password']);
  });

  it('of the last one leaves a session that ends when the tenant requires two factors, and stays ended', async () => {
    const { tenants } = owners.stores;
    await owners.idp.addTenant('turning');
    const save = async (secondFactor: 'optional' | 'required') => {
      const tenant = await tenants.findFresh('turning');
      expect(tenant && (await tenants.savePolicy(tenant, { ...tenant.policy, secondFactor }))).not.to.equal(
        null,
      );
    };
    const person = await owners.person({ app: true }, 'turning');
    const browser = await owners.signIn(person);
    owners.later(60);
    await remove(browser, person, removal(person));
    const isIn = async () => (await browser.open(SECURITY)).url.pathname === SECURITY;
    expect(await isIn()).to.equal(true);
    owners.later(60);
    await save('required');
    expect(await isIn()).to.equal(false);
    await save('optional');
    expect(await isIn()).to.equal(false);
  });

  it('turns off with all methods at once', async () => {
    const person = await owners.person({ app: true, keys: [{}, {}], codes: true });
    const browser = await owners.signIn(person);
    await remove(browser, person, `${SECURITY}/turn-off`);
    const now = await owners.now(person);
    expect([now.methodCount, now.recovery]).to.deep.equal([0, null]);
    const { securityKeys, authenticatorApps } = owners.stores;
    expect(await securityKeys.list(person.account)).to.deep.equal([]);
    expect(await authenticatorApps.list(person.account)).to.deep.equal([]);
    expect(await owners.told(person, 'method_removed')).to.have.length(3);
    expect(await owners.mailsTo(person)).to.have.length(1);
    await browser.open(`${SECURITY}/turn-off`);
    expect(browser.url.pathname, 'it is off already').to.equal(SECURITY);
  });

  it('lets the proof go on to the next change, but not when its own method was removed', async () => {
    const person = await owners.person({ app: true, keys: [{}, {}] });
    const browser = await owners.signIn(person);
    await remove(browser, person, removal(person, 2));
    await browser.open(removal(person, 0));
    expect(browser.heading(), 'no other proof').to.equal('Remove Phone?');
    await browser.submit({});

    const careful = await owners.person({ app: true, keys: [{}] });
    const other = await owners.signIn(careful);
    await remove(other, careful, removal(careful, 1));
    await other.open(removal(careful, 0));
    expect(wayOf(other)).to.equal('authenticator-app');
  });

  it('opens with a recovery code for what was lost, and for nothing else', async () => {
    const person = await owners.person({ keys: [{}], app: true, codes: true });
    const browser = await owners.signIn(person);
    await remove(browser, person, removal(person, 1), 'recovery-code');
    expect((await owners.now(person)).methods.map(({ kind }) => kind)).to.deep.equal(['authenticator-app']);
    await browser.open(`${SECURITY}/turn-off`);
    expect(wayOf(browser)).to.equal('authenticator-app');
    await browser.open('/account/confirm/turn-off/recovery-code');
    expect(browser.status).to.equal(404);
  });

  describe('where the tenant demands one', () => {
    it('leaves the last, whatever is posted, and says what to do', async () => {
      const person = await owners.person({ app: true, codes: true }, 'strict');
      const browser = await owners.signIn(person);
      expect(browser.page()('a[href$="/turn-off"]')).to.have.length(0);
      await owners.confirm(browser, person, removal(person));
      expect(browser.heading()).to.equal('You cannot remove this method');
      expect(browser.page()('form')).to.have.length(0);
      await browser.open(`${SECURITY}/turn-off`);
      expect(browser.heading()).to.equal('You cannot turn this off');

      await browser.open(`${SECURITY}/set-up`);
      const fields = { _csrf: tokenOf(browser), version: String(person.account.credVersion) };
      expect(fields._csrf).to.not.equal('');
      for (const path of [removal(person), `${SECURITY}/turn-off`]) {
        await browser.post(path, fields);
        expect(browser.status, path).to.equal(422);
      }
      expect(await owners.now(person)).to.deep.equal(person.account);
    });

    it('lets all but one go', async () => {
      const person = await owners.person({ app: true, keys: [{}] }, 'strict');
      const browser = await owners.signIn(person);
      await remove(browser, person, removal(person, 0));
      expect((await owners.now(person)).methodCount).to.equal(1);
      await browser.open(removal(person, 1));
      expect(browser.heading()).to.equal('You cannot remove this method');
    });

    it('refuses one of two tabs that take the two last at the same time', async () => {
      for (let round = 0; round < 5; round += 1) {
        const person = await owners.person({ app: true, keys: [{}] }, 'strict');
        const browser = await owners.signIn(person);
        await owners.confirm(browser, person, removal(person, 0));
        const fields = { _csrf: tokenOf(browser), version: String(person.account.credVersion) };
        const done = await Promise.all(
          [0, 1].map(async (index) => {
            const tab = owners.idp.browser();
            for (const [name, cookie] of browser.cookies) tab.cookies.set(name, cookie);
            await tab.post(removal(person, index), fields);
            return tab.url.searchParams.get('saved');
          }),
        );
        const now = await owners.now(person);
        expect([now.methodCount, now.methods.length]).to.deep.equal([1, 1]);
        expect(done.filter((saved) => saved !== null)).to.deep.equal(['removed']);
      }
    });

    it('counts no method that the tenant does not allow any more', async () => {
      await owners.idp.addTenant('keys-only', { secondFactor: 'required' });
      const person = await owners.person({ app: true, keys: [{}] }, 'keys-only');
      const browser = await owners.signIn(person);
      const { tenants } = owners.stores;
      const tenant = await tenants.findFresh('keys-only');
      if (!tenant) throw new Error('no tenant');
      await tenants.savePolicy(tenant, { ...tenant.policy, allowedMethods: ['security-key'] });
      await owners.confirm(browser, person, removal(person, 1));
      expect(browser.heading()).to.equal('You cannot remove this method');
    });

    it('heeds a policy that was saved while the page was read', async () => {
      await owners.idp.addTenant('soon-strict');
      const person = await owners.person({ app: true }, 'soon-strict');
      const browser = await owners.signIn(person);
      await owners.confirm(browser, person, removal(person));
      const { tenants } = owners.stores;
      const tenant = await tenants.findFresh('soon-strict');
      if (!tenant) throw new Error('no tenant');
      await tenants.savePolicy(tenant, { ...tenant.policy, secondFactor: 'required' });
      await browser.submit({});
      expect([browser.status, browser.heading()]).to.deep.equal([422, 'You cannot remove this method']);
      expect((await owners.now(person)).methodCount).to.equal(1);
    });
  });

  describe('a name', () => {
    const rename = ({ account }: Person, index = 0) =>
      `${SECURITY}/methods/${account.methods[index]?.id ?? ''}/rename`;

    it('is given to a key, is told by mail, and signs nobody out', async () => {
      const person = await owners.person({ keys: [{}] });
      const other = await owners.signIn(person);
      const browser = await owners.signIn(person);
      await owners.confirm(browser, person, rename(person));
      expect(browser.page()('#name').attr('value')).to.equal('Blue key');
      await browser.submit({ name: '  <b>Desk</b>\u202e key\n' });
      expect(browser.page()('#saved h2').text()).to.equal('The new name is saved.');
      expect(browser.page()('.rows b').text()).to.equal('<b>Desk</b> key');
      expect(await owners.mailsTo(person)).to.deep.equal([
        'A security key of your northwind support account was renamed',
      ]);
      await other.open(SECURITY);
      expect(other.heading()).to.equal('Security settings');
    });

    it('is not empty, and not for apps, of which nobody has to tell two apart', async () => {
      const person = await owners.person({ keys: [{}], app: true });
      const browser = await owners.signIn(person);
      await owners.confirm(browser, person, rename(person, 1));
      await browser.submit({ name: ' \u200b ' });
      expect([browser.status, browser.page()('#name-error').text().trim()]).to.deep.equal([
        422,
        'Error: Enter a name',
      ]);
      await browser.open(rename(person, 0));
      expect(browser.status).to.equal(404);
    });
  });

  describe('when we die right after the write', () => {
    it('has what it ended tidied up later, and its apps told; what counts stays', async () => {
      const person = await owners.person({ app: true, keys: [{}] });
      const other = owners.idp.browser();
      await tokensIn(other, person);
      const { accounts } = owners.stores;
      const { sessions } = owners.idp.app;
      const { accountId } = person.account;
      expect(await sessions.endDead(accountId)).to.deep.equal([]);
      const [live] = await sessions.ofAccount(accountId);
      const now = await owners.now(person);
      const validFrom = (live?.authTime ?? 0) + 1;
      await accounts.save(now, { validFrom });
      owners.later(10);
      const newer = owners.idp.browser();
      await tokensIn(newer, person);
      const owed = await sessions.endDead(accountId);
      expect(owed.map(({ clientId }) => clientId)).to.deep.equal(['phone']);
      expect(await sessions.ofAccount(accountId)).to.have.length(1);
      expect(await sessions.endDead(accountId)).to.deep.equal([]);
    });
  });
});
