import type Router from '@koa/router';
import type { Csrf } from '../http/csrf.ts';
import { goTo } from '../http/go-to.ts';
import { createLinkCookie, enterByLink } from '../http/link-cookie.ts';
import { mountRows, openDoor, type Door, type PageContext, type Row } from '../http/rows.ts';
import type { AppState } from '../http/state.ts';
import { clientName } from '../notifications/client-name.ts';
import { INVITATION_DAYS, type InvitationLinks, type OpenInvitation } from './invitation-links.ts';

export interface InvitationRoutes {
  readonly links: InvitationLinks;
  /** Where somebody of this tenant signs in. */
  readonly signInAddress: (who: { readonly tenantId: string; readonly email: string }) => string;
  readonly csrf: Csrf;
  readonly secure: boolean;
}

const HERE = '/invite';
const PASSWORD = `${HERE}/password`;
const COOKIE_SECONDS = INVITATION_DAYS * 24 * 60 * 60;

/**
 * An invitation, and the password that accepts it. Opening the mailed address puts its token into a cookie and
 * spends nothing, in whatever browser, so that mail scanners may open it too (rule mailed-links).
 */
export function invitationRoutes(ports: InvitationRoutes): Router<AppState>[] {
  const { links, signInAddress, csrf, secure } = ports;
  const cookie = createLinkCookie({ name: 'stile_invitation', path: HERE, secure });

  /** @returns null when the request is answered: there is nothing to accept (any more) */
  async function openFor(ctx: PageContext): Promise<OpenInvitation | null> {
    const found = await links.find(cookie.read(ctx));
    if (found.state !== 'dead') ctx.state.tenant = found.tenant;
    if (found.state === 'open') return found;
    ctx.status = 410;
    const signInHref = found.state === 'used' ? signInAddress(found.account) : null;
    ctx.state.render('invitation/closed.njk', { signInHref, stepsDone: 0 });
    return null;
  }

  /** Whoever comes by an invitation that is open. */
  const door: Door<string, OpenInvitation> = {
    prefix: HERE,
    enter: enterByLink(cookie, 'invitation'),
    prove: (_token, _row, ctx) => openFor(ctx),
  };

  function showPassword(ctx: PageContext, { account, rules }: OpenInvitation, problem: string | null): void {
    const { email } = account;
    const { leastLength } = rules;
    ctx.state.render('invitation/password.njk', { email, leastLength, problem, stepsDone: 0 });
  }

  function welcome({ account }: OpenInvitation, ctx: PageContext): void {
    const { name: person, email } = account;
    ctx.state.render('invitation/welcome.njk', { person, email, passwordHref: PASSWORD, stepsDone: 0 });
  }

  async function accept(open: OpenInvitation, ctx: PageContext): Promise<void> {
    const { reference, source } = ctx.state;
    const by = { reference, source, device: clientName(ctx.get('user-agent')) };
    const answer = await links.accept(cookie.read(ctx), ctx.state.form.password ?? '', by);
    if (!answer.ok && answer.refusal !== 'changed') {
      ctx.status = 422;
      return showPassword(ctx, open, answer.refusal);
    }
    if (!answer.ok) return void (await openFor(ctx));
    // The cookie stays until the answer is read: whose page it is, is known by it alone.
    return goTo(ctx, `${HERE}/done`);
  }

  async function done(_anybody: true, ctx: PageContext): Promise<void> {
    const found = await links.find(cookie.read(ctx));
    cookie.write(ctx, null);
    if (found.state !== 'used') return goTo(ctx, '/account/security');
    ctx.state.tenant = found.tenant;
    ctx.state.render('invitation/done.njk', { signInHref: signInAddress(found.account), stepsDone: 0 });
  }

  /** Puts the token where no history and no log keeps it. */
  function keepToken(_anybody: true, ctx: PageContext): void {
    const token = ctx.params.token ?? '';
    const isToken = /^[\w-]{43}$/.test(token);
    cookie.write(ctx, isToken ? token : null, COOKIE_SECONDS);
    goTo(ctx, HERE);
  }

  const rows: Row<OpenInvitation>[] = [
    { method: 'get', path: '', run: welcome },
    { method: 'get', path: '/password', run: (open, ctx) => showPassword(ctx, open, null) },
    { method: 'post', path: '/password', run: accept },
  ];
  const open: Row<true>[] = [
    { method: 'get', path: `${HERE}/done`, run: done },
    { method: 'get', path: `${HERE}/:token`, run: keepToken },
  ];
  return [mountRows({ door, rows, csrf }), mountRows({ door: openDoor, rows: open, csrf })];
}
