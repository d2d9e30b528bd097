import { createServer } from 'node:http';
import { expect } from 'chai';
import { startContactDesk, type ContactDesk } from '../../examples/contact-desk/contact-desk.ts';
import type { Account } from '../../src/accounts/account.ts';
import { epochSeconds, systemClock } from '../../src/core/clock.ts';
import { startBareProvider, type BareProvider, type NextSignIn } from '../support/bare-provider.ts';
import { DeskVisitor } from './desk-visitor.ts';
import { freePort } from './free-port.ts';

const KEY = { acr: 'phr', amr: ['pwd', 'hwk', 'user', 'mfa'] };
const APP = { acr: 'urn:stile:acr:2fa', amr: ['pwd', 'otp', 'mfa'] };

/** Registers the desk as `config/demo.yaml` does. */
async function register(op: BareProvider, url: string, more: object = {}): Promise<void> {
  await op.client({
    client_id: 'desk',
    client_secret: 'a secret of this test alone',
    tenant: 'northwind',
    first_party: true,
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [`${url}/callback`],
    post_logout_redirect_uris: [`${url}/signed-out`],
    backchannel_logout_uri: `${url}/backchannel-logout`,
    ...more,
  });
}

describe('contact desk', () => {
  let op: BareProvider;
  let desk: ContactDesk;
  let ana: Account;
  let visitor: DeskVisitor;

  const signInAs = async (next: Omit<NextSignIn, 'account'>, button = 'Sign in') => {
    op.state.next = { account: ana, ...next };
    await visitor.open(desk.url);
    return visitor.select(button);
  };

  beforeEach(async () => {
    op = await startBareProvider();
    await op.tenant('northwind');
    ana = await op.account('northwind');
    const port = await freePort();
    desk = await startContactDesk({
      issuer: op.issuer,
      port,
      clientId: 'desk',
      clientSecret: 'a secret of this test alone',
    });
    await register(op, desk.url);
    visitor = new DeskVisitor();
  });
  afterEach(async () => {
    await desk.close();
    await op.close();
  });

  it('shows who signed in, how and how sure that is', async () => {
    const page = await signInAs(KEY);
    expect(page.url.href).to.equal(`${desk.url}/`);
    expect(page.$('h1').text()).to.equal('Hello, Ana Ribeiro');
    expect(page.text).to.include('You signed in just now with your password and a security key.');
    expect(visitor.fact('Tenant')).to.equal('northwind');
    expect(visitor.fact('acr')).to.equal('phr Level 3 of 3: two factors, safe from phishing');
    expect(visitor.fact('amr')).to.equal('pwd hwk user mfa');
    expect(page.$('.alert')).to.have.length(0);
  });

  it('says so when the sign-in is weaker than it asked for', async () => {
    const page = await signInAs({ declined: true }, 'Ask for two factors, accept less');
    expect(page.text).to.include('This sign-in is weaker than the desk asked for');
    expect(page.text).to.include('The desk asked for level 2. This sign-in has level 1.');
  });

  it('goes from a password to two factors on the live session', async () => {
    await signInAs({});
    expect(visitor.fact('acr')).to.include('urn:stile:acr:1fa');
    op.state.next = { account: ana, ...APP };
    await visitor.select('Sign in with two factors');
    expect(visitor.fact('acr')).to.include('urn:stile:acr:2fa');
    expect(op.state.prompts.at(-1)?.[0]).to.equal('mfa');
  });

  it('tells in plain words that a demand could not be met, and keeps the sign-in it had', async () => {
    await signInAs({});
    op.state.next = { account: ana, error: 'unmet_authentication_requirements' };
    const page = await visitor.select('Sign in with a security key');
    expect(page.text).to.include('The sign-in was not strong enough');
    expect(visitor.fact('acr')).to.include('urn:stile:acr:1fa');
  });

  it('tells in plain words that the sign-in was stopped', async () => {
    const page = await signInAs({ error: 'access_denied' });
    expect(page.text).to.include('The sign-in was stopped');
    expect(page.$('button').first().text()).to.equal('Sign in');
  });

  it('finds a sign-in too old when it asked for a new one', async () => {
    await signInAs({});
    op.state.next = { account: ana, ts: epochSeconds(systemClock()) - 300 };
    const page = await visitor.select('Sign in again now');
    expect(page.text).to.include('The desk asked for a new sign-in. This one is older.');
  });

  it('checks silently that the sign-in lives', async () => {
    await signInAs(APP);
    const page = await visitor.select('Silent check');
    expect(page.text).to.include('You are still signed in at Stile');
    expect(visitor.fact('amr')).to.equal('pwd otp mfa');
  });

  it('signs the person out when a silent check finds nobody', async () => {
    await signInAs(APP);
    visitor.cookies(op.issuer).clear();
    const page = await visitor.select('Silent check');
    expect(page.text).to.include('Stile needs you for this');
    expect(page.$('h1').text()).to.equal('Welcome');
  });

  it('renews its tokens without making the sign-in stronger or younger', async () => {
    await signInAs(APP);
    const page = await visitor.select('Get new tokens');
    expect(page.text).to.include('The desk has new tokens');
    expect(visitor.fact('amr')).to.equal('pwd otp mfa');
  });

  it('signs the person out when Stile takes the refresh token back', async () => {
    await signInAs(APP);
    await op.sessions.endAll(ana);
    const page = await visitor.select('Get new tokens');
    expect(page.text).to.include('You were signed out by Stile');
  });

  it('ends the sign-in when Stile sends a logout token, and says so on the next page', async () => {
    await signInAs(APP);
    for (const owed of await op.sessions.endAll(ana)) {
      expect(await op.sessions.sendLogoutToken(owed)).to.equal(true);
    }
    expect(desk.receivedLogoutTokens.map(({ sub }) => sub)).to.deep.equal([ana.accountId]);
    const page = await visitor.open(desk.url);
    expect(page.text).to.include('You were signed out by Stile');
    expect(page.$('h1').text()).to.equal('Welcome');
    expect((await visitor.open(desk.url)).text).to.not.include('You were signed out');
  });

  it('says that the sign-in began somewhere else when it does not know the state', async () => {
    const page = await visitor.open(`${desk.url}/callback?code=x&state=unknown`);
    expect(page.text).to.include('This sign-in was started somewhere else');
  });

  it('takes each answer once', async () => {
    await signInAs({});
    const callback = visitor.trail.find(({ pathname }) => pathname === '/callback');
    const again = await visitor.open(String(callback));
    expect(again.text).to.include('This sign-in was started somewhere else').and.include('Hello, Ana');
  });

  it('gives the browser a new session id at every sign-in', async () => {
    const sessionId = () => visitor.cookies(desk.url).get(`contact-desk-${new URL(desk.url).port}`);
    await signInAs({ error: 'access_denied' });
    const before = sessionId();
    await signInAs({});
    const after = sessionId();
    expect(before).to.be.a('string');
    expect(after).to.be.a('string').and.not.equal(before);
  });

  it('refuses a form that another page sent', async () => {
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'http://evil.example' }, {}]) {
      const page = await visitor.open(`${desk.url}/sign-in/any`, { method: 'POST', headers });
      expect(page.status).to.equal(403);
    }
  });

  it('sends no script, loads nothing foreign, and lets forms go to itself and Stile alone', async () => {
    const page = await visitor.open(desk.url);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).to.include("default-src 'none'").and.not.include('script-src').and.not.include('unsafe');
    expect(policy).to.include(`form-action 'self' ${new URL(op.issuer).origin}`);
    expect(page.$('script, [style], [onclick]')).to.have.length(0);
    expect(page.headers.get('cache-control')).to.equal('no-store');
  });

  it('works as a public client, by PKCE alone', async () => {
    const open = await startContactDesk({ issuer: op.issuer, port: await freePort(), clientId: 'open-desk' });
    try {
      await register(op, open.url, {
        client_id: 'open-desk',
        client_secret: undefined,
        token_endpoint_auth_method: 'none',
      });
      op.state.next = { account: ana };
      await visitor.open(open.url);
      expect((await visitor.select('Sign in')).$('h1').text()).to.equal('Hello, Ana Ribeiro');
    } finally {
      await open.close();
    }
  });
});

describe('contact desk without Stile', () => {
  it('says that Stile does not answer, and works as soon as it does', async () => {
    const port = await freePort();
    const early = await startContactDesk({
      issuer: `http://localhost:${port}`,
      port: 0,
      clientId: 'desk',
      clientSecret: 's',
    });
    try {
      const visitor = new DeskVisitor();
      await visitor.open(early.url);
      const away = await visitor.select('Sign in');
      expect(away.status).to.equal(503);
      expect(away.headers.get('retry-after')).to.equal('5');
      expect(away.text).to.include('Stile does not answer');

      const issuer = `http://localhost:${port}`;
      const late = createServer((_request, response) =>
        response
          .setHeader('content-type', 'application/json')
          .end(JSON.stringify({ issuer, authorization_endpoint: `${issuer}/a`, jwks_uri: `${issuer}/j` })),
      ).listen(port);
      await visitor.open(early.url);
      const asked = await visitor.select('Sign in');
      late.close();
      late.closeAllConnections();
      expect(asked.url.href).to.match(new RegExp(`^${issuer}/a\\?.*code_challenge_method=S256`));
    } finally {
      await early.close();
    }
  });
});
