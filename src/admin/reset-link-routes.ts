import Router from '@koa/router';
import type { Middleware } from 'koa';
import { DomainError } from '../core/errors.ts';
import { tokenDigest } from '../core/random.ts';
import type { Csrf } from '../http/csrf.ts';
import { form } from '../http/form.ts';
import { createLinkCookie } from '../http/link-cookie.ts';
import type { AppState } from '../http/state.ts';
import type { createResets } from './resets.ts';

export interface ResetLinkRoutes {
  readonly resets: Pick<ReturnType<typeof createResets>, 'cancelByLink' | 'isWaiting'>;
  readonly csrf: Csrf;
  readonly secure: boolean;
}

const HERE = '/two-factor-reset';
/** As long as most resets wait. */
const COOKIE_SECONDS = 24 * 60 * 60;

/**
 * For the person whom a reset is about: the mailed link that stops it. Opening it puts its secret into a cookie and
 * changes nothing, so that mail scanners may open it too (rule mailed-links).
 */
export function resetLinkRoutes({ resets, csrf, secure }: ResetLinkRoutes): Router<AppState> {
  const router = new Router<AppState>({ prefix: HERE });
  const cookie = createLinkCookie({ name: 'stile_reset', path: HERE, secure });

  /** A form is good for the reset that its page was made for. */
  const bind: Middleware<AppState> = (ctx, next) => {
    ctx.state.csrfBinding = `reset-link:${tokenDigest(cookie.read(ctx))}`;
    return next();
  };
  const guard = [form, bind, csrf.middleware] as Middleware<AppState>[];

  router.get('/', bind as never, async (ctx) => {
    if (!(await resets.isWaiting(cookie.read(ctx)))) throw new DomainError('not_found');
    ctx.state.render('two-factor-reset/stop.njk', {});
  });

  router.post('/', ...(guard as never[]), async (ctx) => {
    const { reference, source } = ctx.state;
    await resets.cancelByLink(cookie.read(ctx), { reference, source });
    cookie.write(ctx, null);
    ctx.state.render('two-factor-reset/stopped.njk', {});
  });

  router.get('/:link', async (ctx) => {
    const { link = '' } = ctx.params;
    cookie.write(ctx, (await resets.isWaiting(link)) ? link : null, COOKIE_SECONDS);
    ctx.redirect(HERE);
    ctx.status = 303;
  });
  return router;
}
