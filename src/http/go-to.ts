import type { Context } from 'koa';

/** Sends the browser to another page, which it gets whatever the request was (RFC 9110, section 15.4.4). */
export function goTo(ctx: Pick<Context, 'redirect' | 'status'>, path: string): void {
  ctx.redirect(path);
  ctx.status = 303;
}
