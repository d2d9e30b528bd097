import type { Connection } from 'mongoose';
import { errors, Provider, type Adapter } from 'oidc-provider';
import { epochSeconds, type Clock } from '../core/clock.ts';
import { clientName } from '../notifications/client-name.ts';
import type { CollectionSpec } from '../storage/indexes.ts';
import { insertTogether } from '../storage/insert-together.ts';
import { createReadAhead, type ReadAhead } from '../storage/read-ahead.ts';
import { readTogether, type Join } from '../storage/read-together.ts';
import { clientAdapter, patient } from './adapters.ts';
import type { Clients } from './clients.ts';
import {
  collectionOf,
  GRANTED,
  isAlive,
  isDuplicate,
  isGranted,
  isOfAnother,
  KIND,
  MODELS,
  rowFields,
  rowId,
  TOMBSTONE_MS,
  toPayload,
  type ModelName,
  type Row,
} from './model-rows.ts';
import type { ProviderStore } from './provider-data.ts';
import { sessionOwner } from './session-owner-store.ts';
import { provesSomething, signsOut } from './proves-something.ts';
import { sessionAdapter, type IdleOf } from './session-store.ts';
import { firmly } from './session-succession.ts';

const expiry = { key: { expiresAt: 1 }, expireAfterSeconds: 0 } as const;
/** By what each model is found besides its id. A session's uid is NOT unique: it outlives a change of the id. */
const indexKeys: Partial<Record<ModelName, Readonly<Record<string, 1>>[]>> = {
  Session: [{ uid: 1 }, { accountId: 1 }, { tenantId: 1, expiresAt: 1 }],
  Grant: [{ accountId: 1, clientId: 1 }],
  AuthorizationCode: [{ grantId: 1 }],
  AccessToken: [{ grantId: 1 }],
  RefreshToken: [{ grantId: 1 }],
};

export const providerCollections: readonly CollectionSpec[] = MODELS.map((model) => ({
  name: collectionOf(model),
  indexes: [...(indexKeys[model] ?? []).map((key) => ({ key })), expiry],
}));

/** Where accounts are: a code or token brings along the one it was given to. */
const ACCOUNTS = 'accounts';

/** Everything that decides whether a code or token counts, read with it by one command. */
const standing: readonly Join[] = [
  { from: collectionOf('Session'), localField: 'sessionUid', foreignField: 'uid', as: 'sessions' },
  { from: collectionOf('Grant'), localField: 'grantId', foreignField: '_id', as: 'grants' },
  { from: ACCOUNTS, localField: 'accountId', foreignField: '_id', as: 'accounts' },
];

interface StandingRow extends Row {
  readonly sessions?: readonly object[];
  readonly grants?: readonly object[];
  readonly accounts?: readonly object[];
}

