import type { KoaContextWithOIDC } from 'oidc-provider';
import type { LogoutSender } from './logout-sender.ts';

/**
 * Drops a session that does not count any more, as soon as a sign-in begins in its browser: what is proved then begins
 * another one, and no sign-in hangs on one that is tidied up meanwhile. Nothing happens where no page is shown.
 * @param tell whether its apps are told. They are told first: once it is gone nobody knows of them any more
 */
export async function dropSession(ctx: KoaContextWithOIDC, tell: boolean): Promise<void> {
  const { session, provider } = ctx.oidc;
  if (!session?.accountId || ctx.oidc.promptPending('none')) return;
  const { accountId, authorizations = {} } = session;
  const owing = Object.entries(authorizations).map(async ([clientId, { sid }]) => {
    const client = tell && sid !== undefined ? await provider.Client.find(clientId) : undefined;
    if (!client?.backchannelLogoutUri || sid === undefined) return;
    await (client as unknown as LogoutSender).backchannelLogout(accountId, sid);
  });
  await Promise.all(owing);
  await session.destroy();
  // The library binds the sign-in to whoever the session is of.
  Reflect.deleteProperty(session, 'accountId');
}
