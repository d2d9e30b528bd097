import Router from '@koa/router';
import type { AppState } from '../http/state.ts';
import { mountCodePages } from './set-up-code-routes.ts';
import { behindCode, mountEmailPages } from './set-up-email-routes.ts';
import { goOn, type SetUpContext, type SetUpPages, type SetUpPlace } from './set-up-host-routes.ts';
import { mountMethodPages } from './set-up-method-routes.ts';

/** The pages of a set-up: mailed code, recovery codes, choice, proof, name. They are the same wherever they are part of. */
export function setUpRoutes<P extends SetUpPlace>(pages: SetUpPages<P>): Router<AppState> {
  const { host, setUps } = pages;
  const router = new Router<AppState>({ prefix: host.prefix });
  const behind = { ...pages, host: behindCode(pages) };

  router.get('/', async (context) => {
    const ctx = context as unknown as SetUpContext;
    const place = await host.enter(ctx);
    if (place) await host.showStart(ctx, place);
  });

  router.post('/', ...host.guard, async (context) => {
    const ctx = context as unknown as SetUpContext;
    const place = await behind.host.enter(ctx);
    if (place) goOn(ctx, place, await setUps.start(place.whose, place.by));
  });

  mountEmailPages(router, pages);
  mountCodePages(router, behind);
  mountMethodPages(router, behind);
  return router;
}
