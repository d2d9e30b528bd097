import type { AdapterPayload } from 'oidc-provider';
import { tokenDigest } from '../core/random.ts';

/** What oidc-provider's models are called. One collection each. */
export const MODELS = [
  'Session',
  'Interaction',
  'Grant',
  'AuthorizationCode',
  'AccessToken',
  'RefreshToken',
  'ClientCredentials',
  'PushedAuthorizationRequest',
  'ReplayDetection',
] as const;

export type ModelName = (typeof MODELS)[number];

/**
 * How a model is written.
 * - `once`: inserted, then at most marked as used; a second write of the same id is an error
 * - `rewritten`: saved again and again; its end leaves a tombstone, or a request in flight would bring it back
 * - `replay`: inserted; that it is there already is the news
 */
export const KIND: Readonly<Record<ModelName, 'once' | 'rewritten' | 'replay'>> = {
  Session: 'rewritten',
  Interaction: 'rewritten',
  Grant: 'rewritten',
  AuthorizationCode: 'once',
  AccessToken: 'once',
  RefreshToken: 'once',
  ClientCredentials: 'once',
  PushedAuthorizationRequest: 'once',
  ReplayDetection: 'replay',
};

/** Models that die with their grant. */
export const GRANTED = [
  'AccessToken',
  'RefreshToken',
  'AuthorizationCode',
] as const satisfies readonly ModelName[];

export const isGranted = (model: ModelName): boolean => GRANTED.some((one) => one === model);

/**
 * Characters of the tokens that an app may ask about, of 6 random bits each. Each model has a length of its own, because
 * apps seldom say which one theirs is (RFC 7662 section 2.1, `token_type_hint`): the library then looks in all three.
 */
const TOKEN_LENGTHS: ReadonlyMap<string, number> = new Map<ModelName, number>([
  ['AccessToken', 43],
  ['RefreshToken', 44],
  ['ClientCredentials', 45],
]);

/** oidc-provider's `formats.bitsOfOpaqueRandomness`. */
export const randomBits = (kind: string): number => 6 * (TOKEN_LENGTHS.get(kind) ?? 43);

/** @returns true when `id` has the length of another model's tokens, so that it need not be looked for in this one */
export function isOfAnother(model: ModelName, id: string): boolean {
  const own = TOKEN_LENGTHS.get(model);
  return own !== undefined && id.length !== own && [...TOKEN_LENGTHS.values()].includes(id.length);
}

/** How long a tombstone stays: longer than any request can be in flight; milliseconds. */
export const TOMBSTONE_MS = 10 * 60 * 1000;

/** The provider believes an `exp` for this long after it (its `clockTolerance`, 15 s), so the row stays; milliseconds. */
const TOLERANCE_MS = 15_000;

/** A document of `oidc_<model>`: what is asked for by index, and the rest as JSON text. */
export interface Row {
  readonly _id: string;
  /** JSON: maps inside are keyed by client ids and addresses, whose dots MongoDB would take for paths. */
  readonly payload: string;
  readonly expiresAt: Date;
  readonly grantId?: string;
  readonly accountId?: string;
  readonly clientId?: string;
  readonly uid?: string;
  /** Of a code or token: the session that it comes from; empty = none. */
  readonly sessionUid?: string;
  readonly consumedAt?: Date | null;
  /** True = a tombstone. */
  readonly dead?: boolean;
}

const snake = (name: string) => name.replace(/(?!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

/** @returns the collection of a model, such as `oidc_access_token` */
export const collectionOf = (model: ModelName): string => `oidc_${snake(model)}`;

/** Ids that open something are kept as digests only; a grant's id and a replay's hash open nothing. */
const isSecret = (model: ModelName) => model !== 'Grant' && model !== 'ReplayDetection';

export const rowId = (model: ModelName, id: string): string => (isSecret(model) ? tokenDigest(id) : id);

/** Takes the secret id out of what is written, also where an interaction repeats the session's. */
function withoutSecrets(model: ModelName, payload: AdapterPayload): AdapterPayload {
  if (!isSecret(model)) return payload;
  const { session } = payload;
  return { ...payload, jti: undefined, ...(session ? { session: { ...session, cookie: undefined } } : {}) };
}

/**
 * @param expiresIn seconds from now, where the payload has no `exp` of its own
 */
export function rowFields(
  model: ModelName,
  payload: AdapterPayload,
  expiresIn: number | undefined,
  now: Date,
) {
  const ends = payload.exp === undefined ? now.getTime() + (expiresIn ?? 0) * 1000 : payload.exp * 1000;
  return {
    payload: JSON.stringify(withoutSecrets(model, payload)),
    expiresAt: new Date(ends + TOLERANCE_MS),
    ...(payload.grantId !== undefined && model !== 'Interaction' ? { grantId: payload.grantId } : {}),
    ...(model === 'Grant' && payload.accountId !== undefined ? { accountId: payload.accountId } : {}),
    ...(isGranted(model) ? { accountId: payload.accountId ?? '', sessionUid: payload.sessionUid ?? '' } : {}),
    ...(model === 'Grant' && payload.clientId !== undefined ? { clientId: payload.clientId } : {}),
  };
}

/** @param id as the caller knows it; absent when it was found by another field, and its id stays unknown */
export function toPayload(row: Row, model: ModelName, id?: string): AdapterPayload {
  return {
    ...(JSON.parse(row.payload) as AdapterPayload),
    ...(isSecret(model) && id !== undefined ? { jti: id } : {}),
    ...(row.consumedAt ? { consumed: Math.floor(row.consumedAt.getTime() / 1000) } : {}),
  };
}

/** Whether a document still counts: expired ones may lie about for a while, and a tombstone is none. */
export const isAlive = ({ dead, expiresAt }: Row, now: Date): boolean => dead !== true && expiresAt > now;

/** Whether a write failed because the id, or a row that must not change, is there already. */
export const isDuplicate = (error: unknown): boolean => (error as { code?: unknown }).code === 11_000;
