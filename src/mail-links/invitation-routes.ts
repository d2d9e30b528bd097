import Router from '@koa/router';
import type { Middleware } from 'koa';
import { tokenDigest } from '../core/random.ts';
import { form } from '../http/form.ts';
import { createLinkCookie } from '../http/link-cookie.ts';
import type { AppState } from '../http/state.ts';
import { clientName } from '../notifications/client-name.ts';
import type { PasswordContext } from './forgot-routes.ts';
import { INVITATION_DAYS, type InvitationLinks, type OpenInvitation } from './invitation-links.ts';

export interface InvitationRoutes {
  readonly links: InvitationLinks;
  /** Where somebody of this tenant signs in. */
  readonly signInAddress: (who: { readonly tenantId: string; readonly email: string }) => string;
  readonly csrf: Middleware<AppState>;
  readonly secure: boolean;
}

const HERE = '/invite';
const PASSWORD = `${HERE}/password`;
const COOKIE_SECONDS = INVITATION_DAYS * 24 * 60 * 60;

function goTo(ctx: PasswordContext, path: string): void {
  ctx.redirect(path);
  ctx.status = 303;
}

/**
 * An invitation, and the password that accepts it. Opening the mailed address puts its token into a cookie and
 * spends nothing, in whatever browser, so that mail scanners may open it too (rule mailed-links).
 */
export function invitationRoutes({ links, signInAddress, csrf, secure }: InvitationRoutes): Router<AppState> {
  const router = new Router<AppState>({ prefix: HERE });
  const cookie = createLinkCookie({ name: 'stile_invitation', path: HERE, secure });

  /** A form is good for the invitation that its page was made for. */
  const bind: Middleware<AppState> = (ctx, next) => {
    ctx.state.csrfBinding = `invitation:${tokenDigest(cookie.read(ctx))}`;
    return next();
  };

  /** @returns null when the request is answered: there is nothing to accept (any more) */
  async function enter(ctx: PasswordContext): Promise<OpenInvitation | null> {
    const found = await links.find(cookie.read(ctx));
    if (found.state !== 'dead') ctx.state.tenant = found.tenant;
    if (found.state === 'open') return found;
    ctx.status = 410;
    const signInHref = found.state === 'used' ? signInAddress(found.account) : null;
    ctx.state.render('invitation/closed.njk', { signInHref, stepsDone: 0 });
    return null;
  }

  function showPassword(
    ctx: PasswordContext,
    { account, rules }: OpenInvitation,
    problem: string | null,
  ): void {
    const { email } = account;
    const { leastLength } = rules;
    ctx.state.render('invitation/password.njk', { email, leastLength, problem, stepsDone: 0 });
  }

  router.get('/', bind, async (context) => {
    const ctx = context as unknown as PasswordContext;
    const open = await enter(ctx);
    if (!open) return;
    const { name: person, email } = open.account;
    ctx.state.render('invitation/welcome.njk', { person, email, passwordHref: PASSWORD, stepsDone: 0 });
  });

  router.get('/password', bind, async (context) => {
    const ctx = context as unknown as PasswordContext;
    const open = await enter(ctx);
    if (open) showPassword(ctx, open, null);
  });

  router.post('/password', form as never, bind, csrf as never, async (context) => {
    const ctx = context as unknown as PasswordContext;
    const open = await enter(ctx);
    if (!open) return;
    const { reference, source } = ctx.state;
    const by = { reference, source, device: clientName(ctx.get('user-agent')) };
    const answer = await links.accept(cookie.read(ctx), ctx.state.form.password ?? '', by);
    if (!answer.ok && answer.refusal !== 'changed') {
      ctx.status = 422;
      return showPassword(ctx, open, answer.refusal);
    }
    if (!answer.ok) return void (await enter(ctx));
    // The cookie stays until the answer is read: whose page it is, is known by it alone.
    return goTo(ctx, `${HERE}/done`);
  });

  router.get('/done', async (context) => {
    const ctx = context as unknown as PasswordContext;
    const found = await links.find(cookie.read(ctx));
    cookie.write(ctx, null);
    if (found.state !== 'used') return goTo(ctx, '/account/security');
    ctx.state.tenant = found.tenant;
    ctx.state.render('invitation/done.njk', { signInHref: signInAddress(found.account), stepsDone: 0 });
  });

  router.get('/:token', async (context) => {
    const ctx = context as unknown as PasswordContext;
    const token = ctx.params.token ?? '';
    const isToken = /^[\w-]{43}$/.test(token);
    cookie.write(ctx, isToken ? token : null, COOKIE_SECONDS);
    goTo(ctx, HERE);
  });

  return router;
}
