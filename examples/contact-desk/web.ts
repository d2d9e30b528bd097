import helmet from 'koa-helmet';
import type { Context, Middleware } from 'koa';
import { brokenNotice, isAway } from './notices.ts';
import type { Pages } from './pages.ts';

/** Seconds after which it is worth to ask again when Stile is away. */
const RETRY_AFTER = 5;

/**
 * @param issuer sign-in and sign-out are forms whose answer leads there, and browsers hold the whole way of a form
 *   against `form-action`
 */
export function securityHeaders({ issuer, url }: { issuer: URL; url: URL }): Middleware {
  const headers = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        formAction: ["'self'", issuer.origin],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: url.protocol === 'https:',
  });
  return async (ctx, next) => {
    ctx.set('Cache-Control', 'no-store');
    await headers(ctx, next);
  };
}

/** Whether a form was sent by the desk's own pages. Old browsers send `Origin` alone. */
export function isOwnForm(ctx: Context, url: URL): boolean {
  const site = ctx.get('Sec-Fetch-Site');
  return site === '' ? ctx.get('Origin') === url.origin : site === 'same-origin';
}

/** Turns whatever went wrong into a page with one next step. */
export function problemPages(pages: Pages): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (isAway(error)) {
        ctx.status = 503;
        ctx.set('Retry-After', String(RETRY_AFTER));
        ctx.body = pages.away();
        return;
      }
      console.error(error);
      ctx.status = 500;
      ctx.body = pages.problem(brokenNotice(error));
      return;
    }
    if (ctx.status === 404 && !ctx.body) {
      ctx.body = pages.notFound();
      ctx.status = 404;
    }
  };
}
