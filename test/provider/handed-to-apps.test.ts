import { expect } from 'chai';
import type { Account } from '../../src/accounts/account.ts';
import { appOf, BareBrowser, type Tokens } from '../support/bare-browser.ts';
import { startBareProvider, type BareProvider } from '../support/bare-provider.ts';

const REDIRECT = 'https://desk.example/callback';
const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
const TWO = { acr: 'urn:stile:acr:2fa', amr: ['pwd', 'otp', 'mfa'] };
const METHOD = { id: 'a', kind: 'authenticator-app', addedAt: new Date(0) } as const;

describe('what a session has handed to apps', () => {
  let op: BareProvider;
  let ana: Account;
  let browser: BareBrowser;
  const app = () => appOf(op, { clientId: 'desk', redirectUri: REDIRECT, secret: 'desk secret' });
  before(async () => {
    op = await startBareProvider();
    await op.tenant('northwind');
    await op.client({
      client_id: 'desk',
      client_secret: 'desk secret',
      redirect_uris: [REDIRECT],
      grant_types: ['authorization_code', 'refresh_token'],
      first_party: true,
    });
  });
  after(() => op.close());
  beforeEach(async () => {
    ana = await op.account('northwind');
    browser = new BareBrowser(op);
    op.state.next = { account: ana, ...TWO };
  });

  const whoami = async () => (await (await browser.request('/whoami')).json()) as { uid?: string };
  /** What still works of it. */
  async function left({ access_token: access, refresh_token: refresh = '' }: Tokens): Promise<string[]> {
    const works: string[] = [];
    if ((await app().userinfo(access)).status === 200) works.push('userinfo');
    if ((await app().introspect(access)).active) works.push('introspection');
    if ((await app().introspect(refresh)).active) works.push('introspection of refresh');
    if ((await app().refresh(refresh)).status === 200) works.push('refresh');
    return works;
  }

  async function signOut(everywhere: boolean): Promise<void> {
    const { response } = await browser.go('/logout?client_id=desk');
    const page = await response.text();
    const { action, xsrf } = JSON.parse(page.slice(page.indexOf('{'))) as { action: string; xsrf: string };
    const body = new URLSearchParams({ xsrf, ...(everywhere ? { logout: 'yes' } : {}) });
    await browser.request(action, { method: 'POST', body });
  }

  for (const [what, everywhere] of [
    ['a sign-out', true],
    ['a sign-out of that app alone', false],
  ] as const) {
    it(`ends with ${what}, offline access too`, async () => {
      const tokens = await app().signIn(browser, OFFLINE);
      await signOut(everywhere);
      expect(await left(tokens)).to.deep.equal([]);
    });
  }

  it('ends with a sign-out also where a second grant was used in the session', async () => {
    const first = await app().signIn(browser, OFFLINE);
    const { uid = '' } = await whoami();
    const rows = op.database.connection.collection('oidc_session');
    // As two requests at once leave it: the session names one of two grants.
    await rows.updateMany({ uid }, { $unset: { a: '' } });
    const second = await app().signIn(browser, OFFLINE);
    await signOut(true);
    expect([await left(first), await left(second)]).to.deep.equal([[], []]);
  });

  it('does not stay with the one browser that is kept when everything else is ended', async () => {
    for (const wish of [{}, OFFLINE]) {
      const tokens = await app().signIn(browser, wish);
      const { uid } = await whoami();
      await op.sessions.endAll(ana, { except: uid });
      expect(await left(tokens)).to.deep.equal([]);
      expect((await whoami()).uid, 'the browser').to.equal(uid);
      const again = await app().signIn(browser, { prompt: 'none' });
      expect(await left(again), 'given after it').to.have.length(4);
    }
  });

  it('ends by the very write that keeps the browser, before anything is tidied up', async () => {
    const tokens = [await app().signIn(browser), await app().signIn(browser, OFFLINE)];
    const code = await app().code(browser);
    const { uid = '' } = await whoami();
    const current = (await op.accounts.find(ana)) ?? ana;
    const validFrom = Math.floor(Date.now() / 1000) + 5;
    await op.accounts.save(current, { validFrom, keptSessionUid: uid });
    for (const one of tokens) expect(await left(one)).to.deep.equal([]);
    expect((await app().redeem(code)).status).to.equal(400);
    expect((await whoami()).uid).to.equal(uid);
  });

  it('below level 2 ends with the first method that its owner sets up, the session does not', async () => {
    op.state.next = { account: ana, acr: 'urn:stile:acr:1fa', amr: ['pwd'] };
    const tokens = [await app().signIn(browser), await app().signIn(browser, OFFLINE)];
    const { uid } = await whoami();
    const current = (await op.accounts.find(ana)) ?? ana;
    await op.accounts.save(current, { methods: [METHOD] });
    for (const one of tokens) expect(await left(one)).to.deep.equal([]);
    expect((await whoami()).uid).to.equal(uid);
  });

  it('at level 2 stays when its owner sets up another method', async () => {
    const tokens = await app().signIn(browser, OFFLINE);
    const current = (await op.accounts.find(ana)) ?? ana;
    await op.accounts.save(current, { methods: [METHOD] });
    expect(await left(tokens)).to.have.length(4);
  });
});
