import Router from '@koa/router';
import type { AppState } from '../http/state.ts';
import { formatMoment } from '../notifications/mails.ts';
import type { Sessions } from '../provider/sessions.ts';
import { readChange } from './change-form.ts';
import { goTo, meOf, type AccountContext, type Door } from './door-routes.ts';
import { confirmPath } from './goal.ts';
import type { Place } from './live-places.ts';
import type { Places } from './places.ts';
import type { Proofs } from './proofs.ts';
import type { Visit } from './visit.ts';

export interface PlaceRoutes {
  readonly door: Door;
  readonly proofs: Proofs;
  readonly places: Places;
  readonly sessions: Pick<Sessions, 'renew'>;
}

const GOAL = { kind: 'sessions' } as const;
const HERE = '/account/security/sessions';
/** What a page before this one has done; the address says which. */
const SAVED = ['ended', 'ended-others'] as const;

/** @returns how this person reads a moment */
export function momentsOf({ account }: Pick<Visit, 'account'>) {
  const { zoneinfo } = account.claims;
  return (at: Date) => formatMoment(at, typeof zoneinfo === 'string' ? zoneinfo : null);
}

/** C6 - the pages of places. Looking is free; ending one wants a fresh proof. */
export function placeRoutes({ door, proofs, places, sessions }: PlaceRoutes): Router<AppState> {
  const router = new Router<AppState>({ prefix: HERE });

  router.get('/', async (context) => {
    const ctx = context as unknown as AccountContext;
    const visit = await door.enter(ctx);
    if (!visit) return;
    const moment = momentsOf(visit);
    const shown = ({ signedInAt, lastUsedAt, ...place }: Place) => ({
      ...place,
      signedIn: moment(signedInAt),
      used: moment(lastUsedAt),
    });
    ctx.state.render('security-settings/sessions.njk', {
      me: meOf(visit),
      email: visit.account.email,
      saved: SAVED.find((one) => one === ctx.query.saved) ?? null,
      places: (await places.list(visit)).map(shown),
      version: visit.account.credVersion,
    });
  });

  router.post('/end-others', ...door.guard, async (context) => {
    const ctx = context as unknown as AccountContext;
    const visit = door.visitOf(ctx);
    const { version } = readChange(ctx.state.form);
    const proof = await proofs.find(visit, GOAL);
    if (!proof) return goTo(ctx, confirmPath(GOAL));
    await places.endOthers({ visit, proof, version });
    await sessions.renew(ctx);
    goTo(ctx, `${HERE}?saved=ended-others`);
  });

  router.post('/:uid/end', ...door.guard, async (context) => {
    const ctx = context as unknown as AccountContext;
    const visit = door.visitOf(ctx);
    const proof = await proofs.find(visit, GOAL);
    if (!proof) return goTo(ctx, confirmPath(GOAL));
    await places.end({ visit, proof }, ctx.params.uid ?? '');
    goTo(ctx, `${HERE}?saved=ended`);
  });

  return router;
}
