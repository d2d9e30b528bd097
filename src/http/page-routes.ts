import Router from '@koa/router';
import type { AppState } from './state.ts';

/** Pages that every footer leads to. */
export function pageRoutes() {
  const router = new Router<AppState>();
  router.get('/help', (ctx) => ctx.state.render('pages/help.njk', {}));
  router.get('/privacy', (ctx) => ctx.state.render('pages/privacy.njk', {}));
  return router;
}
