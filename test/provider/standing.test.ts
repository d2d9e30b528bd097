import { expect } from 'chai';
import type { Account } from '../../src/accounts/account.ts';
import { appOf, BareBrowser, type Tokens } from '../support/bare-browser.ts';
import { startBareProvider, type BareProvider } from '../support/bare-provider.ts';

const REDIRECT = 'https://desk.example/callback';
const AUTHENTICATOR = { id: 'a', kind: 'authenticator-app', addedAt: new Date(0) } as const;
const LATER = () => Math.floor(Date.now() / 1000) + 5;

/** Everything that somebody holds: a session, a code, a refresh token and an access token. */
interface Holdings {
  browser: BareBrowser;
  code: string;
  tokens: Tokens;
}

describe('what somebody holds', () => {
  let op: BareProvider;
  let desk: ReturnType<typeof appOf>;
  const app = () => desk;

  before(async () => {
    op = await startBareProvider();
    desk = appOf(op, { clientId: 'desk', redirectUri: REDIRECT, secret: 'desk secret' });
    await op.client({
      client_id: 'desk',
      client_secret: 'desk secret',
      redirect_uris: [REDIRECT],
      grant_types: ['authorization_code', 'refresh_token'],
      first_party: true,
    });
  });
  after(() => op.close());

  let count = 0;
  let tenantId: string;
  let ana: Account;
  beforeEach(async () => {
    tenantId = `tenant-${(count += 1)}`;
    await op.tenant(tenantId);
    ana = await op.account(tenantId);
  });

  async function hold(acr: string, amr: string[], scope = 'openid', ts?: number): Promise<Holdings> {
    op.state.next = { account: ana, acr, amr, ...(ts === undefined ? {} : { ts }) };
    const browser = new BareBrowser(op);
    const offline = scope.includes('offline_access') ? { prompt: 'consent' } : {};
    const tokens = await app().signIn(browser, { scope, ...offline });
    return { browser, tokens, code: await app().code(browser, { scope, ...offline }) };
  }

  /** What still works of it. */
  async function left({ browser, tokens, code }: Holdings): Promise<string[]> {
    const works: string[] = [];
    const silent = await browser.go(app().authorizeUrl({ prompt: 'none' }));
    if (silent.leaves?.searchParams.get('code')) works.push('session');
    const current = (await (await browser.request('/whoami')).json()) as { uid?: string };
    if (current.uid) works.push('pages');
    if ((await app().introspect(tokens.access_token)).active) works.push('introspection');
    if ((await app().introspect(tokens.refresh_token ?? '')).active) works.push('introspection of refresh');
    if ((await app().userinfo(tokens.access_token)).status === 200) works.push('userinfo');
    if ((await app().redeem(code)).status === 200) works.push('code');
    if ((await app().refresh(tokens.refresh_token ?? '')).status === 200) works.push('refresh');
    return works;
  }
  const everything = [
    'session',
    'pages',
    'introspection',
    'introspection of refresh',
    'userinfo',
    'code',
    'refresh',
  ];
  const current = async () => (await op.accounts.find(ana)) ?? ana;
  const require = async (secondFactor: 'required' | 'optional') => {
    const tenant = await op.tenants.findFresh(tenantId);
    if (!tenant) throw new Error('no tenant');
    await op.tenants.savePolicy(tenant, { ...tenant.policy, secondFactor });
  };

  it('works while nothing has changed', async () => {
    expect(await left(await hold('urn:stile:acr:1fa', ['pwd']))).to.deep.equal(everything);
  });

  it('dies with one write that moves validFrom, offline access too', async () => {
    const here = await hold('phr', ['pwd', 'hwk', 'user', 'mfa']);
    const offline = await hold('phr', ['pwd', 'hwk', 'user', 'mfa'], 'openid offline_access');
    await op.accounts.save(await current(), { validFrom: LATER() });
    expect(await left(here)).to.deep.equal([]);
    expect(await left(offline)).to.deep.equal([]);
  });

  it('dies with one write, but for the session in which the owner made the change', async () => {
    const here = await hold('phr', ['pwd', 'hwk', 'user', 'mfa']);
    const elsewhere = await hold('phr', ['pwd', 'hwk', 'user', 'mfa']);
    const { uid } = (await (await here.browser.request('/whoami')).json()) as { uid: string };
    await op.accounts.save(await current(), { validFrom: LATER(), keptSessionUid: uid });
    expect(await left(here)).to.deep.equal(['session', 'pages']);
    expect(await left(elsewhere)).to.deep.equal([]);
  });

  it('dies when the account is taken out of use, and the authorization endpoint does not fall over', async () => {
    const here = await hold('phr', ['pwd', 'hwk', 'user', 'mfa']);
    await op.accounts.save(await current(), { state: 'disabled' });
    expect(await left(here)).to.deep.equal([]);
    const silent = await here.browser.go(app().authorizeUrl({ prompt: 'none' }));
    expect(silent.leaves?.searchParams.get('error')).to.equal('login_required');
  });

  it('dies below level 2 when the tenant requires two factors, and lives above', async () => {
    const weak = await hold('urn:stile:acr:1fa', ['pwd']);
    const strong = await hold('urn:stile:acr:2fa', ['pwd', 'otp', 'mfa']);
    await op.accounts.save(await current(), { methods: [AUTHENTICATOR] });
    await require('required');
    expect(await left(weak)).to.deep.equal([]);
    expect(await left(strong)).to.deep.equal(everything);
  });

  it('does not rise again when the tenant makes two factors optional', async () => {
    const weak = await hold('urn:stile:acr:1fa', ['pwd']);
    await require('required');
    await require('optional');
    expect(await left(weak)).to.deep.equal([]);
  });

  it('ends with the longest life of a session at once when that is made shorter, offline access lives on', async () => {
    const ago = Math.floor(Date.now() / 1000) - 120;
    const here = await hold('phr', ['pwd', 'hwk', 'user', 'mfa'], 'openid', ago);
    const offline = await hold('phr', ['pwd', 'hwk', 'user', 'mfa'], 'openid offline_access', ago);
    const tenant = await op.tenants.findFresh(tenantId);
    if (!tenant) throw new Error('no tenant');
    const session = { ...tenant.policy.session, maxSeconds: 60 };
    await op.tenants.savePolicy(tenant, { ...tenant.policy, session });
    expect(await left(here)).to.deep.equal([]);
    expect(await left(offline)).to.include.members(['introspection of refresh', 'refresh']);
    expect(await left(offline)).not.to.include('session');
  });

  it('ends where it was not used for longer than is allowed now, when that is made shorter', async () => {
    const strong = ['pwd', 'hwk', 'user', 'mfa'];
    const [quiet, used] = [await hold('phr', strong), await hold('phr', strong)];
    const offline = await hold('phr', strong, 'openid offline_access');
    const ago = { $set: { usedAt: new Date(Date.now() - 20 * 60_000) } };
    for (const { browser } of [quiet, offline]) {
      const { uid } = (await (await browser.request('/whoami')).json()) as { uid: string };
      await op.database.connection.collection('oidc_session').updateMany({ uid }, ago);
    }
    const tenant = await op.tenants.findFresh(tenantId);
    if (!tenant) throw new Error('no tenant');
    const session = { ...tenant.policy.session, idleSeconds: 10 * 60 };
    await op.tenants.savePolicy(tenant, { ...tenant.policy, session });
    expect(await left(quiet)).to.deep.equal([]);
    expect(await left(offline))
      .to.include('refresh')
      .and.not.to.include('session');
    expect(await left(used)).to.deep.equal(everything);
  });

  it('is ended one session at a time, with what was given in it', async () => {
    const here = await hold('phr', ['pwd', 'hwk', 'user', 'mfa']);
    const elsewhere = await hold('phr', ['pwd', 'hwk', 'user', 'mfa']);
    const { uid } = (await (await elsewhere.browser.request('/whoami')).json()) as { uid: string };
    const owed = await op.sessions.end(ana, uid);
    expect(owed).to.have.length(1);
    expect(owed[0]).to.include({ clientId: 'desk', accountId: ana.accountId });
    expect(await left(elsewhere)).to.deep.equal([]);
    expect(await left(here)).to.deep.equal(everything);
  });

  it('is ended with its session also where two requests at once were given something by a grant each', async () => {
    const offline = { scope: 'openid offline_access', prompt: 'consent' };
    const other = await hold('phr', ['pwd', 'hwk', 'user', 'mfa'], offline.scope);
    const { browser } = await hold('phr', ['pwd', 'hwk', 'user', 'mfa']);
    const { uid } = (await (await browser.request('/whoami')).json()) as { uid: string };
    // A client that the session was given nothing for yet.
    const clientId = `phone-${tenantId}`;
    await op.client({
      client_id: clientId,
      client_secret: 'phone secret',
      redirect_uris: [REDIRECT],
      grant_types: ['authorization_code', 'refresh_token'],
      first_party: true,
    });
    const phone = appOf(op, { clientId, redirectUri: REDIRECT, secret: 'phone secret' });
    const codes = await Promise.all([1, 2].map(() => phone.code(browser, offline)));
    const tokens: Tokens[] = [];
    for (const code of codes) tokens.push((await (await phone.redeem(code)).json()) as Tokens);
    const grants = (await op.store.grantsOf(ana.accountId)).filter((grant) => grant.clientId === clientId);
    expect(grants).to.have.length(2);

    await op.sessions.end(ana, uid);
    for (const { access_token: access, refresh_token: refresh } of tokens) {
      expect((await phone.userinfo(access)).status).to.equal(401);
      expect((await phone.refresh(refresh ?? '')).status).to.equal(400);
    }
    expect(await left(other)).to.deep.equal(everything);
  });

  it('is ended altogether but for one session', async () => {
    const here = await hold('phr', ['pwd', 'hwk', 'user', 'mfa']);
    const elsewhere = await hold('phr', ['pwd', 'hwk', 'user', 'mfa'], 'openid offline_access');
    const { uid } = (await (await here.browser.request('/whoami')).json()) as { uid: string };
    expect(await op.sessions.ofAccount(ana.accountId)).to.have.length(2);
    const owed = await op.sessions.endAll(ana, { except: uid });
    expect(owed.map(({ clientId }) => clientId)).to.deep.equal(['desk']);
    expect(await left(elsewhere)).to.deep.equal([]);
    expect(await left(here)).to.deep.equal(['session', 'pages']);
    expect((await op.sessions.ofAccount(ana.accountId)).map((session) => session.uid)).to.deep.equal([uid]);
  });

  it('cannot be ended by the tenant and account of somebody else', async () => {
    const here = await hold('phr', ['pwd', 'hwk', 'user', 'mfa']);
    const { uid } = (await (await here.browser.request('/whoami')).json()) as { uid: string };
    expect(await op.sessions.end(await op.account(tenantId), uid)).to.deep.equal([]);
    expect(await left(here)).to.deep.equal(everything);
  });

  it('stays with a session that changes its id, and the old id opens nothing', async () => {
    const here = await hold('urn:stile:acr:1fa', ['pwd']);
    const thief = new BareBrowser(op);
    here.browser.cookies.forEach((cookie, name) => thief.cookies.set(name, { ...cookie }));
    op.state.renewAs = { acr: 'urn:stile:acr:2fa', amr: ['pwd', 'otp', 'mfa'] };
    await here.browser.request('/renew');
    const mine = (await (await here.browser.request('/whoami')).json()) as { level: number };
    expect(mine.level).to.equal(2);
    expect(await (await thief.request('/whoami')).json()).to.deep.equal({});
    expect(await left(here)).to.deep.equal(everything);
  });

  it('ends with the longest life that the tenant gives a session', async () => {
    op.state.next = { account: ana, ts: Math.floor(Date.now() / 1000) - 13 * 60 * 60 };
    const browser = new BareBrowser(op);
    const answer = await browser.go(app().authorizeUrl()).catch((reason: Error) => reason.message);
    expect(answer, 'a sign-in older than 12 h is none').to.equal('redirected for ever');
    expect(await (await browser.request('/whoami')).json()).to.deep.equal({});
  });
});
