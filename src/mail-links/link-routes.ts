import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { Account } from '../accounts/account.ts';
import { refOf } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { tokenDigest } from '../core/random.ts';
import type { Devices } from '../http/devices.ts';
import { form } from '../http/form.ts';
import { createLinkCookie } from '../http/link-cookie.ts';
import type { AppState } from '../http/state.ts';
import { clientName } from '../notifications/client-name.ts';
import type { PasswordContext } from './forgot-routes.ts';
import { LINK_MINUTES, type AskedPurpose, type MailLinks, type OpenLink } from './mail-links.ts';
import { rulesFor, type PasswordReset } from './password-reset.ts';

export interface LinkRoutes {
  readonly links: Pick<MailLinks, 'open'>;
  readonly reset: PasswordReset;
  /** @returns false when somebody has used the link already */
  readonly confirmBrowser: (open: OpenLink, at: { reference: string; source: string }) => Promise<boolean>;
  readonly devices: Devices;
  readonly csrf: Middleware<AppState>;
  readonly secure: boolean;
  readonly clock: Clock;
}

const PAGE = { 'password-reset': '/password/set', 'confirm-browser': '/password/browser' } as const;

const goTo = (ctx: Context, path: string): void => {
  ctx.redirect(path);
  ctx.status = 303;
};

/**
 * Where mailed links lead. Opening one puts its token into a cookie and spends nothing, so that mail scanners may open
 * it too; what it is for happens by the form of the page behind it (rule mailed-links).
 */
export function linkRoutes({ links, reset, confirmBrowser, devices, csrf, secure, clock }: LinkRoutes) {
  const router = new Router<AppState>();
  const cookie = createLinkCookie({ name: 'stile_link', path: '/password', secure });

  /** A form is good for the link that its page was made for. */
  const bind: Middleware<AppState> = (ctx, next) => {
    ctx.state.csrfBinding = `mail-link:${tokenDigest(cookie.read(ctx))}`;
    return next();
  };

  /** @returns null when the request is answered: the link does not work (any more) */
  async function enter(ctx: PasswordContext, purpose: AskedPurpose): Promise<OpenLink | null> {
    const open = await links.open(cookie.read(ctx));
    if (open?.link.purpose === purpose) {
      ctx.state.tenant = open.tenant;
      return open;
    }
    ctx.status = 410;
    ctx.state.render('password/dead.njk', { purpose, stepsDone: 0 });
    return null;
  }

  const leastLength = (open: OpenLink) => rulesFor(open, clock()).leastLength;

  function showSet(ctx: PasswordContext, open: OpenLink, problem: string | null): void {
    const { email } = open.account;
    ctx.state.render('password/set.njk', { email, leastLength: leastLength(open), problem, stepsDone: 0 });
  }

  router.get('/link/:token', async (context) => {
    const ctx = context as unknown as PasswordContext;
    const token = ctx.params.token ?? '';
    const open = /^[\w-]{43}$/.test(token) ? await links.open(token) : null;
    const purpose = open?.link.purpose ?? 'password-reset';
    cookie.write(ctx, open ? token : null, LINK_MINUTES[purpose] * 60);
    goTo(ctx, PAGE[purpose]);
  });

  router.get('/password/set', bind, async (context) => {
    const ctx = context as unknown as PasswordContext;
    const open = await enter(ctx, 'password-reset');
    if (open) showSet(ctx, open, null);
  });

  router.post('/password/set', form as never, bind, csrf as never, async (context) => {
    const ctx = context as unknown as PasswordContext;
    const open = await enter(ctx, 'password-reset');
    if (!open) return;
    const { reference, source } = ctx.state;
    const by = { reference, source, device: clientName(ctx.get('user-agent')) };
    const answer = await reset(open, ctx.state.form.password ?? '', by);
    if (!answer.ok && answer.refusal !== 'used') {
      ctx.status = 422;
      return showSet(ctx, open, answer.refusal);
    }
    if (!answer.ok) return void (await enter(ctx, 'password-reset'));
    cookie.write(ctx, null);
    return goTo(ctx, `/password/done${hasSecond(open.account) ? '?second' : ''}`);
  });

  router.get('/password/done', (ctx) => {
    const second = ctx.query.second !== undefined;
    ctx.state.render('password/done.njk', { second, signInHref: '/account/security', stepsDone: 0 });
  });

  router.get('/password/browser', bind, async (context) => {
    const ctx = context as unknown as PasswordContext;
    const open = await enter(ctx, 'confirm-browser');
    if (open) ctx.state.render('password/browser.njk', { email: open.account.email, stepsDone: 0 });
  });

  router.post('/password/browser', form as never, bind, csrf as never, async (context) => {
    const ctx = context as unknown as PasswordContext;
    const open = await enter(ctx, 'confirm-browser');
    if (!open) return;
    const { reference, source } = ctx.state;
    if (!(await confirmBrowser(open, { reference, source }))) {
      await enter(ctx, 'confirm-browser');
      return;
    }
    devices.remember(ctx, { ...refOf(open.account), email: open.account.email });
    cookie.write(ctx, null);
    const { signInUid } = open.link;
    const backHref = signInUid === null ? '/account/security' : `/sign-in/${signInUid}/password`;
    ctx.state.render('password/browser-done.njk', { backHref, stepsDone: 0 });
  });

  return router;
}

const hasSecond = ({ methodCount }: Account) => methodCount > 0;
