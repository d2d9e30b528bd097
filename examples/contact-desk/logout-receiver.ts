import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import type { Middleware } from 'koa';
import type { DeskSessions } from './desk-sessions.ts';
import type { LogoutToken } from './logout-tokens.ts';
import { isAway, SIGNED_OUT_BY_STILE } from './notices.ts';
import type { RelyingParty } from './relying-party.ts';

const form = bodyParser({ enableTypes: ['form'], formLimit: '16kb' });

/** Where Stile tells the desk that a session is over (OpenID Connect Back-Channel Logout 1.0, 2.5 to 2.8). */
export class LogoutReceiver {
  readonly received: LogoutToken[] = [];
  readonly #stile: RelyingParty;
  readonly #sessions: DeskSessions;

  constructor({ stile, sessions }: { stile: RelyingParty; sessions: DeskSessions }) {
    this.#stile = stile;
    this.#sessions = sessions;
  }

  routes(): Middleware {
    const router = new Router();
    router.post('/backchannel-logout', form, async (ctx) => {
      const { logout_token: token } = (ctx.request.body ?? {}) as Record<string, unknown>;
      try {
        if (typeof token !== 'string') throw new Error('there is no logout_token');
        const logout = await this.#stile.readLogoutToken(token);
        this.received.push(logout);
        this.#sessions.endAt(logout, SIGNED_OUT_BY_STILE);
        ctx.status = 200;
        ctx.body = '';
      } catch (error) {
        // Stile tries again later after a 5xx; a token that is wrong stays wrong.
        ctx.status = isAway(error) ? 503 : 400;
        ctx.body = {
          error: 'invalid_request',
          error_description: error instanceof Error ? error.message : '',
        };
      }
    });
    return router.routes() as Middleware;
  }
}
