import type Koa from 'koa';
import { pino, type DestinationStream, type Logger } from 'pino';
import { systemRandom, type Random } from '../core/random.ts';
import { safeError } from './safe-error.ts';
import type { AppState } from './state.ts';

/**
 * Names under which a secret could ever be handed to the log. A second net: nothing of a request's body, query or
 * headers is logged in the first place.
 */
const SECRET_NAMES = [
  'password',
  'newPassword',
  'currentPassword',
  'passwordHash',
  'phc',
  'secret',
  'sealedSecret',
  'client_secret',
  'clientSecret',
  'code',
  'codes',
  'recoveryCodes',
  'token',
  'access_token',
  'refresh_token',
  'id_token',
  'logout_token',
  'id_token_hint',
  'code_verifier',
  'response',
  '_csrf',
  'cookie',
  'cookies',
  'authorization',
  'set-cookie',
  'form',
  'body',
  'email',
];

const path = (prefix: string, name: string) =>
  /^[\w$]+$/.test(name) ? `${prefix}${name}` : `${prefix}["${name}"]`;

const redact = {
  paths: SECRET_NAMES.flatMap((name) => [path('', name), path('*.', name), path('*.*.', name)]).map((one) =>
    one.replace(/\.\[/, '['),
  ),
  censor: '[removed]',
};

/**
 * The log of the process: one JSON object a line.
 * @param destination absent = standard output
 */
export function createLogger(options: { level: string; destination?: DestinationStream }): Logger {
  const settings = {
    level: options.level,
    base: null,
    redact,
    serializers: { err: safeError, error: safeError, cause: safeError },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}

/** What a request is counted as; see `Metrics.request`. */
export type CountRequest = (request: {
  method: string;
  route: string;
  status: number;
  seconds: number;
}) => void;

/** Without letters and digits that look alike, because people read it out on the telephone. */
const REFERENCE_SYMBOLS = '23456789abcdefghjkmnpqrstuvwxyz'.slice(0, 30);

/** @returns 8 symbols of 30: what names a request on the page, in the log and in the audit log */
export function makeReference(random: Random = systemRandom): string {
  return Array.from(random(8), (byte) => REFERENCE_SYMBOLS[byte % REFERENCE_SYMBOLS.length]).join('');
}

/** Segments of a path that may be an id or a secret are not logged. */
const looksLikeAnId = (segment: string) => segment.length >= 16 || /[^\w.~-]/.test(segment);

/** @returns the path without query, with everything replaced that could name or open something */
export function safePath(rawPath: string): string {
  const segments = rawPath.split('/').map((segment) => (looksLikeAnId(segment) ? ':id' : segment));
  return segments.join('/').slice(0, 120);
}

/** The pattern of the route that answered: ours by the router, the provider's by its name. */
function routeOf(ctx: Koa.Context): string | null {
  const { _matchedRoute: own, oidc } = ctx as { _matchedRoute?: unknown; oidc?: { route?: unknown } };
  if (typeof own === 'string') return own;
  return typeof oidc?.route === 'string' ? oidc.route : null;
}

/** Methods that get a series of their own. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Names each request and logs how it ended: method, route (or path without query), status, time. Outermost, so that it
 * sees what the error pages made of an error. Own middleware: the ready-made loggers write address, query and
 * headers unless each is switched off, and cannot know the route.
 */
export function requestLog({ log, count }: { log: Logger; count?: CountRequest }): Koa.Middleware<AppState> {
  return async (ctx, next) => {
    const started = performance.now();
    const reference = makeReference();
    ctx.state.reference = reference;
    ctx.state.log = log.child({ reference });
    let status = 500;
    try {
      await next();
      status = ctx.status;
    } finally {
      const ms = Math.round((performance.now() - started) * 10) / 10;
      const route = routeOf(ctx);
      const place = route === null ? { path: safePath(ctx.path) } : { route };
      const level = status >= 500 ? 'error' : 'info';
      ctx.state.log[level]({ method: ctx.method, ...place, status, ms }, 'request');
      const method = METHODS.has(ctx.method) ? ctx.method : 'other';
      count?.({ method, route: route ?? 'unmatched', status, seconds: ms / 1000 });
    }
  };
}
