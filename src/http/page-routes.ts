import Router from '@koa/router';
import type { House } from './brand.ts';
import type { AppState } from './state.ts';

/** Pages that every footer leads to. `?tenant=` names whose people ask; anybody may. */
export function pageRoutes(tenants: { find(tenantId: string): Promise<House | null> }) {
  const router = new Router<AppState>();
  router.get('/help', async (ctx) => {
    const { tenant: slug } = ctx.query;
    const tenant = typeof slug === 'string' && slug.length <= 64 ? await tenants.find(slug) : null;
    if (tenant) ctx.state.tenant = tenant;
    const { contact = null, helpUrl = null } = tenant?.branding ?? {};
    ctx.state.render('pages/help.njk', { contact, helpUrl });
  });
  router.get('/privacy', (ctx) => ctx.state.render('pages/privacy.njk', {}));
  return router;
}
