import { expect } from 'chai';
import { API_SCOPES } from '../../src/provider/api-scopes.ts';
import { appOf, BareBrowser } from '../support/bare-browser.ts';
import { startBareProvider, type BareProvider } from '../support/bare-provider.ts';

const REDIRECT = 'https://desk.example/callback';
const client = {
  client_id: 'desk',
  client_secret: 'desk secret',
  redirect_uris: [REDIRECT],
  first_party: true,
};

async function signInAt(issuer?: string) {
  const op = await startBareProvider(issuer === undefined ? {} : { issuer });
  await op.tenant('northwind');
  await op.client(client);
  op.state.next = { account: await op.account('northwind') };
  const browser = new BareBrowser(op);
  const app = appOf(op, { clientId: 'desk', redirectUri: REDIRECT, secret: 'desk secret' });
  const first = await browser.request(app.authorizeUrl());
  await browser.go(first.headers.get('location') ?? '');
  return { op, app, browser, short: first.headers.getSetCookie() };
}

describe('what the provider says of itself', () => {
  let op: BareProvider;
  before(async () => void (op = await startBareProvider()));
  after(() => op.close());

  it('is exactly this', async () => {
    const at = op.issuer;
    const response = await fetch(`${at}/.well-known/openid-configuration`);
    const document = (await response.json()) as { claims_supported: string[] };
    expect(document.claims_supported).to.include.members([
      'acr',
      'amr',
      'auth_time',
      'sid',
      'tenant_id',
      'roles',
      'email',
    ]);
    expect({ ...document, claims_supported: undefined }).to.deep.equal({
      issuer: at,
      authorization_endpoint: `${at}/authorize`,
      token_endpoint: `${at}/token`,
      userinfo_endpoint: `${at}/userinfo`,
      jwks_uri: `${at}/jwks`,
      introspection_endpoint: `${at}/introspect`,
      revocation_endpoint: `${at}/revoke`,
      pushed_authorization_request_endpoint: `${at}/par`,
      end_session_endpoint: `${at}/logout`,
      acr_values_supported: [
        'urn:stile:acr:1fa',
        'urn:stile:acr:2fa',
        'https://refeds.org/profile/mfa',
        'phr',
      ],
      response_types_supported: ['code'],
      response_modes_supported: ['form_post', 'fragment', 'query'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      scopes_supported: [
        'openid',
        'offline_access',
        ...API_SCOPES,
        'profile',
        'email',
        'phone',
        'address',
        'tenant',
      ],
      subject_types_supported: ['public'],
      code_challenge_methods_supported: ['S256'],
      id_token_signing_alg_values_supported: ['ES256', 'RS256'],
      userinfo_signing_alg_values_supported: ['ES256', 'RS256'],
      token_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
        'none',
      ],
      token_endpoint_auth_signing_alg_values_supported: ['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519'],
      dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'Ed25519'],
      claim_types_supported: ['normal'],
      claims_parameter_supported: true,
      request_uri_parameter_supported: false,
      authorization_response_iss_parameter_supported: true,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      ui_locales_supported: ['en'],
      claims_supported: undefined,
    });
  });

  it('holds public keys only', async () => {
    const { keys } = (await (await fetch(`${op.issuer}/jwks`)).json()) as { keys: Record<string, unknown>[] };
    expect(keys.map(({ kid, alg }) => [kid, alg])).to.deep.equal([
      ['es-1', 'ES256'],
      ['rs-1', 'RS256'],
    ]);
    for (const key of keys) expect(key).not.to.have.any.keys('d', 'p', 'q', 'dp', 'dq', 'qi');
  });

  it('does not follow what a request says of our address', async () => {
    const headers = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
    };
    const { port } = new URL(op.base);
    const { request } = await import('node:http');
    const text = await new Promise<string>((done, fail) => {
      const options = { host: '127.0.0.1', port, path: '/.well-known/openid-configuration', headers };
      request(options, (answer) => {
        let body = '';
        answer.on('data', (part) => (body += String(part))).on('end', () => done(body));
      })
        .on('error', fail)
        .end();
    });
    expect(text).to.contain(`${op.issuer}/authorize`).and.not.contain('evil');
  });

  it('answers JSON at its endpoints, whatever a browser would rather have', async () => {
    for (const path of ['/token', '/introspect', '/revoke', '/par']) {
      const response = await fetch(`${op.issuer}${path}`, {
        method: 'POST',
        headers: { accept: 'text/html' },
      });
      expect(response.headers.get('content-type'), path).to.contain('application/json');
      expect(await response.json()).to.have.property('error');
    }
    const userinfo = await fetch(`${op.issuer}/userinfo`, {
      headers: { accept: 'text/html', authorization: 'Bearer x' },
    });
    expect([userinfo.status, await userinfo.json()]).to.deep.equal([
      401,
      { error: 'invalid_token', error_description: 'invalid token provided' },
    ]);
    expect(userinfo.headers.get('www-authenticate')).to.contain('invalid_token');
  });

  it('lets no script of another place read tokens, and gives the authorization endpoint no CORS', async () => {
    await op.client(client);
    const app = appOf(op, { clientId: 'desk', redirectUri: REDIRECT, secret: 'desk secret' });
    const at = await fetch(op.base + app.authorizeUrl(), {
      redirect: 'manual',
      headers: { origin: 'https://evil.example' },
    });
    expect(at.headers.get('access-control-allow-origin')).to.equal(null);
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x', client_id: 'desk' });
    const headers = { origin: 'https://evil.example', authorization: `Basic ${btoa('desk:desk secret')}` };
    const token = await fetch(`${op.base}/token`, { method: 'POST', body, headers });
    expect(token.headers.get('access-control-allow-origin')).to.equal(null);
  });
});

