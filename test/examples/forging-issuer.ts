import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';

/** What the next ID token says beside, or instead of, what is right. */
export interface Forgery {
  readonly claims?: JWTPayload;
  /** Signs with a key that is not published, under the name of the published one. */
  readonly otherKey?: boolean;
  readonly alg?: 'none';
}

const kid = 'published';

/** An issuer that can lie: it shows what an app does with tokens that no Stile would send. */
export async function startForgingIssuer(clientId: string) {
  const published = await generateKeyPair('ES256');
  const other = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(published.publicKey)), kid, alg: 'ES256', use: 'sig' };
  const state = {
    forgery: {} as Forgery,
    nonce: '',
    /** Instead of the own name in the answer to the browser. */
    iss: null as string | null,
    /** What happens between the code and its tokens. */
    meanwhile: () => Promise.resolve(),
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    const json = (value: unknown) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return json({
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          userinfo_endpoint: `${issuer}/userinfo`,
          jwks_uri: `${issuer}/jwks`,
          authorization_response_iss_parameter_supported: true,
          id_token_signing_alg_values_supported: ['ES256', 'none'],
        });
      case '/jwks':
        return json({ keys: [jwk] });
      case '/authorize': {
        state.nonce = url.searchParams.get('nonce') ?? '';
        const back = new URL(url.searchParams.get('redirect_uri') ?? '');
        back.searchParams.set('code', 'a-code');
        back.searchParams.set('state', url.searchParams.get('state') ?? '');
        back.searchParams.set('iss', state.iss ?? issuer);
        return response.writeHead(303, { location: back.href }).end();
      }
      case '/token':
        return void state
          .meanwhile()
          .then(idToken)
          .then((token) => json({ access_token: 'a-token', token_type: 'Bearer', id_token: token }));
      default:
        return json({ sub: 'somebody', name: 'Somebody' });
    }
  });
  await new Promise<void>((ready) => server.listen(0, ready));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;

  async function idToken(): Promise<string> {
    const { claims = {}, otherKey, alg } = state.forgery;
    const now = Math.floor(Date.now() / 1000);
    const payload = {
      iss: issuer,
      aud: clientId,
      sub: 'somebody',
      iat: now,
      exp: now + 60,
      auth_time: now,
      nonce: state.nonce,
      acr: 'urn:stile:acr:1fa',
      amr: ['pwd'],
      ...claims,
    };
    if (alg === 'none') {
      const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      return `${part({ alg, kid })}.${part(payload)}.`;
    }
    return sign(payload, otherKey ? { key: other.privateKey } : {});
  }

  /** Signs anything with the published key, unless `key` is another one. */
  function sign(payload: JWTPayload, { typ = 'JWT', key = published.privateKey } = {}): Promise<string> {
    return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid, typ }).sign(key);
  }

  return {
    issuer,
    state,
    sign,
    otherKey: other.privateKey,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

export type ForgingIssuer = Awaited<ReturnType<typeof startForgingIssuer>>;