// `ahead` is shared with the store of accounts, so that an account read with a token is not read again.
/** Everything that oidc-provider keeps, in MongoDB: one collection a model. */
export function providerStore(
  connection: Connection,
  clients: Clients,
  clock: Clock,
  ahead: ReadAhead = createReadAhead(),
  idleOf?: IdleOf,
): ProviderStore {
  const collection = (model: ModelName) => connection.collection<Row>(collectionOf(model));
  const sessions = sessionAdapter(connection, clock, {
    request: () => Provider.ctx,
    device: () => clientName(Provider.ctx?.get('user-agent')),
    tenantOf: sessionOwner(connection, ACCOUNTS),
    rises: () => provesSomething(Provider.ctx),
    signsOut: () => signsOut(Provider.ctx),
    ended: async (accountId, uid) => revokeGrants(await grantsUsedIn(accountId, uid)),
    idleOf,
    ahead,
  });

  async function revokeGrants(grantIds: readonly string[]): Promise<void> {
    if (grantIds.length === 0) return;
    const expiresAt = new Date(clock().getTime() + TOMBSTONE_MS);
    const those = { _id: { $in: [...grantIds] } };
    // The grant first: without it no token of it counts, whatever is still to be deleted.
    await collection('Grant').updateMany(those, { $set: { dead: true, expiresAt } }, firmly);
    await revokeTokens(grantIds);
  }

  async function revokeTokens(grantIds: readonly string[]): Promise<void> {
    if (grantIds.length === 0) return;
    const those = { grantId: { $in: [...grantIds] } };
    await Promise.all(GRANTED.map((model) => collection(model).deleteMany(those, firmly)));
  }

  async function grantsUsedIn(accountId: string, sessionUid: string): Promise<string[]> {
    const grants = await collection('Grant')
      .find({ accountId }, { projection: { _id: 1 } })
      .toArray();
    const given = { grantId: { $in: grants.map(({ _id }) => _id) }, sessionUid };
    const found = await Promise.all(GRANTED.map((model) => collection(model).distinct('grantId', given)));
    return [...new Set(found.flat())].filter((grantId) => grantId !== undefined);
  }

  function adapterOf(model: ModelName): Adapter {
    const rows = collection(model);
    const readById = readTogether<StandingRow>(rows, '_id', isGranted(model) ? standing : []);
    const insert = insertTogether(rows);

    /** The library asks for these next, one by one. */
    function keepStanding({ sessionUid, grantId, accountId, ...row }: StandingRow): void {
      if (sessionUid && row.sessions) ahead.put(collectionOf('Session'), sessionUid, row.sessions);
      if (grantId && row.grants) ahead.put(collectionOf('Grant'), grantId, row.grants);
      if (accountId && row.accounts) ahead.put(ACCOUNTS, accountId, row.accounts);
    }

    return {
      async upsert(id, payload, expiresIn) {
        const _id = rowId(model, id);
        const fields = rowFields(model, payload, expiresIn, clock());
        if (KIND[model] === 'once') {
          if (!(await insert({ _id, ...fields }))) throw new Error(`an id of ${model} was drawn twice`);
          return;
        }
        try {
          if (KIND[model] === 'rewritten') {
            await rows.updateOne({ _id, dead: { $ne: true } }, { $set: fields }, { upsert: true });
          } else {
            await rows.insertOne({ _id, ...fields }, firmly);
          }
        } catch (error) {
          if (!isDuplicate(error)) throw error;
          if (KIND[model] === 'replay') throw new errors.InvalidRequest('this proof was used before');
          // A tombstone is there: the thing was ended meanwhile, and stays so.
        }
      },

      async find(id) {
        if (isOfAnother(model, id)) return undefined;
        const _id = rowId(model, id);
        const [row] = ahead.take<StandingRow>(collectionOf(model), _id) ?? (await readById(_id));
        if (!row || !isAlive(row, clock())) return undefined;
        keepStanding(row);
        return toPayload(row, model, id);
      },

      async consume(id) {
        const _id = rowId(model, id);
        const used = { $set: { consumedAt: clock() } };
        const { modifiedCount } = await rows.updateOne({ _id, consumedAt: null }, used, firmly);
        if (modifiedCount === 1) return;
        if (model === 'PushedAuthorizationRequest') {
          throw new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used');
        }
        // Two who had it at once: one of them may have stolen it, and nobody can tell which (RFC 9700 section 4.14.2).
        // The library sees to those who come later.
        const row = await rows.findOne({ _id }, { projection: { grantId: 1 } });
        if (row?.grantId !== undefined) {
          await revokeGrants([row.grantId]);
          const ctx = Provider.ctx;
          ctx?.oidc.provider.emit('grant.revoked', ctx, row.grantId);
        }
        throw new errors.InvalidGrant('already used');
      },

      async destroy(id) {
        const _id = rowId(model, id);
        if (KIND[model] !== 'rewritten') {
          await rows.deleteOne({ _id }, firmly);
          return;
        }
        const expiresAt = new Date(clock().getTime() + TOMBSTONE_MS);
        const end = { $set: { dead: true, expiresAt } };
        if (model !== 'Interaction') {
          await rows.updateOne({ _id }, end, { upsert: true, ...firmly });
          return;
        }
        // It ends when its result is taken: of several who come back with it, one gets the code.
        const { matchedCount } = await rows.updateOne({ _id, dead: { $ne: true } }, end, firmly);
        if (matchedCount === 0) throw new errors.SessionNotFound('interaction session not found');
      },

      async revokeByGrantId(grantId) {
        await rows.deleteMany({ grantId }, firmly);
      },

      findByUid: () => Promise.resolve(undefined),
      findByUserCode: () => Promise.resolve(undefined),
    };
  }

  const adapters = new Map<string, Adapter>(
    MODELS.map((model) => [model, patient(model === 'Session' ? sessions : adapterOf(model))]),
  );
  adapters.set('Client', patient(clientAdapter(clients)));

  return {
    adapter(model) {
      const found = adapters.get(model);
      if (!found) throw new Error(`the provider asks for a model that is switched off: ${model}`);
      return found;
    },

    async sessionsOf(accountId) {
      return (await sessions.ofAccount(accountId)).map(({ uid, payload, usedAt, device }) => ({
        uid,
        accountId,
        acr: payload.acr,
        amr: payload.amr ?? [],
        authTime: payload.loginTs ?? 0,
        lastUsedAt: epochSeconds(usedAt),
        device,
        authorizations: payload.authorizations ?? {},
      }));
    },

    async grantsOf(accountId) {
      const live = { accountId, dead: { $ne: true }, expiresAt: { $gt: clock() } };
      const found = await collection('Grant')
        .find(live, { projection: { clientId: 1 } })
        .toArray();
      return found.map((row) => ({ grantId: row._id, clientId: row.clientId ?? '' }));
    },

    grantsUsedIn,

    async ownerOfGrant(grantId) {
      const row = await collection('Grant').findOne({ _id: grantId }, { projection: { accountId: 1 } });
      return row?.accountId ?? null;
    },

    endSession: (uid) => sessions.endUid(uid),

    revokeGrants,
    revokeTokens,
  };
}
