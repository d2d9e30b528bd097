import type { Connection } from 'mongoose';
import type { AdapterPayload } from 'oidc-provider';
import type { Clock } from '../core/clock.ts';
import type { Held, HeldSession, SeenSession, HeldStore, OfflineToken } from './held.ts';
import { collectionOf, TOMBSTONE_MS, type Row } from './model-rows.ts';
import { authorizationsOf, type SessionRow } from './session-row.ts';

const payloadOf = ({ payload }: Row) => JSON.parse(payload) as AdapterPayload;

function toSeen(row: SessionRow): SeenSession {
  const { acr, loginTs } = payloadOf(row);
  return { uid: row.uid ?? '', accountId: row.accountId ?? '', acr, authTime: loginTs ?? 0 };
}

const toSession = (row: SessionRow): HeldSession => ({
  ...toSeen(row),
  rowId: row._id,
  authorizations: authorizationsOf(row),
});

/** @returns nothing for a token that ends with its session */
function toOfflineToken(row: Row): OfflineToken[] {
  const {
    expiresWithSession,
    accountId = '',
    clientId = '',
    authTime = 0,
    acr,
    sessionUid,
    sid,
    iat = 0,
    iiat = iat,
  } = payloadOf(row);
  if (expiresWithSession) return [];
  const given = { grantId: row.grantId ?? '', accountId, clientId, givenAt: iiat };
  return [{ ...given, authTime, acr, sessionUid, sid }];
}

/** What people hold, in MongoDB: read for many people at once. */
export function heldStore(connection: Connection, clock: Clock): HeldStore {
  const sessions = connection.collection<SessionRow>(collectionOf('Session'));
  const grants = connection.collection<Row>(collectionOf('Grant'));
  const refreshTokens = connection.collection<Row>(collectionOf('RefreshToken'));

  return {
    async ofTenant(tenantId) {
      const live = { tenantId, expiresAt: { $gt: clock() }, dead: { $ne: true } };
      const projection = { uid: 1, accountId: 1, payload: 1 } as const;
      return (await sessions.find(live, { projection }).toArray()).map(toSeen);
    },

    async of(accountIds): Promise<Held> {
      if (accountIds.length === 0) return { sessions: [], offlineTokens: [] };
      const live = { dead: { $ne: true }, expiresAt: { $gt: clock() } };
      const theirs = { accountId: { $in: [...accountIds] }, ...live };
      const [sessionRows, grantRows] = await Promise.all([
        sessions.find(theirs).toArray(),
        grants.find(theirs, { projection: { _id: 1 } }).toArray(),
      ]);
      const unused = { grantId: { $in: grantRows.map(({ _id }) => _id) }, consumedAt: null, ...live };
      const tokenRows = grantRows.length === 0 ? [] : await refreshTokens.find(unused).toArray();
      return { sessions: sessionRows.map(toSession), offlineTokens: tokenRows.flatMap(toOfflineToken) };
    },

    async endSessions(rowIds) {
      if (rowIds.length === 0) return;
      const end = { dead: true, expiresAt: new Date(clock().getTime() + TOMBSTONE_MS) };
      const those = { _id: { $in: [...rowIds] }, dead: { $ne: true } };
      await sessions.updateMany(those, { $set: end }, { writeConcern: { w: 'majority' } });
    },
  };
}