describe('the provider’s cookies', () => {
  it('carry prefixes and flags under https', async () => {
    const { op, browser, short } = await signInAt('https://id.example.com');
    try {
      const session = browser.cookies.get('__Host-session');
      expect(session?.header)
        .to.match(/; path=\/;/i)
        .and.match(/; secure/i)
        .and.match(/; httponly/i);
      expect(session?.header)
        .to.match(/; samesite=lax/i)
        .and.not.match(/domain=/i);
      expect(browser.cookies.has('__Host-session.sig')).to.equal(true);
      const names = short.map((header) => header.split('=')[0]);
      expect(names).to.include.members([
        '__Secure-sign-in',
        '__Secure-sign-in.sig',
        '__Secure-resume',
        '__Secure-resume.sig',
      ]);
      for (const header of short)
        expect(header)
          .to.match(/; secure/i)
          .and.match(/; httponly/i)
          .and.match(/samesite=lax/i);
      expect(short[0]).to.match(/path=\/sign-in\/[\w-]{20,}/);
    } finally {
      await op.close();
    }
  });

  it('work on http://localhost, without what browsers refuse there', async () => {
    const { op, browser, app } = await signInAt();
    try {
      expect(browser.cookies.get('session')?.header)
        .to.match(/httponly/i)
        .and.not.match(/secure/i);
      const { leaves } = await browser.go(app.authorizeUrl({ prompt: 'none' }));
      expect(leaves?.searchParams.get('code')).to.be.a('string');
    } finally {
      await op.close();
    }
  });

  it('count for nothing without their signature, or with another', async () => {
    const { op, browser, app } = await signInAt();
    try {
      const signature = browser.cookies.get('session.sig');
      browser.cookies.delete('session.sig');
      const silent = () => browser.go(app.authorizeUrl({ prompt: 'none' }));
      expect((await silent()).leaves?.searchParams.get('error')).to.equal('login_required');
      if (signature) browser.cookies.set('session.sig', { ...signature, value: 'A'.repeat(27) });
      expect((await silent()).leaves?.searchParams.get('error')).to.equal('login_required');
    } finally {
      await op.close();
    }
  });

  it('tie a sign-in to its browser: its address alone opens nothing', async () => {
    const { op, browser, app } = await signInAt();
    try {
      op.state.next = { account: await op.account('northwind') };
      const victim = new BareBrowser(op);
      const first = await victim.request(app.authorizeUrl());
      const resume = await victim.request(first.headers.get('location') ?? '');
      const stolen = await browser.go(resume.headers.get('location') ?? '');
      expect(stolen.response.status).to.equal(400);
      expect(await stolen.response.text()).to.contain('our problem page');
    } finally {
      await op.close();
    }
  });
});
