import type Router from '@koa/router';
import { DomainError } from '../core/errors.ts';
import type { Csrf } from '../http/csrf.ts';
import { goTo } from '../http/go-to.ts';
import { createLinkCookie, enterByLink } from '../http/link-cookie.ts';
import { asTheyAre, mountRows, openDoor, type Door, type PageContext, type Row } from '../http/rows.ts';
import type { AppState } from '../http/state.ts';
import type { createResets } from './resets.ts';

export interface ResetLinkRoutes {
  readonly resets: Pick<ReturnType<typeof createResets>, 'cancelByLink' | 'isWaiting'>;
  readonly csrf: Csrf;
  readonly secure: boolean;
}

const HERE = '/two-factor-reset';
/** As long as most resets wait. */
const COOKIE_SECONDS = 24 * 60 * 60;

/**
 * For the person whom a reset is about: the mailed link that stops it. Opening it puts its secret into a cookie and
 * changes nothing, so that mail scanners may open it too (rule mailed-links).
 */
export function resetLinkRoutes({ resets, csrf, secure }: ResetLinkRoutes): Router<AppState>[] {
  const cookie = createLinkCookie({ name: 'stile_reset', path: HERE, secure });
  const door: Door<string> = { prefix: HERE, enter: enterByLink(cookie, 'reset-link'), prove: asTheyAre };

  async function ask(link: string, ctx: PageContext): Promise<void> {
    if (!(await resets.isWaiting(link))) throw new DomainError('not_found');
    ctx.state.render('two-factor-reset/stop.njk', {});
  }

  async function stop(link: string, ctx: PageContext): Promise<void> {
    const { reference, source } = ctx.state;
    await resets.cancelByLink(link, { reference, source });
    cookie.write(ctx, null);
    ctx.state.render('two-factor-reset/stopped.njk', {});
  }

  /** Puts the secret where no history and no log keeps it. */
  async function keepSecret(_anybody: true, ctx: PageContext): Promise<void> {
    const { link = '' } = ctx.params;
    cookie.write(ctx, (await resets.isWaiting(link)) ? link : null, COOKIE_SECONDS);
    goTo(ctx, HERE);
  }

  const rows: Row<string>[] = [
    { method: 'get', path: '', run: ask },
    { method: 'post', path: '', run: stop },
  ];
  const open: Row<true>[] = [{ method: 'get', path: `${HERE}/:link`, run: keepSecret }];
  return [mountRows({ door, rows, csrf }), mountRows({ door: openDoor, rows: open, csrf })];
}
