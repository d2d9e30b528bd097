import Router from '@koa/router';
import type { Middleware } from 'koa';
import { DomainError } from '../core/errors.ts';
import type { Csrf } from '../http/csrf.ts';
import { form } from '../http/form.ts';
import type { AppState } from '../http/state.ts';
import type { createResets } from './resets.ts';

export interface ResetLinkRoutes {
  readonly resets: Pick<ReturnType<typeof createResets>, 'cancelByLink' | 'isWaiting'>;
  readonly csrf: Csrf;
}

/** M4 for the person it is about: the mailed link by which a reset is stopped. Opening it changes nothing. */
export function resetLinkRoutes({ resets, csrf }: ResetLinkRoutes): Router<AppState> {
  const router = new Router<AppState>({ prefix: '/two-factor-reset/:reset' });
  const bind: Middleware<AppState> = (ctx, next) => {
    ctx.state.csrfBinding = ctx.path;
    return next();
  };
  const guard = [form, bind, csrf.middleware] as Middleware<AppState>[];

  router.get('/', bind as never, async (ctx) => {
    if (!(await resets.isWaiting(ctx.params.reset ?? ''))) throw new DomainError('not_found');
    ctx.state.render('two-factor-reset/stop.njk', {});
  });

  router.post('/', ...(guard as never[]), async (ctx) => {
    const { reference, source } = ctx.state;
    await resets.cancelByLink((ctx.params as { reset?: string }).reset ?? '', { reference, source });
    ctx.state.render('two-factor-reset/stopped.njk', {});
  });
  return router;
}
