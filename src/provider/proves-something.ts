import type { KoaContextWithOIDC } from 'oidc-provider';

/**
 * Whether whoever sends this request has proved something by it. The provider's own requests say so by the result of a
 * sign-in or step-up; all others change a session after a proof alone.
 * @param ctx undefined = no request
 */
export function provesSomething(ctx: KoaContextWithOIDC | undefined): boolean {
  if (ctx?.oidc.route === undefined) return true;
  const { result } = ctx.oidc as { result?: { login?: unknown } };
  return result?.login !== undefined;
}

/** Whether this request ends the session of its browser, and not one app's part of it alone. */
export function signsOut(ctx: KoaContextWithOIDC | undefined): boolean {
  return ctx?.oidc.route === 'end_session_confirm' && Boolean(ctx.oidc.params?.logout);
}
