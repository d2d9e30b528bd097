import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import { DomainError } from '../core/errors.ts';
import type { AppState } from './state.ts';

/** The form field and, for scripts, the header that carry the token. */
export const CSRF_FIELD = '_csrf';
export const CSRF_HEADER = 'x-csrf-token';

export interface Csrf {
  /** @returns the token of everything that is bound to `binding`: a sign-in's uid or a session's uid */
  token(binding: string): string;
  /** Runs after `form`; the route has set `ctx.state.csrfBinding` before. */
  readonly middleware: Middleware<AppState>;
}

/**
 * A request that our own page made. Current browsers say so in `Sec-Fetch-Site`; older ones name at least the origin.
 * Neither = not a browser of ours, or somebody hides where it comes from.
 */
function comesFromUs(ctx: Context, origin: string): boolean {
  const site = ctx.get('Sec-Fetch-Site');
  if (site !== '') return site === 'same-origin';
  return ctx.get('Origin') === origin;
}

/**
 * Refuses changes that another site makes in a person's name: where the request comes from, and
 * always a token that only our page for this very sign-in or session holds.
 * @param key used for nothing else
 * @param origin our own, from the settings
 */
export function createCsrf({ key, origin }: { key: Buffer; origin: string }): Csrf {
  const secret = createSecretKey(key);
  const digest = (binding: string) => createHmac('sha256', secret).update(`csrf1|${binding}`).digest();
  return {
    token: (binding) => digest(binding).toString('base64url'),
    middleware: (ctx, next) => {
      const { csrfBinding: binding, form } = ctx.state;
      if (binding === undefined) throw new Error('csrf: the route sets no csrfBinding');
      const given = Buffer.from(form?.[CSRF_FIELD] ?? ctx.get(CSRF_HEADER), 'base64url');
      const expected = digest(binding);
      const known = given.length === expected.length && timingSafeEqual(given, expected);
      if (!known || !comesFromUs(ctx, origin)) throw new DomainError('foreign_request');
      return next();
    },
  };
}
