import type Koa from 'koa';

/**
 * Makes the application believe that it is at `issuer`, whatever `Host` and `X-Forwarded-*` say: the library builds
 * every address from the request, and cookies are `Secure` if and only if the issuer is https (rule own-address).
 * What the request really said is still in `ctx.req.headers`.
 */
export function standAt(app: Koa, issuer: URL): void {
  const fixed = (get: (this: { originalUrl: string; url: string }) => unknown) => ({
    get,
    configurable: true,
  });
  Object.defineProperties(app.request, {
    protocol: fixed(() => issuer.protocol.slice(0, -1)),
    secure: fixed(() => issuer.protocol === 'https:'),
    host: fixed(() => issuer.host),
    hostname: fixed(() => issuer.hostname),
    origin: fixed(() => issuer.origin),
    href: fixed(function () {
      const { pathname, search } = new URL(this.originalUrl, issuer);
      return `${issuer.origin}${pathname}${search}`;
    }),
  });
}
