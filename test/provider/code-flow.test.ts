import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import * as openid from 'openid-client';
import type { Account } from '../../src/accounts/account.ts';
import { appOf, BareBrowser } from '../support/bare-browser.ts';
import { startBareProvider, type BareProvider } from '../support/bare-provider.ts';

const REDIRECT = 'https://desk.example/callback';
const desk = { clientId: 'desk', redirectUri: REDIRECT, secret: 'a secret of the desk' };

describe('the code flow', () => {
  let op: BareProvider;
  let ana: Account;
  let browser: BareBrowser;

  before(async () => {
    op = await startBareProvider();
    await op.tenant('northwind');
    await op.client({
      client_id: 'desk',
      client_secret: desk.secret,
      redirect_uris: [REDIRECT],
      grant_types: ['authorization_code', 'refresh_token'],
      first_party: true,
    });
    await op.client({
      client_id: 'phone',
      token_endpoint_auth_method: 'none',
      redirect_uris: [REDIRECT],
      grant_types: ['authorization_code', 'refresh_token'],
      first_party: true,
    });
    await op.client({ client_id: 'stranger', client_secret: 'stranger secret', redirect_uris: [REDIRECT] });
  });
  after(() => op.close());
  beforeEach(async () => {
    ana = await op.account('northwind');
    op.state.next = { account: ana };
    op.state.prompts = [];
    browser = new BareBrowser(op);
  });

  it('is finished by openid-client with PKCE, state and nonce, and jose verifies the ID token by the published keys', async () => {
    const allow = { execute: [openid.allowInsecureRequests] };
    const config = await openid.discovery(
      new URL(op.issuer),
      'desk',
      undefined,
      openid.ClientSecretBasic(desk.secret),
      allow,
    );
    const pkceCodeVerifier = openid.randomPKCECodeVerifier();
    const [expectedState, expectedNonce] = [openid.randomState(), openid.randomNonce()];
    const start = openid.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT,
      scope: 'openid profile email tenant',
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      nonce: expectedNonce,
    });
    const { leaves } = await browser.go(start.href);
    if (!leaves) throw new Error('never came back');
    const tokens = await openid.authorizationCodeGrant(config, leaves, {
      pkceCodeVerifier,
      expectedState,
      expectedNonce,
    });
    const keys = createRemoteJWKSet(new URL(`${op.issuer}/jwks`));
    const { payload, protectedHeader } = await jwtVerify(tokens.id_token ?? '', keys, {
      issuer: op.issuer,
      audience: 'desk',
    });
    expect(protectedHeader).to.include({ alg: 'ES256', kid: 'es-1' });
    expect(payload).to.include({ sub: ana.accountId, acr: 'urn:stile:acr:1fa', tenant_id: 'northwind' });
    expect(payload.amr).to.deep.equal(['pwd']);
    expect(payload.auth_time).to.be.a('number');
    expect(payload.sid).to.be.a('string');
    const info = await openid.fetchUserInfo(config, tokens.access_token, ana.accountId);
    expect(info).to.deep.include({
      email: ana.email,
      name: ana.name,
      locale: 'pt-PT',
      tenant_id: 'northwind',
      roles: ['agent'],
    });
  });

  it('tells userinfo nothing beyond the scopes', async () => {
    const app = appOf(op, desk);
    const { access_token: token } = await app.signIn(browser);
    expect(await (await app.userinfo(token)).json()).to.deep.equal({ sub: ana.accountId });
  });

  it('says who answers (iss) in success and in error', async () => {
    const app = appOf(op, desk);
    const good = await browser.go(app.authorizeUrl());
    expect(good.leaves?.searchParams.get('iss')).to.equal(op.issuer);
    const bad = await new BareBrowser(op).go(app.authorizeUrl({ prompt: 'none' }));
    expect(bad.leaves?.searchParams.get('iss')).to.equal(op.issuer);
    expect(bad.leaves?.searchParams.get('error')).to.equal('login_required');
  });

  it('redeems a code once of 20 tries at the same time', async () => {
    const app = appOf(op, desk);
    const code = await app.code(browser);
    const answers = await Promise.all(Array.from({ length: 20 }, () => app.redeem(code)));
    const good = answers.filter(({ status }) => status === 200);
    expect(good).to.have.length(1);
    const bad = (await answers.find(({ status }) => status !== 200)?.json()) as { error: string };
    expect(bad.error).to.equal('invalid_grant');
  });

  it('takes back what came from a code that is redeemed again later', async () => {
    const app = appOf(op, desk);
    const code = await app.code(browser);
    const { access_token: token } = (await (await app.redeem(code)).json()) as { access_token: string };
    expect((await app.introspect(token)).active).to.equal(true);
    expect((await app.redeem(code)).status).to.equal(400);
    expect((await app.introspect(token)).active).to.equal(false);
  });

  it('rotates a refresh token, keeps its values, and ends the family when an old one comes back', async () => {
    op.state.next = { account: ana, acr: 'urn:stile:acr:2fa', amr: ['pwd', 'otp', 'mfa'] };
    const app = appOf(op, desk);
    const first = await app.signIn(browser);
    const second = (await (await app.refresh(first.refresh_token ?? '')).json()) as typeof first;
    expect(second.refresh_token).to.be.a('string').and.not.equal(first.refresh_token);
    const stable = ({ acr, amr, auth_time, sid, tenant_id, sub, nonce }: Record<string, unknown>) => ({
      acr,
      amr,
      auth_time,
      sid,
      tenant_id,
      sub,
      nonce,
    });
    expect(stable(decodeJwt(second.id_token))).to.deep.equal(stable(decodeJwt(first.id_token)));
    const told = await app.introspect(second.access_token);
    expect(told).to.deep.include({
      active: true,
      acr: 'urn:stile:acr:2fa',
      amr: ['pwd', 'otp', 'mfa'],
      tenant_id: 'northwind',
    });
    expect(told.sid).to.equal(decodeJwt(first.id_token).sid);
    expect(told.auth_time).to.equal(decodeJwt(first.id_token).auth_time);

    expect((await app.refresh(first.refresh_token ?? '')).status).to.equal(400);
    expect((await app.refresh(second.refresh_token ?? '')).status, 'the newest of the family').to.equal(400);
    expect((await app.introspect(second.access_token)).active).to.equal(false);
  });

  it('refreshes once of 20 tries at the same time, for public clients too', async () => {
    for (const app of [appOf(op, desk), appOf(op, { clientId: 'phone', redirectUri: REDIRECT })]) {
      const { refresh_token: token = '' } = await app.signIn(browser);
      const answers = await Promise.all(Array.from({ length: 20 }, () => app.refresh(token)));
      expect(answers.filter(({ status }) => status === 200)).to.have.length(1);
    }
  });

  it('introspects a refresh token with the same values', async () => {
    const app = appOf(op, desk);
    const tokens = await app.signIn(browser);
    const told = await app.introspect(tokens.refresh_token ?? '');
    const { acr, amr, auth_time: authTime, sid } = decodeJwt(tokens.id_token);
    expect(told).to.deep.include({
      active: true,
      acr,
      amr,
      auth_time: authTime,
      sid,
      tenant_id: 'northwind',
    });
  });

  it('gives offline_access to an app of the house that asks for consent, and shows no consent page', async () => {
    const app = appOf(op, desk);
    const tokens = await app.signIn(browser, { scope: 'openid offline_access', prompt: 'consent' });
    expect(tokens.scope.split(' ')).to.include('offline_access');
    expect(op.state.prompts.map(([prompt]) => prompt)).to.deep.equal(['login']);
  });

  it('asks for consent on behalf of everybody else', async () => {
    await appOf(op, { clientId: 'stranger', redirectUri: REDIRECT, secret: 'stranger secret' }).signIn(
      browser,
    );
    expect(op.state.prompts.map(([prompt]) => prompt)).to.deep.equal(['login', 'consent']);
  });

  it('answers form_post on a page of our own', async () => {
    const { response } = await browser.go(
      appOf(op, desk).authorizeUrl({ response_mode: 'form_post', state: `"'<&>` }),
    );
    const page = await response.text();
    expect(page).to.match(/^our carry page/);
    const form = JSON.parse(page.slice(page.indexOf('{'))) as {
      action: string;
      fields: Record<string, string>;
    };
    expect(form.action).to.equal(REDIRECT);
    expect(form.fields).to.include({ state: `"'<&>`, iss: op.issuer });
  });

  it('writes a session only when there is something new to say of it', async () => {
    const app = appOf(op, desk);
    await app.signIn(browser);
    const rows = () =>
      op.database.connection.collection('oidc_session').find({ accountId: ana.accountId }).toArray();
    const before = await rows();
    await wait(1100);
    await app.code(browser, { prompt: 'none' });
    expect(await rows()).to.deep.equal(before);
    await appOf(op, { clientId: 'phone', redirectUri: REDIRECT }).code(browser);
    expect(await rows()).not.to.deep.equal(before);
  });

  it('takes pushed requests, each once', async () => {
    const app = appOf(op, desk);
    const params = Object.fromEntries(new URL(app.authorizeUrl(), op.base).searchParams);
    const { request_uri: requestUri } = (await (await app.post('/par', params)).json()) as {
      request_uri: string;
    };
    const query = new URLSearchParams({ client_id: 'desk', request_uri: requestUri }).toString();
    const first = await browser.go(`/authorize?${query}`);
    expect(first.leaves?.searchParams.get('code')).to.be.a('string');
    const second = await browser.go(`/authorize?${query}`);
    expect(second.leaves?.searchParams.get('code') ?? null).to.equal(null);
  });
});
