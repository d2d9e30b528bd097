import Router from '@koa/router';
import type { AppState } from '../http/state.ts';
import { readChange } from './change-form.ts';
import { cardOf } from './confirm-routes.ts';
import { goTo, type AccountContext, type Door } from './door-routes.ts';
import { confirmPath } from './goal.ts';
import type { NotMe } from './not-me.ts';
import type { Proofs } from './proofs.ts';

export interface NotMeRoutes {
  readonly door: Door;
  readonly proofs: Pick<Proofs, 'find'>;
  readonly notMe: NotMe;
}

const GOAL = { kind: 'not-me' } as const;
const HOME = '/account/security';
const HERE = `${HOME}/not-me`;

/** C7, "This was not me": says what will happen, does it, and leads to the next sign-in. */
export function notMeRoutes({ door, proofs, notMe }: NotMeRoutes): Router<AppState> {
  const router = new Router<AppState>({ prefix: HERE });

  router.get('/', async (context) => {
    const ctx = context as unknown as AccountContext;
    const visit = await door.enter(ctx);
    if (!visit) return;
    if (!(await proofs.find(visit, GOAL))) return goTo(ctx, confirmPath(GOAL));
    ctx.state.render('security-settings/not-me.njk', {
      ...cardOf(visit),
      cancelHref: `${HOME}/activity`,
      version: visit.account.credVersion,
    });
  });

  router.post('/', ...door.guard, async (context) => {
    const ctx = context as unknown as AccountContext;
    const visit = door.visitOf(ctx);
    const { version } = readChange(ctx.state.form);
    const proof = await proofs.find(visit, GOAL);
    if (!proof) return goTo(ctx, confirmPath(GOAL));
    await notMe({ visit, proof, version });
    goTo(ctx, `${HERE}/done`);
  });

  /** Says the same to everybody: by now nobody is signed in here. */
  router.get('/done', (ctx) => {
    ctx.state.render('security-settings/not-me-done.njk', { who: null, stepsDone: 0, signInHref: HOME });
  });

  return router;
}
