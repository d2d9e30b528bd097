import { expect } from 'chai';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { appOf, BareBrowser } from '../support/bare-browser.ts';
import { startBareProvider, type BareProvider } from '../support/bare-provider.ts';

const REDIRECT = 'https://desk.example/callback';
const desk = { clientId: 'desk', redirectUri: REDIRECT, secret: 'a secret of the desk' };

describe('a request', () => {
  let op: BareProvider;
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
    await op.client({
      client_id: 'old',
      client_secret: 'old secret',
      redirect_uris: [REDIRECT],
      require_pkce: false,
      first_party: true,
      id_token_signed_response_alg: 'RS256',
    });
  });
  after(() => op.close());
  beforeEach(async () => {
    op.state.next = { account: await op.account('northwind') };
    browser = new BareBrowser(op);
  });

  describe('with PKCE', () => {
    const without = { code_challenge: undefined, code_challenge_method: undefined };
    const errorOf = async (app: ReturnType<typeof appOf>, more: Record<string, string | undefined>) =>
      (await browser.go(app.authorizeUrl(more))).leaves?.searchParams.get('error');

    it('is a must, also for confidential clients', async () => {
      expect(await errorOf(appOf(op, desk), without)).to.equal('invalid_request');
      expect(await errorOf(appOf(op, { clientId: 'phone', redirectUri: REDIRECT }), without)).to.equal(
        'invalid_request',
      );
    });

    it('has no method but S256', async () => {
      expect(await errorOf(appOf(op, desk), { code_challenge_method: 'plain' })).to.equal('invalid_request');
    });

    it('may be left out by a client registered so, if it sends a nonce', async () => {
      const old = appOf(op, { clientId: 'old', redirectUri: REDIRECT, secret: 'old secret' });
      expect(await errorOf(old, { ...without, nonce: undefined })).to.equal('invalid_request');
      const code = await old.code(browser, without);
      const response = await old.post('/token', {
        grant_type: 'authorization_code',
        code,
        redirect_uri: REDIRECT,
      });
      const { id_token: token } = (await response.json()) as { id_token: string };
      expect(decodeProtectedHeader(token)).to.include({ alg: 'RS256', kid: 'rs-1' });
      expect(decodeJwt(token).nonce).to.equal('n');
    });

    it('is checked at the token endpoint: no verifier, a wrong one, and one for a code without challenge', async () => {
      const app = appOf(op, desk);
      const status = async (verifier: string) => {
        const code = await app.code(browser);
        return (await app.redeem(code, { code_verifier: verifier })).status;
      };
      expect(await status('')).to.equal(400);
      expect(await status('x'.repeat(43))).to.equal(400);
      const old = appOf(op, { clientId: 'old', redirectUri: REDIRECT, secret: 'old secret' });
      const code = await old.code(browser, without);
      expect((await old.redeem(code)).status).to.equal(400);
    });

    it('cannot be switched off for a public client', async () => {
      const open = {
        client_id: 'x',
        redirect_uris: [REDIRECT],
        token_endpoint_auth_method: 'none',
        require_pkce: false,
      };
      const problem = await op.client(open).catch((error: unknown) => String(error));
      expect(problem).to.contain('confidential');
    });
  });

  describe('is refused for', () => {
    it('a wrong secret, no secret, and the digest that the database holds', async () => {
      const record = await op.store.adapter('Client').find('desk');
      for (const secret of ['wrong', String(record?.client_secret)]) {
        const app = appOf(op, { ...desk, secret });
        const answer = await app.post('/token', { grant_type: 'refresh_token', refresh_token: 'x' });
        expect(answer.status).to.equal(401);
        expect(await answer.json()).to.include({ error: 'invalid_client' });
      }
      const none = await appOf(op, { clientId: 'desk', redirectUri: REDIRECT }).refresh('x');
      expect(none.status).to.equal(401);
    });

    it('an address that is not registered, on our own page and without a redirect', async () => {
      const app = appOf(op, { ...desk, redirectUri: `${REDIRECT}/other` });
      const { response, leaves } = await browser.go(app.authorizeUrl());
      expect(leaves).to.equal(null);
      expect(response.status).to.equal(400);
      expect(await response.text()).to.contain('our problem page: invalid_redirect_uri');
    });

    it('an unknown client, on our own page', async () => {
      const { response } = await browser.go(appOf(op, { ...desk, clientId: 'nobody' }).authorizeUrl());
      expect(await response.text()).to.contain('our problem page: invalid_client');
    });

    it('response types other than code', async () => {
      for (const type of ['token', 'id_token', 'code id_token', 'none']) {
        const { leaves } = await browser.go(appOf(op, desk).authorizeUrl({ response_type: type }));
        const answer = new URLSearchParams(leaves?.hash.slice(1) || leaves?.search);
        expect(answer.get('error'), type).to.be.oneOf(['unsupported_response_type', 'invalid_request']);
      }
    });

    it('a request without redirect_uri, though only one is registered', async () => {
      const { response } = await browser.go(appOf(op, desk).authorizeUrl({ redirect_uri: undefined }));
      expect(await response.text()).to.contain('our problem page: invalid_request');
    });
  });
});
