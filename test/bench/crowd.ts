import { randomId, randomToken } from '../../src/core/random.ts';
import type { Idp } from '../support/idp.ts';
import { APP } from './app.ts';
import { atOnce } from './at-once.ts';

/** Accounts in one insert. */
const BATCH = 1000;
const HOUR_SECONDS = 3600;

/** Fills a tenant with people who hold a password alone, past the stores: one by one a million takes an hour. */
export async function fillUp(idp: Idp, tenantId: string, total: number): Promise<void> {
  const accounts = idp.database.connection.collection('accounts');
  const { account } = await idp.addPerson(`model@${tenantId}.example`);
  const model = await accounts.findOne({ email: account.email });
  for (let from = await accounts.countDocuments(); from < total; from += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, total - from) }, (_, i) => ({
      ...model,
      _id: randomId() as never,
      email: `crowd-${from + i}@${tenantId}.example`,
      userHandle: randomId(),
    }));
    await accounts.insertMany(rows, { ordered: false });
  }
}

/**
 * Signs `count` of the crowd in with a password: each gets a session, a grant and a refresh token, as an app would.
 * @returns the last of their ids
 */
export async function signInCrowd(idp: Idp, tenantId: string, count: number): Promise<string> {
  const accounts = idp.database.connection.collection('accounts');
  const crowd = await accounts
    .find({ tenantId, methodCount: 0 }, { projection: { _id: 1 } })
    .limit(count)
    .toArray();
  const { adapter } = idp.app.stores.provider;
  const now = Math.floor(Date.now() / 1000);
  const kept = { iat: now, exp: now + 8 * HOUR_SECONDS };
  const proof = { acr: 'urn:stile:acr:1fa', amr: ['pwd'] };

  await atOnce(16, crowd, async ({ _id }) => {
    const [accountId, grantId, uid, sid] = [String(_id), randomToken(), randomToken(), randomToken()];
    const [session, refresh] = [randomToken(), randomToken()];
    const ends = 8 * HOUR_SECONDS;
    const grant = { ...kept, kind: 'Grant', jti: grantId, accountId, clientId: APP.client_id };
    await adapter('Grant').upsert(grantId, { ...grant, openid: { scope: 'openid profile email' } }, ends);
    const authorizations = { [APP.client_id]: { sid, grantId, persistsLogout: true } };
    const signedIn = { ...kept, ...proof, kind: 'Session', jti: session, uid, accountId, loginTs: now };
    await adapter('Session').upsert(session, { ...signedIn, authorizations }, ends);
    const token = { ...kept, ...proof, kind: 'RefreshToken', jti: refresh, accountId, grantId, sid };
    const of = { clientId: APP.client_id, authTime: now, sessionUid: uid, expiresWithSession: true };
    await adapter('RefreshToken').upsert(refresh, { ...token, ...of, scope: 'openid' }, ends);
  });
  return (
    crowd
      .map(({ _id }) => String(_id))
      .sort()
      .at(-1) ?? ''
  );
}

/**
 * @param last whom a walk through everybody, in the order of their ids, comes to last
 * @returns whether they are still signed in: asked often, so that it must cost nothing
 */
export async function isSignedIn(idp: Idp, last: string): Promise<boolean> {
  const sessions = idp.database.connection.collection('oidc_session');
  return (await sessions.findOne({ accountId: last, dead: { $ne: true } })) !== null;
}
