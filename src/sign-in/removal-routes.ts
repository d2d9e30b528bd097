import Router from '@koa/router';
import type { Context } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { z } from 'zod';
import { tokenDigest } from '../core/random.ts';
import { goTo } from '../http/go-to.ts';
import type { AppState } from '../http/state.ts';

export interface RemovalRoutes {
  /** Lets the session remove methods by the recovery code that it began with; `at` in seconds since the epoch. */
  readonly allow: (proof: {
    tenantId: string;
    accountId: string;
    /** Digest of the id that the session begins with. */
    sessionKey: string;
    credVersion: number;
    at: number;
    /** The app that the person came from. */
    clientId: string;
  }) => Promise<void>;
}

/** What the door has put into the result of a sign-in (`RemovalProof`). */
const wish = z.object({
  login: z.object({ accountId: z.string() }),
  removes: z.object({ tenantId: z.string(), credVersion: z.number(), at: z.number() }),
});

/**
 * "Remove what I lost": once the provider has begun the session, the person goes to their own pages instead of the
 * app, and find the way back to it there. The code that the app would have got is never told to anybody and expires unused.
 */
export function removalRoutes({ allow }: RemovalRoutes): Router<AppState> {
  const router = new Router<AppState>();
  router.get('/authorize/:uid', async (context, next) => {
    await next();
    const ctx = context as unknown as Context & Partial<KoaContextWithOIDC>;
    const { data } = wish.safeParse(ctx.oidc?.result);
    const { session, client } = ctx.oidc ?? {};
    const { accountId } = data?.login ?? {};
    if (!data || !client || accountId === undefined || session?.accountId !== accountId || ctx.status >= 400)
      return;
    const sessionKey = tokenDigest(session.jti);
    await allow({ ...data.removes, accountId, sessionKey, clientId: client.clientId });
    goTo(ctx, '/account/security');
  });
  return router;
}
