import type { Context, Middleware } from 'koa';
import { DomainError } from '../core/errors.ts';
import { renderErrorPage } from './error-pages.ts';

/** Methods that no route of ours or of the provider answers. CONNECT never gets here: Node closes it. */
const REFUSED_METHODS = new Set(['TRACE', 'TRACK']);

/** @returns every Host header of the request; Node itself keeps the first alone */
function hostsOf(ctx: Context): string[] {
  const { rawHeaders } = ctx.req;
  const hosts: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts.push(rawHeaders[i + 1] ?? '');
  }
  return hosts;
}

/**
 * Answers only requests that are meant for us: exactly one Host header, and it names our own address (rule own-address;
 * RFC 9112 section 3.2). Others get 421 and the right address (RFC 9110 section 15.5.20).
 */
export function ownHostOnly(issuer: URL): Middleware {
  const ours = issuer.host.toLowerCase();
  return async (ctx, next) => {
    if (REFUSED_METHODS.has(ctx.method)) {
      ctx.set('Allow', 'GET, HEAD, POST');
      return renderErrorPage(ctx, 'not-found', { status: 405 });
    }
    // The absolute form of a target (`GET http://other/ HTTP/1.1`) would name a second host.
    if (!ctx.req.url?.startsWith('/')) throw new DomainError('bad_request');
    const hosts = hostsOf(ctx);
    if (hosts.length !== 1)
      throw new DomainError('bad_request', { detail: 'There must be one Host header.' });
    if (hosts[0]?.toLowerCase() !== ours)
      return renderErrorPage(ctx, 'wrong-address', { backHref: issuer.href });
    return next();
  };
}
