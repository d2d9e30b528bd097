import type { Connection } from 'mongoose';

/** Indexes of one collection: whatever is asked often has one, and what must be unique has a unique one. */
export interface CollectionSpec {
  readonly name: string;
  readonly indexes: readonly IndexSpec[];
}

export interface IndexSpec {
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly unique?: boolean;
  /** On one Date field: documents go this many seconds after it. Cleaning only; expiry is checked on read. */
  readonly expireAfterSeconds?: number;
}

/** An index is missing or is another than asked for. Rules that stand on it (one winner) would not hold: do not start. */
export class IndexError extends Error {
  override readonly name = 'IndexError';
}

/** Same key, other options; same name, other key (mongo error_codes.yml: IndexOptionsConflict, IndexKeySpecsConflict). */
const conflicts: readonly unknown[] = [85, 86];

/**
 * Makes the indexes of all collections, then reads them back: not every engine that takes an index keeps it.
 *
 * @param connection without a socket timeout (`connectDatabase(uri, { patient: true })`): on much data this takes long
 * @throws IndexError that names collection and key
 */
export async function ensureIndexes(connection: Connection, specs: readonly CollectionSpec[]): Promise<void> {
  for (const spec of specs) if (spec.indexes.length > 0) await create(connection, spec);
  await checkIndexes(connection, specs);
}

/**
 * Reads the indexes of all collections and compares them; writes nothing.
 * @throws IndexError as `ensureIndexes`
 */
export async function checkIndexes(connection: Connection, specs: readonly CollectionSpec[]): Promise<void> {
  for (const spec of specs) {
    if (spec.indexes.length === 0) continue;
    const fault = indexFault(spec, await indexesOf(connection, spec.name));
    if (fault !== null) throw new IndexError(fault);
  }
}

/** @returns none for a collection that is not there yet (mongo error_codes.yml: NamespaceNotFound) */
async function indexesOf(connection: Connection, name: string): Promise<readonly IndexSpec[]> {
  try {
    return (await connection.collection(name).indexes()) as unknown as IndexSpec[];
  } catch (error) {
    if ((error as { code?: unknown }).code === 26) return [];
    throw error;
  }
}

async function create(connection: Connection, { name, indexes }: CollectionSpec): Promise<void> {
  try {
    await connection
      .collection(name)
      .createIndexes(indexes.map((index) => ({ ...index, key: { ...index.key } })));
  } catch (cause) {
    if (!conflicts.includes((cause as { code?: unknown }).code)) throw cause;
    throw new IndexError(`${name}: an index stands in the way of one we need; drop it: ${String(cause)}`, {
      cause,
    });
  }
}

/** @returns what is wrong with the indexes that a collection has, and what to do; null = each is there as asked for */
export function indexFault({ name, indexes }: CollectionSpec, found: readonly IndexSpec[]): string | null {
  for (const wanted of indexes) {
    const label = `${name} ${JSON.stringify(wanted.key)}`;
    // The order of the fields is part of a key.
    const twin = found.find(({ key }) => JSON.stringify(key) === JSON.stringify(wanted.key));
    if (!twin) return `${label}: the index is missing`;
    if ((twin.unique ?? false) !== (wanted.unique ?? false)) {
      return `${label}: the index is ${twin.unique ? '' : 'not '}unique, and must be the opposite; drop it`;
    }
    if (twin.expireAfterSeconds !== wanted.expireAfterSeconds) {
      return `${label}: the index expires after ${twin.expireAfterSeconds ?? 'never'}; drop it`;
    }
  }
  return null;
}

/**
 * Deletes what has expired, for engines that do not do it themselves. Nothing relies on it.
 * @returns how many documents went
 */
export async function sweep(
  connection: Connection,
  specs: readonly CollectionSpec[],
  now: Date,
): Promise<number> {
  let gone = 0;
  for (const { name, indexes } of specs) {
    for (const { key, expireAfterSeconds } of indexes) {
      const [field] = Object.keys(key);
      if (expireAfterSeconds === undefined || field === undefined) continue;
      const latest = new Date(now.getTime() - expireAfterSeconds * 1000);
      const { deletedCount } = await connection.collection(name).deleteMany({ [field]: { $lte: latest } });
      gone += deletedCount;
    }
  }
  return gone;
}
