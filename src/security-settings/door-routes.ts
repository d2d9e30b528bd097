import type Router from '@koa/router';
import type { Context } from 'koa';
import { initialsOf } from '../accounts/initials.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { renderErrorPage } from '../http/error-pages.ts';
import type { PageContext } from '../http/rows.ts';
import { goTo } from '../http/go-to.ts';
import type { AppState } from '../http/state.ts';
import { clientName } from '../notifications/client-name.ts';
import { OWN_CALLBACK, OWN_CLIENT_ID, ownSignInAddress } from '../provider/own-client.ts';
import type { CurrentSession, Sessions } from '../provider/sessions.ts';
import { levelOwedAtSignIn } from '../tenants/standing.ts';
import type { Visit } from './visit.ts';

export type AccountContext = PageContext;

/**
 * Where our own pages begin. A sign-in comes back to one of these, never to an address from a request (rule
 * no-open-redirect).
 */
const PLACES = {
  security: '/account/security',
  sessions: '/account/security/sessions',
  activity: '/account/security/activity',
  password: '/account/security/password',
} as const;
type Place = keyof typeof PLACES;

const isPlace = (text: unknown): text is Place => typeof text === 'string' && Object.hasOwn(PLACES, text);
const placeOf = (path: string): Place =>
  (Object.keys(PLACES) as Place[]).find((place) => PLACES[place] === path) ?? 'security';

export interface DoorPorts {
  readonly sessions: Pick<Sessions, 'current'>;
  readonly issuer: URL;
  readonly clock: Clock;
}

export type Door = ReturnType<typeof createDoor>;

/** The visit of whoever has this session; forms of the answer are bound to it. */
export function visitOf(ctx: Context & { state: AppState }, session: CurrentSession): Visit {
  const { uid: sessionUid, key: sessionKey, account, tenant, amr } = session;
  const { reference, source } = ctx.state;
  ctx.state.csrfBinding = sessionUid;
  ctx.state.tenant = tenant;
  const by = { reference, source, device: clientName(ctx.get('user-agent')) };
  return { sessionUid, sessionKey, amr, account, tenant, by };
}

/** What the layout of one's own pages shows of the person. */
export const meOf = ({ account: { name } }: Pick<Visit, 'account'>) => ({
  name,
  initials: initialsOf(name),
  href: PLACES.security,
});

/** Lets in whoever has a session that counts; everybody else signs in first, as at any other app. */
export function createDoor({ sessions, issuer, clock }: DoorPorts) {
  const signInAddress = (place: Place) =>
    ownSignInAddress({ clientId: OWN_CLIENT_ID, callback: OWN_CALLBACK }, issuer, place);

  /** A session from before its owner set something up steps up first: our own pages ask no less than apps do. */
  function isEnough({ account, tenant, level }: CurrentSession): boolean {
    return level >= levelOwedAtSignIn(tenant.policy, account, clock());
  }

  async function look(ctx: AccountContext): Promise<Visit | null> {
    ctx.state.app = { name: 'Security settings', homeHref: PLACES.security };
    const session = await sessions.current(ctx);
    if (!session || !isEnough(session)) return null;
    return visitOf(ctx, session);
  }

  return {
    /**
     * @returns null when the browser was sent to sign in: the request is answered
     * @throws DomainError unauthorized for a form, which no sign-in leads back to
     */
    async enter(ctx: AccountContext): Promise<Visit | null> {
      const visit = await look(ctx);
      if (visit) return visit;
      if (ctx.method === 'POST') throw new DomainError('unauthorized');
      goTo(ctx, signInAddress(placeOf(ctx.path)));
      return null;
    },

    /** Whether the session that a request came with is over by now. */
    isOver: async (ctx: AccountContext): Promise<boolean> => (await sessions.current(ctx)) === null,

    /** Where a sign-in begins for which nothing counts that was proved before. */
    signInAnew: (): string =>
      ownSignInAddress({ clientId: OWN_CLIENT_ID, callback: OWN_CALLBACK }, issuer, 'security', {
        anew: true,
      }),

    /** Where sign-ins come back to. Never sends anybody on to sign in again: that could go round for ever. */
    mount(router: Router<AppState>): void {
      router.get('/account', (ctx) => goTo(ctx, PLACES.security));
      router.get(OWN_CALLBACK, async (context) => {
        const ctx = context as unknown as AccountContext;
        const { state, error } = ctx.query;
        if (await look(ctx)) return goTo(ctx, PLACES[isPlace(state) ? state : 'security']);
        return renderErrorPage(ctx, error === undefined ? 'no-cookies' : 'not-allowed');
      });
    },
  };
}
