import { expect } from 'chai';
import type { DomainError } from '../../src/core/errors.ts';
import { OWN_CLIENT_ID } from '../../src/provider/own-client.ts';
import { clientMetadataSchema } from '../../src/provider/client-metadata.ts';
import { clientRecord } from '../../src/provider/clients.ts';
import { appOf, BareBrowser } from '../support/bare-browser.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, walk } from '../support/walk.ts';
import { SECURITY, startOwners, type Owners } from './owners.ts';

describe('the own pages', () => {
  let owners: Owners;
  before(async () => void (owners = await startOwners()));
  after(() => owners.close());

  const isAt = (browser: PageBrowser) => [browser.status, browser.url.pathname];

  describe('without a session', () => {
    it('send people to sign in, in the words of any app, and take them back', async () => {
      const person = await owners.person();
      const browser = await owners.idp.browser().open(SECURITY);
      expect([browser.heading(), browser.page()('header p').text()]).to.deep.equal([
        'Sign in',
        'to continue to Security settings',
      ]);
      await walk(browser, person, owners);
      expect([...isAt(browser), browser.heading()]).to.deep.equal([200, SECURITY, 'Security settings']);
      expect(browser.page()('bdi').text()).to.equal(person.account.email);
    });

    it('ask for every factor that the person owes', async () => {
      const person = await owners.person({ keys: [{}], app: true });
      const browser = await owners.idp.browser().open(SECURITY);
      const answered = await walk(browser, person, owners);
      expect(answered).to.deep.equal(['password', 'security-key']);
      expect(browser.heading()).to.equal('Security settings');
    });

    it('begin nothing of their own when a sign-in brought no session: it cannot go round for ever', async () => {
      const browser = await owners.idp.browser().open('/account/signed-in?state=security&code=x');
      expect([browser.status, browser.heading()]).to.deep.equal([400, 'Turn on cookies to sign in']);
      await browser.open('/account/signed-in?state=security&error=access_denied');
      expect([browser.status, browser.heading()]).to.deep.equal([403, 'You cannot open this page']);
    });
  });

  describe('with a session', () => {
    it('open at once, also when another app began it', async () => {
      const person = await owners.person({ app: true });
      const desk = appOf(owners.idp, { clientId: 'desk', redirectUri: 'https://desk.example/callback' });
      const browser = await owners.idp.browser().open(desk.authorizeUrl());
      await walk(browser, person, owners);
      await browser.open('/account');
      expect([...isAt(browser), browser.heading()]).to.deep.equal([200, SECURITY, 'Security settings']);
    });

    it('come back to no address but their own', async () => {
      const browser = await owners.signIn(await owners.person());
      for (const state of ['https://evil.example', '//evil.example', '__proto__', 'toString']) {
        await browser.open(`/account/signed-in?state=${encodeURIComponent(state)}`);
        expect([browser.left, ...isAt(browser)], state).to.deep.equal([null, 200, SECURITY]);
      }
    });

    it('ask what is missing once the person has a method', async () => {
      const person = await owners.person();
      const browser = await owners.signIn(person);
      const equipped = await owners.idp.addMethods(person, { app: true });
      await browser.open(SECURITY);
      expect(pageOf(browser)).to.equal('authenticator-app');
      await walk(browser, equipped, owners);
      expect(browser.heading()).to.equal('Security settings');
    });

    for (const [what, change] of [
      ['was signed out everywhere', () => ({ validFrom: Math.floor(Date.now() / 1000) + 1 })],
      ['is disabled', () => ({ state: 'disabled' as const })],
    ] as const) {
      it(`show nothing of somebody who ${what}`, async () => {
        const person = await owners.person();
        const browser = await owners.signIn(person);
        await owners.stores.accounts.save(await owners.now(person), change());
        await browser.open(SECURITY);
        expect(pageOf(browser)).to.equal('password');
        expect(browser.html).not.to.include(person.account.email);
      });
    }
  });

  describe('show', () => {
    const texts = (browser: PageBrowser, selector: string) =>
      browser
        .page()(selector)
        .toArray()
        .map((element) => browser.page()(element).text().trim());

    it('that two-factor authentication is off', async () => {
      const browser = await owners.signIn(await owners.person());
      expect(texts(browser, 'h2')).to.include('Two-factor authentication is off');
      expect(texts(browser, '.rows li')).to.deep.equal([]);
    });

    it('what somebody has, keys first, with their names, and how many codes are left', async () => {
      const person = await owners.person({ app: true, keys: [{}, {}], codes: true });
      const browser = await owners.signIn(person);
      expect(texts(browser, '.rows b')).to.deep.equal(['Blue key', 'Blue key', 'Phone']);
      expect(texts(browser, '.rows .muted').map((text) => /Not used yet/.test(text))).to.deep.equal([
        false,
        true,
        true,
      ]);
      expect(texts(browser, '.num')).to.deep.equal(['15 of 15 left', '1 place']);
      expect(browser.html).not.to.include('requires two-factor');
    });

    it('that the tenant demands a method', async () => {
      const browser = await owners.signIn(await owners.person({ app: true }, 'strict'));
      expect(browser.html).to.include('strict support requires two-factor authentication');
    });

    it('nothing of anybody else', async () => {
      const other = await owners.person({ app: true });
      const browser = await owners.signIn(await owners.person({ keys: [{}] }));
      expect(texts(browser, '.rows b')).to.deep.equal(['Blue key']);
      expect(browser.html).not.to.include(other.account.email);
    });
  });

  describe('sign in under a name', () => {
    it('that is not among the clients, and that nobody can register or remove', async () => {
      const { clients } = owners.stores;
      expect((await clients.ofTenant(null)).map(({ clientId }) => clientId)).not.to.include(OWN_CLIENT_ID);
      const evil = clientRecord(
        clientMetadataSchema.parse({
          client_id: OWN_CLIENT_ID,
          client_secret: 'a secret of somebody else',
          redirect_uris: ['https://evil.example/callback'],
        }),
      );
      for (const attempt of [() => clients.save(evil), () => clients.remove(OWN_CLIENT_ID)]) {
        const error = await attempt().then(
          () => null,
          (one: unknown) => one as DomainError,
        );
        expect(error?.code).to.equal('refused');
      }
      expect((await clients.find(OWN_CLIENT_ID))?.metadata.redirect_uris).to.deep.equal([
        `${owners.idp.issuer}/account/signed-in`,
      ]);
    });

    it('whose codes nobody can redeem', async () => {
      const browser = await owners.signIn(await owners.person());
      const of = (redirectUri: string) => appOf(owners.idp, { clientId: OWN_CLIENT_ID, redirectUri });
      const stranger = await new BareBrowser(owners.idp).request(SECURITY);
      const signedIn = new BareBrowser(owners.idp);
      for (const [name, cookie] of browser.cookies) signedIn.cookies.set(name, cookie);
      const back = await signedIn.request(stranger.headers.get('location') ?? '');
      const { searchParams } = new URL(back.headers.get('location') ?? '');
      expect(searchParams.get('code')).to.be.a('string');
      const own = of(`${owners.idp.issuer}/account/signed-in`);
      const answer = await own.redeem(searchParams.get('code') ?? '');
      expect(await answer.json()).to.include({ error: 'invalid_grant' });

      await browser.open(of('https://evil.example/callback').authorizeUrl());
      expect([browser.status, browser.left]).to.deep.equal([400, null]);
    });
  });
});
