import { isDeepStrictEqual } from 'node:util';
import type { Connection } from 'mongoose';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Clock } from '../core/clock.ts';
import type { ReadAhead } from '../storage/read-ahead.ts';
import { readTogether } from '../storage/read-together.ts';
import { collectionOf, isAlive, isDuplicate, rowFields, rowId, toPayload } from './model-rows.ts';
import { authorizationsOf, fieldOf, type SessionRow } from './session-row.ts';
import { firmly, sessionSuccession, tombstone } from './session-succession.ts';

/** A session as the rest of Stile needs it. Its id is not among it: only the browser knows that. */
export interface StoredSession {
  readonly uid: string;
  readonly payload: AdapterPayload;
  readonly usedAt: Date;
  /** Null = not recognised. */
  readonly device: string | null;
}

/** A payload as it would be stored, without what changes with every save and means nothing on its own. */
const essence = (payload: AdapterPayload): unknown =>
  JSON.parse(JSON.stringify({ ...payload, iat: undefined, exp: undefined }));

/** A session whose end moved by less than this is not written again for it; seconds. */
const IDLE_GRAIN = 60;

/** How long a session of a tenant may be without use now; seconds. Null = no such tenant. */
export type IdleOf = (tenantId: string) => Promise<number | null>;

/** What a request has read, so that it need not write what has not changed. Keyed by the request's context. */
export type ReadMemory = WeakMap<object, Map<string, AdapterPayload>>;

/** What the store learns of the request at hand, and of others. */
export interface SessionHands {
  /** Its context; undefined = there is no request. */
  readonly request: () => object | undefined;
  /** Browser and system of the request, in words; null = not known. */
  readonly device: () => string | null;
  /** Whether somebody proves something by the request. */
  readonly rises: () => boolean;
  /** Whether the request ends the session that it destroys; otherwise the session only changes its id. */
  readonly signsOut: () => boolean;
  /** The session was ended by its person: whatever was given in it ends as well. */
  readonly ended?: (accountId: string, uid: string) => Promise<void>;
  /** @returns the tenant of an account; null = nobody */
  readonly tenantOf: (accountId: string) => Promise<string | null>;
  readonly idleOf?: IdleOf | undefined;
  readonly ahead: ReadAhead;
}

/**
 * Sessions in MongoDB. Promises beyond the plain adapter: a destroyed session never comes back, two requests at once
 * keep both their clients, a session that changed its id hands late news on to its successor, and of a session in which
 * somebody proves something that browser's id alone is left.
 */
