import type Router from '@koa/router';
import { METHOD_IDS } from '../../src/core/method-ids.ts';
import type { Idp } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';

export const FORM = 'application/x-www-form-urlencoded';

/** A body that may be anything, with the headers that make it so. */
export interface RawBody {
  readonly body: string | Buffer;
  readonly headers?: Record<string, string>;
}

/** Every own address of `idp` with `uid` in it; those with a method once for each. */
export function ownRoutes(idp: Idp, uid: string): { method: string; path: string }[] {
  const routers = idp.app.provider().middleware as unknown as { router?: Router }[];
  const layers = routers.flatMap(({ router }) => router?.stack ?? []);
  return layers.flatMap(({ methods, path }) => {
    const filled = String(path).replace(':uid', uid);
    const paths = filled.includes(':method')
      ? METHOD_IDS.map((id) => filled.replace(':method', id))
      : [filled.replaceAll(/:\w+/g, 'x')];
    return paths.flatMap((one) => methods.map((method) => ({ method, path: one })));
  });
}

/** Requests as `browser` makes them in the middle of its sign-in, but for what a test changes about them. */
export function rawRequests(idp: Idp, browser: PageBrowser) {
  const cookie = () => [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');

  const send = (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
    fetch(`${idp.base}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { accept: 'text/html', origin: idp.base, cookie: cookie(), ...init.headers },
    });

  return {
    send,
    post: (path: string, { body, headers }: RawBody) =>
      send(path, {
        method: 'POST',
        body: typeof body === 'string' ? body : new Uint8Array(body),
        headers: { 'content-type': FORM, ...headers },
      }),
    uid: () => browser.url.pathname.split('/')[2] ?? '',
    token: () => browser.page()('input[name=_csrf]').attr('value') ?? '',
  };
}
