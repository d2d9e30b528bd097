import { createHash, randomBytes } from 'node:crypto';

/** Whom requests go to. */
export interface Server {
  readonly base: string;
  /** What it calls itself; may be another address. */
  readonly issuer: string;
}

interface Cookie {
  value: string;
  path: string;
  /** The whole header, for tests of its flags. */
  header: string;
}

/** A browser without pages: keeps cookies and follows redirects as long as they stay at the provider. */
export class BareBrowser {
  readonly cookies = new Map<string, Cookie>();
  /** What it says it is; empty = what Node says. */
  userAgent = '';
  readonly #op: Server;

  constructor(op: Server) {
    this.#op = op;
  }

  #cookiesFor(path: string): string {
    return [...this.cookies]
      .filter(([, cookie]) => path === cookie.path || path.startsWith(cookie.path.replace(/\/?$/, '/')))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
  }

  #keep(response: Response): void {
    for (const header of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
      const path = /path=([^;]+)/i.exec(header)?.[1] ?? '/';
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(header)) this.cookies.delete(name);
      else this.cookies.set(name, { value, path, header });
    }
  }

  /** One request, no redirect followed. @param target path, or an address at the issuer */
  async request(target: string, init: RequestInit = {}): Promise<Response> {
    const { pathname, search } = new URL(target, this.#op.base);
    const cookie = this.#cookiesFor(pathname);
    const name = this.userAgent ? { 'user-agent': this.userAgent } : {};
    const headers = new Headers({ accept: 'text/html', ...name, ...(cookie ? { cookie } : {}) });
    new Headers(init.headers).forEach((value, name) => headers.set(name, value));
    const response = await fetch(`${this.#op.base}${pathname}${search}`, {
      redirect: 'manual',
      ...init,
      headers,
    });
    this.#keep(response);
    return response;
  }

  /** Follows redirects at the provider. @returns the answer that leaves it, or its page */
  async go(target: string): Promise<{ response: Response; leaves: URL | null }> {
    let next = target;
    for (let hop = 0; hop < 10; hop += 1) {
      const response = await this.request(next);
      const location = response.headers.get('location');
      if (location === null) return { response, leaves: null };
      const to = new URL(location, this.#op.issuer);
      if (to.origin !== this.#op.issuer) return { response, leaves: to };
      next = to.href;
    }
    throw new Error('redirected for ever');
  }
}

export interface App {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly secret?: string;
}

/** An app that speaks the protocol by hand, so that a test can leave out or change anything. */
export function appOf(op: Server, { clientId, redirectUri, secret }: App) {
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');

  async function post(path: string, body: Record<string, string>): Promise<Response> {
    const authorization =
      secret === undefined ? {} : { authorization: `Basic ${btoa(`${clientId}:${secret}`)}` };
    const form = new URLSearchParams(secret === undefined ? { client_id: clientId, ...body } : body);
    return fetch(`${op.base}${path}`, { method: 'POST', body: form, headers: { ...authorization } });
  }

  return {
    authorizeUrl(more: Record<string, string | undefined> = {}): string {
      const params = {
        client_id: clientId,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: 'openid',
        state: 's',
        nonce: 'n',
        code_challenge: challenge,
        code_challenge_method: 'S256',
        ...more,
      };
      const present = Object.entries(params).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      );
      return `/authorize?${new URLSearchParams(present).toString()}`;
    },

    post,

    redeem: (code: string, more: Record<string, string> = {}) =>
      post('/token', {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
        ...more,
      }),

    refresh: (token: string) => post('/token', { grant_type: 'refresh_token', refresh_token: token }),

    async introspect(token: string): Promise<Record<string, unknown>> {
      return (await (await post('/introspect', { token })).json()) as Record<string, unknown>;
    },

    userinfo: (token: string) =>
      fetch(`${op.base}/userinfo`, { headers: { authorization: `Bearer ${token}` } }),

    /** Signs in and redeems. @throws when no code comes back */
    async signIn(browser: BareBrowser, more: Record<string, string | undefined> = {}): Promise<Tokens> {
      const code = await this.code(browser, more);
      const answer = (await (await this.redeem(code)).json()) as Tokens & { error?: string };
      if (answer.error !== undefined) throw new Error(`no tokens: ${JSON.stringify(answer)}`);
      return answer;
    },

    async code(browser: BareBrowser, more: Record<string, string | undefined> = {}): Promise<string> {
      const { response, leaves } = await browser.go(this.authorizeUrl(more));
      const code = leaves?.searchParams.get('code');
      if (!code) throw new Error(`no code: ${leaves?.href ?? (await response.text())}`);
      return code;
    },
  };
}

export interface Tokens {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token?: string;
  readonly expires_in: number;
  readonly scope: string;
}
