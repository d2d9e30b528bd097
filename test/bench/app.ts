import { createHash, randomBytes } from 'node:crypto';
import { FormBrowser, type Send } from './http.ts';

/** The app of the measurement, registered alike at Stile and at the bare provider. */
export const APP = {
  client_id: 'bench',
  client_secret: 'bench-secret-bench-secret-bench-secret',
  redirect_uris: ['https://bench.example/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
};

/** A machine of the tenant, which manages it by the API. */
export const MACHINE = {
  client_id: 'bench-machine',
  client_secret: 'bench-machine-secret-bench-machine-secret',
  redirect_uris: [],
  grant_types: ['client_credentials'],
  scope: 'agents:read policy:read policy:write',
};

const authorization = `Basic ${btoa(`${APP.client_id}:${APP.client_secret}`)}`;
const [redirect_uri = ''] = APP.redirect_uris;

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** The app and a browser of it at one server; every answer that is not the expected one ends the measurement. */
export function appAt(base: string, send: Send) {
  async function post(path: string, form: Record<string, string>): Promise<unknown> {
    const { status, body } = await send(path, { form, headers: { authorization } });
    if (status !== 200) throw new Error(`${path} answered ${status}: ${body}`);
    return JSON.parse(body);
  }

  return {
    refresh: async ({ refresh_token }: Tokens) =>
      (await post('/token', { grant_type: 'refresh_token', refresh_token })) as Tokens,

    async introspect({ access_token }: Tokens): Promise<void> {
      const { active } = (await post('/introspect', { token: access_token })) as { active: boolean };
      if (!active) throw new Error('a token does not count any more');
    },

    async userinfo({ access_token }: Tokens): Promise<void> {
      const { status } = await send('/userinfo', { headers: { authorization: `Bearer ${access_token}` } });
      if (status !== 200) throw new Error(`/userinfo answered ${status}`);
    },

    /** A browser in front of the first page, or the code when there is none. */
    async begin(): Promise<{ browser: FormBrowser; verifier: string; left: URL | null }> {
      const verifier = randomBytes(32).toString('base64url');
      const browser = new FormBrowser(base, send);
      const query = new URLSearchParams({
        client_id: APP.client_id,
        redirect_uri,
        response_type: 'code',
        scope: 'openid profile email',
        state: randomBytes(8).toString('hex'),
        nonce: randomBytes(8).toString('hex'),
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      });
      return { browser, verifier, left: await browser.go(`/authorize?${query.toString()}`) };
    },

    /** Authorize, the forms of each page in turn, token, userinfo. */
    async signIn(pages: readonly Readonly<Record<string, string>>[] = []): Promise<Tokens> {
      const { browser, verifier, left: atOnce } = await this.begin();
      let left = atOnce;
      for (const fields of pages) left = await browser.submit(fields);
      const code = left?.searchParams.get('code');
      if (!code) throw new Error(`no code: ${left?.href ?? browser.place.path}`);
      const tokens = (await post('/token', {
        grant_type: 'authorization_code',
        code,
        redirect_uri,
        code_verifier: verifier,
      })) as Tokens;
      await this.userinfo(tokens);
      return tokens;
    },
  };
}

export type App = ReturnType<typeof appAt>;
