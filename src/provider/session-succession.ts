import type { Connection } from 'mongoose';
import type { AdapterPayload } from 'oidc-provider';
import type { Clock } from '../core/clock.ts';
import { collectionOf, rowId, TOMBSTONE_MS } from './model-rows.ts';
import { authorizationsOf, fieldOf, type Authorizations, type SessionRow } from './session-row.ts';

export const firmly = { writeConcern: { w: 'majority' } } as const;

export const tombstone = (now: Date) => ({
  dead: true,
  expiresAt: new Date(now.getTime() + TOMBSTONE_MS),
});

/** What the request at hand tells of the session that it saves. */
export interface SavingRequest {
  /** The session of this uid as this request read it; undefined = it read none, or there is no request. */
  read(uid: string): AdapterPayload | undefined;
  /** Browser and system; null = not known here. */
  device(): string | null;
  /** Whether somebody has proved something in it, and the session does not only change its id. */
  rises(): boolean;
}

/** What becomes of a session that changes its id or ends, while other requests are under way with the old one. */
export function sessionSuccession(connection: Connection, clock: Clock, request: SavingRequest) {
  const rows = connection.collection<SessionRow>(collectionOf('Session'));

  /** Tombstones as well: one that changes its id at this moment leaves nothing else to be found. */
  async function endUid(uid: string): Promise<void> {
    await rows.updateMany({ uid }, { $set: { ...tombstone(clock()), ended: true } }, firmly);
  }

  /**
   * What siblings of the same sign-in know: they had this session's uid before it changed its id. What this request
   * took out of the session itself stays out. What browser it was is known to requests of the provider alone.
   */
  async function inherit(_id: string, uid: string, own: Authorizations, siblings: readonly SessionRow[]) {
    const known = Object.assign({}, ...siblings.map(authorizationsOf)) as Authorizations;
    const decided = { ...request.read(uid)?.authorizations, ...own };
    const missing = Object.entries(known).filter(([clientId]) => !(clientId in decided));
    const set = Object.fromEntries(missing.map(([clientId, value]) => [fieldOf(clientId), value]));
    const before =
      request.device() === null ? siblings.find((row) => row.device !== undefined)?.device : undefined;
    if (missing.length === 0 && before === undefined) return;
    await rows.updateOne(
      { _id, dead: { $ne: true } },
      { $set: { ...set, ...(before === undefined ? {} : { device: before }) } },
    );
  }

  return {
    endUid,

    /**
     * A session has got this id. Whoever proved something is the only one who goes on: every other id of the session
     * ends, also one that a request under way is about to get. It looks after its own write, as that one does, so that
     * one of the two sees the other. Where the session was ended meanwhile, what it inherits is its end.
     */
    async succeed(_id: string, uid: string, accountId: string, own: Authorizations): Promise<void> {
      const siblings = await rows
        .find(
          { uid, accountId, _id: { $ne: _id } },
          { projection: { a: 1, device: 1, ended: 1, dead: 1, outdone: 1 } },
        )
        .toArray();
      if (siblings.some(({ ended }) => ended)) return endUid(uid);
      if (request.rises()) {
        const others = { uid, accountId, _id: { $ne: _id } };
        if (siblings.length > 0)
          await rows.updateMany(others, { $set: { ...tombstone(clock()), outdone: true } }, firmly);
        return inherit(_id, uid, own, siblings);
      }
      const before = request.read(uid)?.jti;
      const from = before === undefined ? undefined : rowId('Session', before);
      if (siblings.some((row) => row._id === from && row.outdone)) {
        await rows.updateOne({ _id }, { $set: tombstone(clock()) }, firmly);
        return;
      }
      await inherit(
        _id,
        uid,
        own,
        siblings.filter(({ dead }) => dead),
      );
    },

    /** A late request of a session that is over: its clients go to the tombstone and to the successor, if there is one. */
    async handOn(_id: string, payload: AdapterPayload, set: Readonly<Record<string, unknown>>) {
      const { uid, accountId } = payload;
      if (uid === undefined || accountId === undefined || Object.keys(set).length === 0) return;
      await rows.updateOne({ _id, uid, accountId, dead: true }, { $set: set });
      await rows.updateOne({ uid, accountId, dead: { $ne: true } }, { $set: set });
    },
  };
}
