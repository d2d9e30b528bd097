import helmet from 'koa-helmet';
import type { Context, Middleware } from 'koa';
import type { AppState } from './state.ts';

/** Everything a page could ask of the machine is off, but for security keys on our own pages. */
const PERMISSIONS = [
  'publickey-credentials-get=(self)',
  'publickey-credentials-create=(self)',
  ...[
    'accelerometer',
    'autoplay',
    'camera',
    'display-capture',
    'encrypted-media',
    'fullscreen',
    'geolocation',
    'gyroscope',
    'hid',
    'identity-credentials-get',
    'idle-detection',
    'magnetometer',
    'microphone',
    'midi',
    'otp-credentials',
    'payment',
    'picture-in-picture',
    'screen-wake-lock',
    'serial',
    'storage-access',
    'usb',
    'xr-spatial-tracking',
  ].map((feature) => `${feature}=()`),
].join(', ');

/** One year. */
const HSTS_SECONDS = 365 * 24 * 60 * 60;

/** @returns the policy of a page whose forms may end at `targets`, besides at our own address */
function contentSecurityPolicy(nonce: string, targets: readonly string[]): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    formAction(targets),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Browsers apply `form-action` to every redirect after a POST too, so the last form of a sign-in lists the app. */
function formAction(targets: readonly string[]): string {
  return ["form-action 'self'", ...new Set(targets)].join(' ');
}

/** Puts the page's targets into the policy as it is now: the provider may have added a script's digest to it. */
function widen(ctx: Context, targets: readonly string[]): void {
  const policy = ctx.response.get('Content-Security-Policy');
  ctx.set('Content-Security-Policy', policy.replace(/form-action [^;]*/, formAction(targets)));
}

/**
 * The headers of every answer, errors and the provider's own pages included. They are set before the provider runs,
 * because it extends the policy that it finds; Koa's last resort, which drops all headers, is never reached while the
 * error pages stand outside of this.
 */
export function securityHeaders({ https }: { https: boolean }): Middleware<AppState>[] {
  const usual = helmet({
    contentSecurityPolicy: false,
    strictTransportSecurity: https ? { maxAge: HSTS_SECONDS, includeSubDomains: true } : false,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    frameguard: { action: 'deny' },
  });
  const own: Middleware<AppState> = async (ctx, next) => {
    ctx.set('Content-Security-Policy', contentSecurityPolicy(ctx.state.nonce, []));
    ctx.set('Permissions-Policy', PERMISSIONS);
    ctx.set('Cache-Control', 'no-store');
    await next();
    if (ctx.state.formTargets.length > 0) widen(ctx, ctx.state.formTargets);
  };
  return [usual as Middleware<AppState>, own];
}
