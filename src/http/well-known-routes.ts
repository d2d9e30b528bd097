import Router from '@koa/router';
import type { Clock } from '../core/clock.ts';
import { goTo } from './go-to.ts';
import type { AppState } from './state.ts';

/** How long security.txt is good for from the moment it is read (RFC 9116 section 2.5.5: less than a year); days. */
const EXPIRES_DAYS = 180;

/** Addresses that machines look for: security contact, and what password managers probe. */
export function wellKnownRoutes({ issuer, clock }: { issuer: URL; clock: Clock }) {
  const router = new Router<AppState>({ prefix: '/.well-known' });

  // The date moves with the day of reading, so that the file never lapses while somebody looks after us.
  router.get('/security.txt', (ctx) => {
    const expires = new Date(clock().getTime() + EXPIRES_DAYS * 86_400_000);
    expires.setUTCHours(0, 0, 0, 0);
    ctx.type = 'text/plain; charset=utf-8';
    ctx.body = [
      // Weaknesses are reported to the installation's own host.
      `Contact: mailto:security@${issuer.hostname}`,
      `Expires: ${expires.toISOString()}`,
      'Preferred-Languages: en',
      `Canonical: ${new URL('/.well-known/security.txt', issuer).href}`,
      '',
    ].join('\n');
  });

  // The page itself must not be here (W3C: A Well-Known URL for Changing Passwords, section 3).
  router.get('/change-password', (ctx) => {
    goTo(ctx, '/account/security/password');
  });

  return router;
}
