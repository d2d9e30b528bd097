import type Router from '@koa/router';
import type { AppState } from '../http/state.ts';
import { asks, changes, type AccountRow } from './account-routes.ts';
import { cardOf } from './confirm-routes.ts';
import { goTo } from '../http/go-to.ts';
import type { NotMe } from './not-me.ts';

const goal = () => ({ kind: 'not-me' }) as const;
const HOME = '/account/security';

/** "This was not me": says what will happen, does it, and leads to the next sign-in. */
export const notMeRows = (notMe: NotMe): AccountRow[] => [
  asks('/security/not-me', goal, (visit, ctx) => {
    const { credVersion: version } = visit.account;
    ctx.state.render('security-settings/not-me.njk', {
      ...cardOf(visit),
      cancelHref: `${HOME}/activity`,
      version,
    });
  }),
  changes('/security/not-me', goal, async (change, ctx) => {
    await notMe(change);
    goTo(ctx, `${HOME}/not-me/done`);
  }),
];

/** Says the same to everybody: by now nobody is signed in here. */
export function mountNotMeDone(router: Router<AppState>): void {
  router.get(`${HOME}/not-me/done`, (ctx) => {
    ctx.state.render('security-settings/not-me-done.njk', { who: null, stepsDone: 0, signInHref: HOME });
  });
}
