import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import type { Account } from '../../src/accounts/account.ts';
import type { OwedLogout } from '../../src/provider/provider.ts';
import { appOf, BareBrowser } from '../support/bare-browser.ts';
import { startBareProvider, type BareProvider } from '../support/bare-provider.ts';

const REDIRECT = 'https://desk.example/callback';
const AFTER = 'https://desk.example/bye';

describe('signing out', () => {
  let op: BareProvider;
  let sink: Server;
  let received: string[];
  let answer: number;
  let ana: Account;
  let owed: OwedLogout[];
  let owe: (logout: OwedLogout) => void;
  const app = () => appOf(op, { clientId: 'desk', redirectUri: REDIRECT, secret: 'desk secret' });

  before(async () => {
    sink = createServer((request, response) => {
      let body = '';
      request
        .on('data', (part) => (body += String(part)))
        .on('end', () => {
          received.push(new URLSearchParams(body).get('logout_token') ?? '');
          response.writeHead(answer).end();
        });
    });
    await new Promise<void>((ready) => sink.listen(0, '127.0.0.1', ready));
    op = await startBareProvider({ owe: async (logout) => owe(logout) });
    await op.tenant('northwind');
    await op.client({
      client_id: 'desk',
      client_secret: 'desk secret',
      redirect_uris: [REDIRECT],
      post_logout_redirect_uris: [AFTER],
      grant_types: ['authorization_code', 'refresh_token'],
      backchannel_logout_uri: `http://127.0.0.1:${(sink.address() as AddressInfo).port}/out`,
      first_party: true,
    });
  });
  after(async () => {
    await op.close();
    sink.closeAllConnections();
    await new Promise((closed) => sink.close(closed));
  });
  beforeEach(async () => {
    [received, owed, answer] = [[], [], 200];
    owe = (logout) => void owed.push(logout);
    ana = await op.account('northwind');
    op.state.next = { account: ana };
  });

  async function ask(browser: BareBrowser, more: Record<string, string> = {}) {
    const { response } = await browser.go(
      `/logout?${new URLSearchParams({ client_id: 'desk', ...more }).toString()}`,
    );
    const page = await response.text();
    const form = JSON.parse(page.slice(page.indexOf('{'))) as { action: string; xsrf: string };
    return { page, form };
  }
  const confirm = (browser: BareBrowser, action: string, xsrf: string) =>
    browser.request(action, { method: 'POST', body: new URLSearchParams({ xsrf, logout: 'yes' }) });

  it('asks on a page of ours, ends session, code and refresh token, leads back, and owes the app a logout token', async () => {
    const browser = new BareBrowser(op);
    const tokens = await app().signIn(browser);
    const { page, form } = await ask(browser, { post_logout_redirect_uri: AFTER, state: 'x' });
    expect(page).to.match(/^our sign-out page/);
    expect(form.action).to.equal(`${op.issuer}/logout/confirm`);
    const done = await confirm(browser, form.action, form.xsrf);
    expect([done.status, done.headers.get('location')]).to.deep.equal([303, `${AFTER}?state=x`]);
    expect((await app().refresh(tokens.refresh_token ?? '')).status).to.equal(400);
    expect((await app().introspect(tokens.access_token)).active).to.equal(false);
    const silent = await browser.go(app().authorizeUrl({ prompt: 'none' }));
    expect(silent.leaves?.searchParams.get('error')).to.equal('login_required');
    expect(owed).to.deep.equal([
      { clientId: 'desk', accountId: ana.accountId, sid: decodeJwt(tokens.id_token).sid },
    ]);
    expect(received, 'sent by the outbox, not while the person waits').to.deep.equal([]);
  });

  it('ends on a page of ours when the app named no way back', async () => {
    const browser = new BareBrowser(op);
    await app().signIn(browser);
    const { form } = await ask(browser);
    await confirm(browser, form.action, form.xsrf);
    expect(await (await browser.request('/logout/success')).text()).to.equal('our signed-out page');
  });

  it('does nothing without the token of the page', async () => {
    const browser = new BareBrowser(op);
    await app().signIn(browser);
    const { form } = await ask(browser);
    expect((await confirm(browser, form.action, 'forged')).status).to.equal(400);
    const silent = await browser.go(app().authorizeUrl({ prompt: 'none' }));
    expect(silent.leaves?.searchParams.get('code')).to.be.a('string');
  });

  it('is told to apps of a session that is over by policy, as soon as a sign-in begins in its browser', async () => {
    const browser = new BareBrowser(op);
    const before = decodeJwt((await app().signIn(browser)).id_token);
    const now = (await op.accounts.find(ana)) ?? ana;
    await op.accounts.save(now, { validFrom: Number(before.auth_time) });
    op.state.next = { account: ana, ts: Number(before.auth_time) + 1 };
    const after = decodeJwt((await app().signIn(browser)).id_token);
    expect(owed.map(({ sid }) => sid)).to.deep.equal([before.sid]);
    expect(after.sid).to.be.a('string').and.not.equal(before.sid);
  });

  it('ends at the app alone when the person stays signed in: the next sign-in there is another session', async () => {
    const browser = new BareBrowser(op);
    const before = decodeJwt((await app().signIn(browser)).id_token);
    const { form } = await ask(browser);
    await browser.request(form.action, { method: 'POST', body: new URLSearchParams({ xsrf: form.xsrf }) });
    const after = decodeJwt((await app().signIn(browser, { prompt: 'none' })).id_token);
    expect(after.sub).to.equal(before.sub);
    expect(after.sid).to.be.a('string').and.not.equal(before.sid);
    expect(owed.map(({ sid }) => sid)).to.deep.equal([before.sid]);
  });

  it('sends a token that is owed, also while the sign-out that owes it is being answered', async () => {
    const browser = new BareBrowser(op);
    await app().signIn(browser);
    const { form } = await ask(browser);
    const sending: Promise<boolean>[] = [];
    owe = (logout) => void sending.push(op.sessions.sendLogoutToken(logout));
    await confirm(browser, form.action, form.xsrf);
    expect(await Promise.all(sending)).to.deep.equal([true]);
    expect(received).to.have.length(1);
  });

  it('refuses a way back that is not registered, on a page of ours', async () => {
    const query = new URLSearchParams({
      client_id: 'desk',
      post_logout_redirect_uri: 'https://evil.example',
    });
    const response = await new BareBrowser(op).request(`/logout?${query.toString()}`);
    expect(response.status).to.equal(400);
    expect(await response.text()).to.contain('our problem page: invalid_request');
  });

  it('carries somebody without a session on by a page of ours', async () => {
    const page = await (await new BareBrowser(op).request('/logout')).text();
    expect(page)
      .to.match(/^our carry page/)
      .and.contain('/logout/confirm');
  });

  it('sends a logout token as the standard has it', async () => {
    const sid = 'the-session';
    expect(await op.sessions.sendLogoutToken({ clientId: 'desk', accountId: ana.accountId, sid })).to.equal(
      true,
    );
    const keys = createRemoteJWKSet(new URL(`${op.issuer}/jwks`));
    const { payload, protectedHeader } = await jwtVerify(received[0] ?? '', keys, {
      issuer: op.issuer,
      audience: 'desk',
    });
    expect(protectedHeader).to.include({ typ: 'logout+jwt', alg: 'ES256' });
    expect(payload).to.include({ sub: ana.accountId, sid }).and.not.have.property('nonce');
    expect(payload.events).to.deep.equal({ 'http://schemas.openid.net/event/backchannel-logout': {} });
    expect(payload.jti).to.be.a('string');
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).to.equal(120);
  });

  it('says when an app did not take the token, and when there is nobody to send it to', async () => {
    answer = 500;
    const logout = { clientId: 'desk', accountId: ana.accountId, sid: 's' };
    const problem = await op.sessions.sendLogoutToken(logout).catch((error: unknown) => String(error));
    expect(problem).to.contain('500');
    expect(await op.sessions.sendLogoutToken({ ...logout, clientId: 'gone' })).to.equal(false);
  });

  it('follows no redirect of an app', async () => {
    answer = 302;
    const logout = { clientId: 'desk', accountId: ana.accountId, sid: 's' };
    const problem = await op.sessions.sendLogoutToken(logout).catch((error: unknown) => String(error));
    expect(problem).to.contain('302');
    expect(received).to.have.length(1);
  });
});
