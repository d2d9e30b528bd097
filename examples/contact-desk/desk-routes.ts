import { readFileSync } from 'node:fs';
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { AuthorizationResponseError, ResponseBodyError } from 'openid-client';
import { DEMANDS, isDemandId } from './demands.ts';
import type { DeskSession, DeskSessions } from './desk-sessions.ts';
import * as notices from './notices.ts';
import type { Pages } from './pages.ts';
import type { RelyingParty } from './relying-party.ts';
import { isOwnForm } from './web.ts';

const files = [
  { name: 'style.css', type: 'text/css' },
  { name: 'icon.svg', type: 'image/svg+xml' },
].map((file) => ({ ...file, content: readFileSync(new URL(file.name, import.meta.url), 'utf8') }));

export function deskRoutes(options: {
  readonly stile: RelyingParty;
  readonly sessions: DeskSessions;
  readonly pages: Pages;
  readonly url: URL;
}): Middleware {
  const { stile, sessions, pages, url } = options;
  const secure = url.protocol === 'https:';
  // Cookies know no ports: the name keeps clear of Stile and of a second desk on the same host.
  const cookie = secure ? '__Host-contact-desk' : `contact-desk-${url.port}`;
  const router = new Router();

  function keep(ctx: Context, session: DeskSession): DeskSession {
    ctx.cookies.set(cookie, session.id, {
      httpOnly: true,
      sameSite: 'lax',
      secure,
      path: '/',
      overwrite: true,
    });
    return session;
  }
  const current = (ctx: Context) => sessions.find(ctx.cookies.get(cookie));
  const currentOrNew = (ctx: Context) => current(ctx) ?? keep(ctx, sessions.create());

  /** Every form ends in a page that can be reloaded. */
  function goHome(ctx: Context, session: DeskSession, notice: notices.Notice | null): void {
    session.notice = notice;
    ctx.redirect('/');
    ctx.status = 303;
  }

  const ownForm: Middleware = async (ctx, next) => {
    if (isOwnForm(ctx, url)) {
      await next();
    } else {
      ctx.status = 403;
      ctx.body = pages.foreignForm();
    }
  };

  router.get('/', (ctx) => {
    const session = current(ctx);
    ctx.body = pages.home(session?.signIn ?? null, session?.notice ?? null);
    if (session) session.notice = null;
  });

  router.post('/sign-in/:demand', ownForm, async (ctx) => {
    const { demand } = ctx.params;
    if (!isDemandId(demand)) return;
    const { url: stileUrl, pending } = await stile.begin(DEMANDS[demand]);
    sessions.addPending(currentOrNew(ctx), pending);
    ctx.redirect(stileUrl.href);
    ctx.status = 303;
  });

  router.get('/callback', async (ctx) => {
    const session = currentOrNew(ctx);
    const callback = new URL(ctx.url, url);
    const pending = sessions.takePending(session, callback.searchParams.get('state'));
    if (!pending) return goHome(ctx, session, notices.LOST_TRACK);
    const before = session.signIn;
    try {
      const signIn = await stile.finish(callback, pending);
      if (sessions.wasEnded(signIn.claims.sid, pending)) {
        return goHome(ctx, session, notices.SIGNED_OUT_BY_STILE);
      }
      const renewed = keep(ctx, sessions.renew(session));
      renewed.signIn = signIn;
      const silent = pending.demand.id === 'silent' ? notices.STILL_SIGNED_IN : null;
      const changed = before !== null && before.claims.sub !== signIn.claims.sub;
      goHome(ctx, renewed, changed ? notices.SOMEBODY_ELSE : silent);
    } catch (error) {
      if (notices.isAway(error)) throw error;
      if (!(error instanceof AuthorizationResponseError))
        return goHome(ctx, session, notices.brokenNotice(error));
      // Nobody is signed in at Stile any more: then nobody is here either.
      if (pending.demand.id === 'silent' && error.error === 'login_required') session.signIn = null;
      goHome(ctx, session, notices.answerNotice(error));
    }
  });

  router.post('/refresh', ownForm, async (ctx) => {
    const session = currentOrNew(ctx);
    const { signIn } = session;
    if (!signIn) return goHome(ctx, session, null);
    if (signIn.refreshToken === null) return goHome(ctx, session, notices.NO_REFRESH_TOKEN);
    try {
      const renewed = await stile.refresh(signIn, signIn.refreshToken);
      // A logout token may have come in the meantime; it wins.
      if (session.signIn === signIn) session.signIn = renewed;
      goHome(ctx, session, session.signIn === null ? session.notice : notices.NEW_TOKENS);
    } catch (error) {
      if (!(error instanceof ResponseBodyError) || error.error !== 'invalid_grant') throw error;
      session.signIn = null;
      goHome(ctx, session, notices.SIGNED_OUT_BY_STILE);
    }
  });

  router.post('/sign-out', ownForm, async (ctx) => {
    const session = currentOrNew(ctx);
    const { signIn } = session;
    if (!signIn) return goHome(ctx, session, notices.SIGNED_OUT);
    const stileUrl = await stile.signOutUrl(signIn.idToken);
    session.signIn = null;
    ctx.redirect(stileUrl.href);
    ctx.status = 303;
  });

  router.get('/signed-out', (ctx) => {
    const session = currentOrNew(ctx);
    goHome(ctx, session, session.signIn === null ? notices.SIGNED_OUT : null);
  });

  for (const { name, type, content } of files) {
    router.get(`/${name}`, (ctx) => {
      ctx.set('Cache-Control', 'public, max-age=300');
      ctx.type = type;
      ctx.body = content;
    });
  }

  return router.routes() as Middleware;
}
