import { formatMoment } from '../notifications/mails.ts';
import { changes, shows, type AccountContext, type AccountRow } from './account-routes.ts';
import { goTo } from '../http/go-to.ts';
import { meOf } from './door-routes.ts';
import type { Place } from './live-places.ts';
import type { Places } from './places.ts';
import type { Renewal } from './renewal-routes.ts';
import type { Visit } from './visit.ts';

export interface PlaceRoutes {
  readonly places: Places;
  readonly sessions: Renewal;
}

const goal = () => ({ kind: 'sessions' }) as const;
const HERE = '/account/security/sessions';
/** What a page before this one has done; the address says which. */
const SAVED = ['ended', 'ended-others'] as const;

/** @returns how this person reads a moment */
export function momentsOf({ account }: Pick<Visit, 'account'>) {
  const { zoneinfo } = account.claims;
  return (at: Date) => formatMoment(at, typeof zoneinfo === 'string' ? zoneinfo : null);
}

/** The pages of places. Looking is free; ending one wants a fresh proof. */
export function placeRows({ places, sessions }: PlaceRoutes): AccountRow[] {
  async function list(visit: Visit, ctx: AccountContext): Promise<void> {
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
  }

  return [
    shows('/security/sessions', list),
    changes('/security/sessions/end-others', goal, async (change, ctx) => {
      await places.endOthers(change);
      await sessions.renew(ctx);
      goTo(ctx, `${HERE}?saved=ended-others`);
    }),
    {
      method: 'post',
      path: '/security/sessions/:uid/end',
      goal,
      async run({ visit, proof }, ctx) {
        if (proof) await places.end({ visit, proof }, ctx.params.uid ?? '');
        goTo(ctx, `${HERE}?saved=ended`);
      },
    },
  ];
}
