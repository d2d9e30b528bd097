import type { Middleware } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';

/** Why a protocol page cannot go on, in the words of OAuth; `description` is safe to show. */
export interface ProtocolProblem {
  readonly error: string;
  readonly description: string | undefined;
  readonly cause: Error;
}

/** A form that only carries values on: it submits itself, and has a button for browsers without scripts. */
export interface CarryForm {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** The pages that the provider needs. Each answers on `ctx`; `ctx.status` is set before. */
export interface ProviderPages {
  problem(ctx: KoaContextWithOIDC, problem: ProtocolProblem): Promise<void> | void;
  /** Asks whether to sign out. The form posts `xsrf` and `logout=yes` to `action`. */
  signOut(ctx: KoaContextWithOIDC, form: { action: string; xsrf: string }): Promise<void> | void;
  signedOut(ctx: KoaContextWithOIDC): Promise<void> | void;
  /** Replaces the library's own page of this kind. */
  carry(ctx: KoaContextWithOIDC, form: CarryForm): Promise<void> | void;
}

/** Endpoints that a browser shows; at all others apps read JSON. */
const PAGES = new Set([
  'authorization',
  'resume',
  'end_session',
  'end_session_confirm',
  'end_session_success',
]);

export const isPage = (ctx: KoaContextWithOIDC): boolean => PAGES.has(ctx.oidc.route);

const unescapeHtml = (text: string) =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

/** Reads a page of the library's `form_post.js`; null = it is something else. */
export function readCarryForm(html: unknown): CarryForm | null {
  if (typeof html !== 'string' || !html.includes('<title>Submitting Callback</title>')) return null;
  const action = /<form method="post" action="([^"]*)">/.exec(html)?.[1];
  if (action === undefined) return null;
  const inputs = html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"\/>/g);
  const fields = [...inputs].map(([, name = '', value = '']) => [unescapeHtml(name), unescapeHtml(value)]);
  return { action: unescapeHtml(action), fields: Object.fromEntries(fields) as Record<string, string> };
}

/** Puts our page in the place of the library's self-submitting one (form_post answers, switch of account, sign-out). */
export function carryPages(pages: ProviderPages): Middleware {
  return async (ctx, next) => {
    await next();
    const form = readCarryForm(ctx.body);
    if (!form) return;
    const { status } = ctx;
    await pages.carry(ctx as unknown as KoaContextWithOIDC, form);
    ctx.status = status;
  };
}
