import type { Context, Middleware } from 'koa';
import { errors as providerErrors } from 'oidc-provider';
import { DomainError, type ErrorCode } from '../core/errors.ts';
import { ERROR_STATUS, KIND_OF, type ErrorKind } from './error-kinds.ts';
import type { AppState } from './state.ts';

/** What an error page or a problem document says besides its kind. All optional: the page knows what to leave out. */
export interface ErrorFacts {
  readonly status?: number;
  /** Stable name for programs; default: the kind. */
  readonly code?: string;
  /** Seconds until the same thing can work. */
  readonly retryAfterSeconds?: number | undefined;
  readonly backHref?: string | null;
  readonly appName?: string | null;
  /** For developers: safe to show, no secrets, no address of a person. */
  readonly detail?: string | null | undefined;
}

/** Seconds to wait when nothing more is known. */
const DEFAULT_RETRY = 2;

const wantsJson = (ctx: Context) => ctx.path.startsWith('/api/') || ctx.accepts('html', 'json') === 'json';

/**
 * Answers with the page of `kind`, or with a problem document (RFC 9457) for programs: status, reference, one next
 * step. The same page serves our own middleware and the provider's error hook.
 */
export function renderErrorPage(ctx: Context, kind: ErrorKind, facts: ErrorFacts = {}): void {
  const state = ctx.state as AppState;
  ctx.status = facts.status ?? ERROR_STATUS[kind];
  ctx.set('Cache-Control', 'no-store');
  const wait = facts.retryAfterSeconds ?? (ctx.status === 503 ? DEFAULT_RETRY : undefined);
  if (wait !== undefined) ctx.set('Retry-After', String(Math.max(1, Math.ceil(wait))));
  if (wantsJson(ctx)) {
    ctx.body = {
      type: 'about:blank',
      status: ctx.status,
      code: facts.code ?? kind.replaceAll('-', '_'),
      reference: state.reference,
      ...(facts.detail ? { detail: facts.detail } : {}),
    };
    ctx.type = 'application/problem+json';
    return;
  }
  state.render('errors/page.njk', {
    kind,
    reference: state.reference,
    backHref: facts.backHref ?? state.app?.homeHref ?? null,
    appName: facts.appName ?? state.app?.name ?? null,
    minutes: wait === undefined ? null : Math.max(1, Math.ceil(wait / 60)),
    detail: facts.detail ?? null,
  });
}

/** Statuses of errors that Koa, the router and the parsers throw, as our own codes. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_request',
  404: 'not_found',
  405: 'not_found',
  413: 'body_too_large',
  415: 'bad_request',
};

/** @returns the rule that was broken; null = our own fault */
function ruleOf(error: unknown, isDatabaseAway: (error: unknown) => boolean): DomainError | null {
  if (error instanceof DomainError) return error;
  if (isDatabaseAway(error)) return new DomainError('unavailable', { cause: error });
  if (error instanceof providerErrors.SessionNotFound)
    return new DomainError('sign_in_expired', { cause: error });
  if (error instanceof URIError) return new DomainError('bad_request', { cause: error });
  const status =
    error instanceof Error && 'expose' in error && error.expose && 'status' in error && error.status;
  const code = typeof status === 'number' ? CODE_OF_STATUS[status] : undefined;
  return code ? new DomainError(code, { cause: error }) : null;
}

/**
 * Turns whatever is thrown into a page with one next step and a reference. Nothing of an unknown error reaches the
 * answer; the log has it under the reference.
 * @param isDatabaseAway tells an outage from a fault (`src/storage/database.ts`)
 */
export function errorPages(ports: { isDatabaseAway: (error: unknown) => boolean }): Middleware<AppState> {
  return async (ctx, next) => {
    try {
      await next();
      const nobodyAnswered = ctx.status === 404 && (ctx.body === undefined || ctx.body === null);
      if (nobodyAnswered) renderErrorPage(ctx, 'not-found');
    } catch (error) {
      if (ctx.headerSent) throw error;
      const rule = ruleOf(error, ports.isDatabaseAway);
      ctx.state.log[rule ? 'info' : 'error']({ err: rule ?? error }, rule ? 'refused' : 'fault');
      if (!rule) return renderErrorPage(ctx, 'fault', { code: 'fault' });
      const { code, detail, retryAfterSeconds } = rule;
      renderErrorPage(ctx, KIND_OF[code], { code, detail, retryAfterSeconds });
    }
  };
}
