import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { epochSeconds, type Clock } from '../core/clock.ts';
import { MAX_ACCESS_TOKEN_SECONDS } from './client-metadata.ts';
import { signedIn } from './people.ts';

const DAY = 24 * 60 * 60;

/** How long things live; seconds. */
export const LIFETIMES = {
  /** Redeemed within a second by any working app (RFC 6749, 4.1.2). */
  code: 60,
  accessToken: MAX_ACCESS_TOKEN_SECONDS.opaque,
  jwtAccessToken: MAX_ACCESS_TOKEN_SECONDS.jwt,
  idToken: 600,
  pushedRequest: 60,
  /** A refresh token that is not used for this long is over. */
  refreshIdle: 14 * DAY,
  /** No chain of refresh tokens lives longer, however often it rotates (RFC 9700 section 4.14.2). */
  refreshMax: 30 * DAY,
  grant: 90 * DAY,
  /** A grant with less than this left is renewed at its next use, so that it outlives every token made from it. */
  grantRenewal: 45 * DAY,
  /** A session in which nobody is signed in (a sign-out page that was only looked at). */
  anonymousSession: 60 * 60,
} as const;

/** oidc-provider wants whole seconds above zero. */
const atLeastOne = (seconds: number) => Math.max(1, Math.floor(seconds));

/** @param signInSeconds lifetime of one sign-in */
export function createTtl(clock: Clock, signInSeconds: number): NonNullable<Configuration['ttl']> {
  const now = () => epochSeconds(clock());

  /** Seconds until the session of this person must end, whatever happens. */
  function untilSessionEnds(ctx: KoaContextWithOIDC, authTime: number | undefined): number | null {
    const person = signedIn(ctx);
    if (!person || authTime === undefined) return null;
    return authTime + person.tenant.policy.session.maxSeconds - now();
  }

  return {
    AuthorizationCode: LIFETIMES.code,
    AccessToken: (_ctx, token) => {
      const api = token.resourceServer;
      const most = api?.accessTokenFormat === 'jwt' ? LIFETIMES.jwtAccessToken : LIFETIMES.accessToken;
      return Math.min(api?.accessTokenTTL ?? most, most);
    },
    ClientCredentials: (_ctx, token) => {
      const api = token.resourceServer;
      const most = api?.accessTokenFormat === 'jwt' ? LIFETIMES.jwtAccessToken : LIFETIMES.accessToken;
      return Math.min(api?.accessTokenTTL ?? most, most);
    },
    IdToken: LIFETIMES.idToken,
    Interaction: signInSeconds,
    Grant: LIFETIMES.grant,
    RefreshToken: (ctx, token) => {
      const absolute = (token.iiat ?? now()) + LIFETIMES.refreshMax - now();
      const session = token.expiresWithSession ? untilSessionEnds(ctx, token.authTime) : null;
      return atLeastOne(Math.min(LIFETIMES.refreshIdle, absolute, session ?? Infinity));
    },
    Session: (ctx, session) => {
      const idle = signedIn(ctx)?.tenant.policy.session.idleSeconds;
      const left = untilSessionEnds(ctx, session.loginTs);
      if (idle === undefined || left === null) {
        // Who it belongs to was not looked up: its end stays where it was.
        return atLeastOne(session.exp ? session.exp - now() : LIFETIMES.anonymousSession);
      }
      return atLeastOne(Math.min(idle, left));
    },
  };
}
