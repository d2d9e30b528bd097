import type { Context } from 'koa';
import { tokenDigest } from '../core/random.ts';
import type { PageContext } from './rows.ts';

export interface LinkCookieOptions {
  /** Without the prefix that browsers know. */
  readonly name: string;
  /** The pages that read it. */
  readonly path: string;
  readonly secure: boolean;
}

/** Holds the token of a mailed link in place of the address, which histories and logs keep (rule mailed-links). */
export function createLinkCookie({ name: bare, path, secure }: LinkCookieOptions) {
  const name = secure ? `__Secure-${bare}` : bare;
  const options = { httpOnly: true, secure, sameSite: 'lax', path, signed: false } as const;
  return {
    /** @returns empty when there is none */
    read: (ctx: Context): string => ctx.cookies.get(name) ?? '',
    /** @param token null = takes it away; @param seconds how long it is kept */
    write(ctx: Context, token: string | null, seconds = 0): void {
      if (secure) ctx.cookies.secure = true; // TLS may end at a proxy before us
      ctx.cookies.set(name, token, { ...options, ...(token === null ? {} : { maxAge: seconds * 1000 }) });
    },
  };
}

export type LinkCookie = ReturnType<typeof createLinkCookie>;

/** Whoever comes by a mailed link, with its token. A form is good for the link that its page was made for. */
export const enterByLink = (cookie: LinkCookie, purpose: string) =>
  function enter(ctx: PageContext): Promise<string> {
    const token = cookie.read(ctx);
    ctx.state.csrfBinding = `${purpose}:${tokenDigest(token)}`;
    return Promise.resolve(token);
  };
