import Router from '@koa/router';
import type { AuditSearch } from '../audit/audit-search.ts';
import type { AppState } from '../http/state.ts';
import { activityOf } from './activity.ts';
import { meOf, type AccountContext, type Door } from './door-routes.ts';
import { momentsOf } from './place-routes.ts';

const HERE = '/account/security/activity';

/** C7 - recent activity. */
export function activityRoutes({ door, search }: { door: Door; search: AuditSearch }): Router<AppState> {
  const router = new Router<AppState>({ prefix: HERE });

  router.get('/', async (context) => {
    const ctx = context as unknown as AccountContext;
    const visit = await door.enter(ctx);
    if (!visit) return;
    const { after } = ctx.query;
    const { happenings, next } = await activityOf(search, visit, typeof after === 'string' ? after : null);
    const moment = momentsOf(visit);
    ctx.state.render('security-settings/activity.njk', {
      me: meOf(visit),
      email: visit.account.email,
      happenings: happenings.map(({ event, method, at }) => ({ event, method, when: moment(at) })),
      newestHref: after === undefined ? null : HERE,
      nextHref: next === null ? null : `${HERE}?after=${encodeURIComponent(next)}`,
    });
  });

  return router;
}
