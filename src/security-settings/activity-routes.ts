import type { AuditSearch } from '../audit/audit-search.ts';
import { shows, type AccountRow } from './account-routes.ts';
import { activityOf } from './activity.ts';
import { meOf } from './door-routes.ts';
import { momentsOf } from './place-routes.ts';

const HERE = '/account/security/activity';

/** Recent activity. */
export const activityRows = (search: AuditSearch): AccountRow[] => [
  shows('/security/activity', async (visit, ctx) => {
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
  }),
];
