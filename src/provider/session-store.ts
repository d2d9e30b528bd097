import { isDeepStrictEqual } from 'node:util';
import type { Connection } from 'mongoose';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Clock } from '../core/clock.ts';
import { NOTHING_AHEAD, type ReadAhead } from '../storage/read-ahead.ts';
import { readTogether } from '../storage/read-together.ts';
import {
  collectionOf,
  isAlive,
  isDuplicate,
  rowFields,
  rowId,
  TOMBSTONE_MS,
  toPayload,
  type Row,
} from './model-rows.ts';

type Authorization = NonNullable<AdapterPayload['authorizations']>[string];
/** Clients of a session, each a field of its own, so that two requests at once cannot lose one another's. */
type Authorizations = Readonly<Record<string, Authorization>>;

/** `a` is keyed by the client id in base64url: it may hold dots. */
export interface SessionRow extends Row {
  readonly a?: Authorizations;
  /** Of the account: by it those are found who are signed in. */
  readonly tenantId?: string;
  /** Last use, to the minute. */
  readonly usedAt?: Date;
  /** Browser and system of the sign-in, in words. */
  readonly device?: string;
  /** Of a tombstone: the session was ended and did not only change its id, so that no successor lives. */
  readonly ended?: boolean;
}

/** A session as the rest of Stile needs it. Its id is not among it: only the browser knows that. */
export interface StoredSession {
  readonly uid: string;
  readonly payload: AdapterPayload;
  readonly usedAt: Date;
  /** Null = not recognised. */
  readonly device: string | null;
}

const fieldOf = (clientId: string) => `a.${Buffer.from(clientId).toString('base64url')}`;
const clientOf = (field: string) => Buffer.from(field, 'base64url').toString();

export const authorizationsOf = (row: SessionRow) =>
  Object.fromEntries(Object.entries(row.a ?? {}).map(([field, value]) => [clientOf(field), value]));

/** A payload as it would be stored, without what changes with every save and means nothing on its own. */
const essence = (payload: AdapterPayload): unknown =>
  JSON.parse(JSON.stringify({ ...payload, iat: undefined, exp: undefined }));

/** A session whose end moved by less than this is not written again for it; seconds. */
const IDLE_GRAIN = 60;

/** How long a session of a tenant may be without use now; seconds. Null = no such tenant. */
export type IdleOf = (tenantId: string) => Promise<number | null>;

/** What a request has read, so that it need not write what has not changed. Keyed by the request's context. */
export type ReadMemory = WeakMap<object, Map<string, AdapterPayload>>;

/**
 * Sessions in MongoDB. Three promises beyond the plain adapter: a destroyed session never comes back, two requests at
 * once keep both their clients, and a session that changed its id hands late news on to its successor.
 */
export function sessionAdapter(
  connection: Connection,
  clock: Clock,
  request: () => object | undefined,
  device: () => string | null = () => null,
  tenantOf: (accountId: string) => Promise<string | null> = () => Promise.resolve(null),
  idleOf: IdleOf = () => Promise.resolve(null),
  ahead: ReadAhead = NOTHING_AHEAD,
): Adapter & { ofAccount(accountId: string): Promise<StoredSession[]>; endUid(uid: string): Promise<void> } {
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
  const tombstone = (now: Date) => ({ dead: true, expiresAt: new Date(now.getTime() + TOMBSTONE_MS) });
  const firmly = { writeConcern: { w: 'majority' } } as const;

  /** Not used for longer than its tenant allows now, whatever was allowed when it was used last (SECURITY DR-42). */
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

  /** Clients that the session had when this request read it: one that is not there any more was signed out of. */
  function readClients(uid: string): Authorizations {
    const ctx = request();
    const read = [...((ctx && memory.get(ctx)?.values()) ?? [])].find((payload) => payload.uid === uid);
    return read?.authorizations ?? {};
  }

  /** A uid that no session had when this request read it was drawn by this very request. */
  function mayHaveSiblings(uid: string): boolean {
    const ctx = request();
    return !ctx || [...(memory.get(ctx)?.values() ?? [])].some((payload) => payload.uid === uid);
  }

  /**
   * Adds what siblings of the same sign-in know: they had this session's uid before it changed its id. What this
   * request took out of the session itself stays out. What browser it was is known to requests of the provider alone.
   * Where the session was ended meanwhile, what inherits is its end.
   */
  async function inherit(_id: string, uid: string, accountId: string, own: Authorizations): Promise<void> {
    const siblings = await rows
      .find({ uid, accountId, dead: true }, { projection: { a: 1, device: 1, ended: 1 } })
      .toArray();
    if (siblings.some(({ ended }) => ended)) return endUid(uid);
    const known = Object.assign({}, ...siblings.map(authorizationsOf)) as Authorizations;
    const decided = { ...readClients(uid), ...own };
    const missing = Object.entries(known).filter(([clientId]) => !(clientId in decided));
    const set = Object.fromEntries(missing.map(([clientId, value]) => [fieldOf(clientId), value]));
    const before = device() === null ? siblings.find((row) => row.device !== undefined)?.device : undefined;
    if (missing.length === 0 && before === undefined) return;
    await rows.updateOne(
      { _id, dead: { $ne: true } },
      { $set: { ...set, ...(before === undefined ? {} : { device: before }) } },
    );
  }

  /** Tombstones as well: one that changes its id at this moment leaves nothing else to be found. */
  async function endUid(uid: string): Promise<void> {
    await rows.updateMany({ uid }, { $set: { ...tombstone(clock()), ended: true } }, firmly);
  }

  /** A late request of a session that is over: its clients go to the tombstone and to the successor, if there is one. */
  async function handOn(
    _id: string,
    payload: AdapterPayload,
    set: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const { uid, accountId } = payload;
    if (uid === undefined || accountId === undefined || Object.keys(set).length === 0) return;
    await rows.updateOne({ _id, uid, accountId, dead: true }, { $set: set });
    await rows.updateOne({ uid, accountId, dead: { $ne: true } }, { $set: set });
  }

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
          await inherit(_id, uid, accountId, authorizations);
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
