import type Router from '@koa/router';
import type { Account } from '../accounts/account.ts';
import { refOf } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import type { Csrf } from '../http/csrf.ts';
import type { Devices } from '../http/devices.ts';
import { goTo } from '../http/go-to.ts';
import { createLinkCookie, enterByLink } from '../http/link-cookie.ts';
import { mountRows, openDoor, type Door, type PageContext, type Row } from '../http/rows.ts';
import type { AppState } from '../http/state.ts';
import { clientName } from '../notifications/client-name.ts';
import { LINK_MINUTES, type AskedPurpose, type MailLinks, type OpenLink } from './mail-links.ts';
import { rulesFor, type PasswordReset } from './password-reset.ts';

export interface LinkRoutes {
  readonly links: Pick<MailLinks, 'open'>;
  readonly reset: PasswordReset;
  /** @returns false when somebody has used the link already */
  readonly confirmBrowser: (open: OpenLink, at: { reference: string; source: string }) => Promise<boolean>;
  readonly devices: Devices;
  readonly csrf: Csrf;
  readonly secure: boolean;
  readonly clock: Clock;
}

/** A page behind a link, and what the link has to be for. */
interface LinkRow extends Row<OpenLink> {
  readonly purpose: AskedPurpose;
}

const PAGE = { 'password-reset': '/password/set', 'confirm-browser': '/password/browser' } as const;

/**
 * Where mailed links lead. Opening one puts its token into a cookie and spends nothing, so that mail scanners may open
 * it too; what it is for happens by the form of the page behind it (rule mailed-links).
 */
export function linkRoutes(ports: LinkRoutes): Router<AppState>[] {
  const { links, reset, confirmBrowser, devices, csrf, secure, clock } = ports;
  const cookie = createLinkCookie({ name: 'stile_link', path: '/password', secure });

  /** @returns null when the request is answered: the link does not work (any more) */
  async function openFor(ctx: PageContext, purpose: AskedPurpose): Promise<OpenLink | null> {
    const open = await links.open(cookie.read(ctx));
    if (open?.link.purpose === purpose) {
      ctx.state.tenant = open.tenant;
      return open;
    }
    ctx.status = 410;
    ctx.state.render('password/dead.njk', { purpose, stepsDone: 0 });
    return null;
  }

  /** Whoever comes by a link that works, for the purpose of the row. */
  const door: Door<string, OpenLink, LinkRow> = {
    prefix: '/password',
    enter: enterByLink(cookie, 'mail-link'),
    prove: (_token, { purpose }, ctx) => openFor(ctx, purpose),
  };

  const leastLength = (open: OpenLink) => rulesFor(open, clock()).leastLength;

  function showSet(ctx: PageContext, open: OpenLink, problem: string | null): void {
    const { email } = open.account;
    ctx.state.render('password/set.njk', { email, leastLength: leastLength(open), problem, stepsDone: 0 });
  }

  async function setPassword(open: OpenLink, ctx: PageContext): Promise<void> {
    const { reference, source } = ctx.state;
    const by = { reference, source, device: clientName(ctx.get('user-agent')) };
    const answer = await reset(open, ctx.state.form.password ?? '', by);
    if (!answer.ok && answer.refusal !== 'used') {
      ctx.status = 422;
      return showSet(ctx, open, answer.refusal);
    }
    if (!answer.ok) return void (await openFor(ctx, 'password-reset'));
    cookie.write(ctx, null);
    return goTo(ctx, `/password/done${hasSecond(open.account) ? '?second' : ''}`);
  }

  async function confirm(open: OpenLink, ctx: PageContext): Promise<void> {
    const { reference, source } = ctx.state;
    if (!(await confirmBrowser(open, { reference, source }))) {
      await openFor(ctx, 'confirm-browser');
      return;
    }
    devices.remember(ctx, { ...refOf(open.account), email: open.account.email });
    cookie.write(ctx, null);
    const { signInUid } = open.link;
    const backHref = signInUid === null ? '/account/security' : `/sign-in/${signInUid}/password`;
    ctx.state.render('password/browser-done.njk', { backHref, stepsDone: 0 });
  }

  /** Puts the token where no history and no log keeps it. */
  async function keepToken(_anybody: true, ctx: PageContext): Promise<void> {
    const token = ctx.params.token ?? '';
    const open = /^[\w-]{43}$/.test(token) ? await links.open(token) : null;
    const purpose = open?.link.purpose ?? 'password-reset';
    cookie.write(ctx, open ? token : null, LINK_MINUTES[purpose] * 60);
    goTo(ctx, PAGE[purpose]);
  }

  function done(_anybody: true, ctx: PageContext): void {
    const second = ctx.query.second !== undefined;
    ctx.state.render('password/done.njk', { second, signInHref: '/account/security', stepsDone: 0 });
  }

  const rows: LinkRow[] = [
    { method: 'get', path: '/set', purpose: 'password-reset', run: (open, ctx) => showSet(ctx, open, null) },
    { method: 'post', path: '/set', purpose: 'password-reset', run: setPassword },
    {
      method: 'get',
      path: '/browser',
      purpose: 'confirm-browser',
      run: ({ account: { email } }, ctx) => ctx.state.render('password/browser.njk', { email, stepsDone: 0 }),
    },
    { method: 'post', path: '/browser', purpose: 'confirm-browser', run: confirm },
  ];
  const open: Row<true>[] = [
    { method: 'get', path: '/link/:token', run: keepToken },
    { method: 'get', path: '/password/done', run: done },
  ];
  return [mountRows({ door: openDoor, rows: open, csrf }), mountRows({ door, rows, csrf })];
}

const hasSecond = ({ methodCount }: Account) => methodCount > 0;
