import { expect } from 'chai';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { appOf, BareBrowser } from '../support/bare-browser.ts';
import { startBareProvider, type BareProvider } from '../support/bare-provider.ts';

const REDIRECT = 'https://desk.example/callback';
const API = 'https://api.example/v1';
const JWT_API = 'https://fast.example';

describe('tokens', () => {
  let op: BareProvider;
  const as = (clientId: string) =>
    appOf(op, { clientId, redirectUri: REDIRECT, secret: `secret of ${clientId}` });
  const machine = { grant_types: ['client_credentials'] };

  before(async () => {
    op = await startBareProvider();
    for (const tenant of ['northwind', 'southwind']) await op.tenant(tenant);
    const app = (clientId: string, more: object = {}) =>
      op.client({
        client_id: clientId,
        client_secret: `secret of ${clientId}`,
        redirect_uris: [REDIRECT],
        ...more,
      });
    const apis = [
      { resource: API, scope: 'calls:read calls:write' },
      { resource: JWT_API, scope: 'calls:read', access_token_format: 'jwt', access_token_ttl: 120 },
    ];
    await app('desk', { tenant: 'northwind', first_party: true, apis });
    await app('north-api', { tenant: 'northwind', ...machine, apis });
    await app('south-api', { tenant: 'southwind', ...machine });
    await app('house-api', { first_party: true, ...machine });
    await app('guest-api', machine);
    await op.client({
      client_id: 'open',
      token_endpoint_auth_method: 'none',
      redirect_uris: [REDIRECT],
      tenant: 'northwind',
    });
    op.state.next = { account: await op.account('northwind') };
  });
  after(() => op.close());

  it('are seen by their client, by APIs of their tenant and by the house, and by nobody else', async () => {
    const { access_token: token } = await as('desk').signIn(new BareBrowser(op));
    const seen = async (clientId: string) => (await as(clientId).introspect(token)).active;
    for (const clientId of ['desk', 'north-api', 'house-api'])
      expect(await seen(clientId), clientId).to.equal(true);
    for (const clientId of ['south-api', 'guest-api']) expect(await seen(clientId), clientId).to.equal(false);
    const open = appOf(op, { clientId: 'open', redirectUri: REDIRECT });
    expect((await open.introspect(token)).active, 'a public client').to.equal(false);
  });

  it('are opaque for ten minutes, unless an API is registered otherwise', async () => {
    const app = as('desk');
    const plain = await app.signIn(new BareBrowser(op));
    expect(plain.expires_in).to.equal(600);
    expect(plain.access_token.split('.')).to.have.length(1);
    const code = await app.code(new BareBrowser(op), { scope: 'openid calls:read', resource: JWT_API });
    const answer = await app.redeem(code, { resource: JWT_API });
    const tokens = (await answer.json()) as typeof plain;
    expect(decodeProtectedHeader(tokens.access_token)).to.include({ typ: 'at+jwt', alg: 'ES256' });
    expect(tokens.expires_in).to.equal(120);
    expect(decodeJwt(tokens.access_token)).to.deep.include({
      aud: JWT_API,
      scope: 'calls:read',
      acr: 'urn:stile:acr:1fa',
      amr: ['pwd'],
      tenant_id: 'northwind',
      sid: decodeJwt(tokens.id_token).sid,
    });
  });

  it('end when their client begins to demand more than they are worth', async () => {
    const client = { client_id: 'payouts', client_secret: 'secret of payouts', redirect_uris: [REDIRECT] };
    const more = { first_party: true, grant_types: ['authorization_code', 'refresh_token'] };
    await op.client({ ...client, ...more });
    const app = as('payouts');
    const { access_token: token, refresh_token: refresh } = await app.signIn(new BareBrowser(op));
    expect((await app.introspect(token)).active).to.equal(true);
    expect((await as('north-api').introspect(token)).active, 'asked by another').to.equal(true);
    const code = await app.code(new BareBrowser(op));

    await op.client({ ...client, ...more, minimum_acr: 'urn:stile:acr:2fa' });
    expect((await app.introspect(token)).active).to.equal(false);
    expect((await as('north-api').introspect(token)).active, 'asked by another').to.equal(false);
    expect((await app.userinfo(token)).status).to.equal(401);
    for (const answer of [
      await app.redeem(code),
      await app.post('/token', { grant_type: 'refresh_token', refresh_token: refresh ?? '' }),
    ]) {
      expect([answer.status, ((await answer.json()) as { error: string }).error]).to.deep.equal([
        400,
        'invalid_grant',
      ]);
    }
  });

  it('are for APIs that the client is registered for', async () => {
    const app = as('desk');
    const other = await new BareBrowser(op).go(app.authorizeUrl({ resource: 'https://other.example' }));
    expect(other.leaves?.searchParams.get('error')).to.equal('invalid_target');
  });

  it('of a client itself tell its tenant', async () => {
    const app = as('north-api');
    const answer = await app.post('/token', {
      grant_type: 'client_credentials',
      resource: API,
      scope: 'calls:read admin',
    });
    const { access_token: token, scope } = (await answer.json()) as { access_token: string; scope: string };
    expect(scope).to.equal('calls:read');
    expect(await app.introspect(token)).to.include({
      active: true,
      tenant_id: 'northwind',
      client_id: 'north-api',
    });
    expect((await as('south-api').introspect(token)).active).to.equal(false);
  });

  it('of somebody else are not revoked, and that they exist is not told', async () => {
    const app = as('desk');
    const { access_token: token } = await app.signIn(new BareBrowser(op));
    expect((await as('south-api').post('/revoke', { token })).status).to.equal(200);
    expect((await app.introspect(token)).active).to.equal(true);
    expect((await app.post('/revoke', { token })).status).to.equal(200);
    expect((await app.introspect(token)).active).to.equal(false);
  });
});