export function sessionAdapter(
  connection: Connection,
  clock: Clock,
  hands: SessionHands,
): Adapter & { ofAccount(accountId: string): Promise<StoredSession[]>; endUid(uid: string): Promise<void> } {
  const { request, device, tenantOf, ahead, rises } = hands;
  const idleOf = hands.idleOf ?? (() => Promise.resolve(null));
  const rows = connection.collection<SessionRow>(collectionOf('Session'));
  const readById = readTogether<SessionRow>(rows, '_id');
  const readByUid = readTogether<SessionRow>(rows, 'uid');
  const memory: ReadMemory = new WeakMap();
  const alive = (now: Date) => ({ dead: { $ne: true }, expiresAt: { $gt: now } });
  const full = (row: SessionRow, id?: string): AdapterPayload => {
    const authorizations = authorizationsOf(row);
    const some = Object.keys(authorizations).length > 0;
    return { ...toPayload(row, 'Session', id), ...(some ? { authorizations } : {}) };
  };

  /** Not used for longer than its tenant allows now, whatever was allowed when it was used last. */
  async function isIdle({ tenantId, usedAt }: SessionRow, now: Date): Promise<boolean> {
    const seconds = tenantId === undefined || usedAt === undefined ? null : await idleOf(tenantId);
    return seconds !== null && now.getTime() - Number(usedAt) > (seconds + IDLE_GRAIN) * 1000;
  }

  const counts = async (row: SessionRow, now: Date) => isAlive(row, now) && !(await isIdle(row, now));

  function remember(id: string, payload: AdapterPayload) {
    const ctx = request();
    if (!ctx) return;
    const read = memory.get(ctx) ?? new Map<string, AdapterPayload>();
    memory.set(ctx, read.set(id, structuredClone(payload)));
  }

  /** True when this request read the very same session and its end is near enough to the one stored. */
  function unchanged(id: string, payload: AdapterPayload): boolean {
    const ctx = request();
    const read = ctx && memory.get(ctx)?.get(id);
    if (!read || !isDeepStrictEqual(essence(read), essence(payload))) return false;
    return Math.abs((payload.exp ?? 0) - (read.exp ?? 0)) < IDLE_GRAIN;
  }

  /** A uid that no session had when this request read it was drawn by this very request. */
  const readAs = (uid: string): AdapterPayload | undefined => {
    const ctx = request();
    return [...((ctx && memory.get(ctx)?.values()) ?? [])].find((payload) => payload.uid === uid);
  };
  const mayHaveSiblings = (uid: string) => !request() || readAs(uid) !== undefined;
  const { succeed, endUid, handOn } = sessionSuccession(connection, clock, { read: readAs, device, rises });

  return {
    async upsert(id, payload, expiresIn) {
      if (unchanged(id, payload)) return;
      const _id = rowId('Session', id);
      const { authorizations = {}, ...rest } = payload;
      const { uid, accountId } = payload;
      const clients = Object.fromEntries(
        Object.entries(authorizations).map(([clientId, value]) => [fieldOf(clientId), value]),
      );
      const tenantId = accountId ? await tenantOf(accountId) : null;
      const index = {
        ...(uid ? { uid } : {}),
        ...(accountId ? { accountId } : {}),
        ...(tenantId === null ? {} : { tenantId }),
      };
      const now = clock();
      const name = accountId ? device() : null;
      const set = {
        ...rowFields('Session', rest, expiresIn, now),
        ...index,
        ...clients,
        ...(name === null ? {} : { device: name }),
        usedAt: now,
      };
      try {
        const { upsertedCount } = await rows.updateOne(
          { _id, dead: { $ne: true } },
          { $set: set },
          { upsert: true },
        );
        if (upsertedCount === 1 && uid && accountId && mayHaveSiblings(uid))
          await succeed(_id, uid, accountId, authorizations);
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        await handOn(_id, payload, clients);
      }
    },

    async find(id) {
      const [row] = await readById(rowId('Session', id));
      if (!row || !(await counts(row, clock()))) return undefined;
      const payload = full(row, id);
      remember(id, payload);
      return payload;
    },

    async findByUid(uid) {
      const now = clock();
      const found = ahead.take<SessionRow>(collectionOf('Session'), uid) ?? (await readByUid(uid));
      const row = found.find((one) => isAlive(one, now));
      return row && !(await isIdle(row, now)) ? full(row) : undefined;
    },

    async destroy(id) {
      const ctx = request();
      const { uid, accountId } = (ctx && hands.signsOut() ? memory.get(ctx)?.get(id) : undefined) ?? {};
      if (uid !== undefined) {
        await endUid(uid);
        if (accountId !== undefined) await hands.ended?.(accountId, uid);
        return;
      }
      await rows.updateOne(
        { _id: rowId('Session', id) },
        { $set: tombstone(clock()) },
        { upsert: true, ...firmly },
      );
    },

    async ofAccount(accountId) {
      const found = await rows.find({ accountId, ...alive(clock()) }).toArray();
      return found.map((row) => ({
        uid: row.uid ?? '',
        payload: full(row),
        usedAt: row.usedAt ?? new Date(0),
        device: row.device ?? null,
      }));
    },

    endUid,

    findByUserCode: () => Promise.resolve(undefined),
    consume: () => Promise.reject(new Error('a session is not consumed')),
    revokeByGrantId: () => Promise.resolve(),
  };
}
