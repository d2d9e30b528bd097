import Router from '@koa/router';
import { DomainError } from '../../src/core/errors.ts';
import { lookCss } from '../../src/console/settings-look.ts';
import { galleryStates } from './gallery.ts';
import { houseOf } from './state.ts';
import type { AppState } from '../../src/http/state.ts';

/** `/__gallery`: every page in every state, from fixtures. Mounted outside production only. */
export function galleryRoutes() {
  const router = new Router<AppState>({ prefix: '/__gallery' });

  router.get('/', (ctx) => ctx.state.render('gallery/index.njk', { states: galleryStates }));

  router.get('/look.css', (ctx) => {
    ctx.type = 'text/css';
    ctx.body = lookCss(ctx.query);
  });

  router.get('/:id', (ctx) => {
    const state = galleryStates.find(({ id }) => id === ctx.params.id);
    if (!state) throw new DomainError('not_found');
    ctx.state.csrfBinding = 'gallery';
    const house = houseOf(state);
    if (house) ctx.state.tenant = house;
    ctx.state.render(state.view, state.data);
  });

  return router;
}
