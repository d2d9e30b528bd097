import type { Connection } from 'mongoose';
import type { CollectionSpec, IndexSpec } from '../../src/storage/indexes.ts';

type Doc = Readonly<Record<string, unknown>>;
type Sort = Readonly<Record<string, 1 | -1>>;

/** How documents are asked for, whatever asks: a read, a change or a count. */
export interface Query {
  readonly collection: string;
  readonly filter: Doc;
  readonly sort: Sort;
  readonly hint: Readonly<Record<string, 1 | -1>> | null;
}

/** What binds a field: one value or several, a range, or something that no index is walked by. */
type Bound = 'values' | 'range' | 'other';

/** Many documents share a value of these: an index that goes no further than to them would be a walk through all. */
const COARSE = new Set(['tenantId', 'state', 'kinds', 'kind', 'event', 'dead', 'lane', 'group']);

const isDoc = (value: unknown): value is Doc =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

function boundOf(condition: unknown): Bound {
  if (!isDoc(condition)) return condition instanceof RegExp ? 'other' : 'values';
  const operators = Object.keys(condition);
  if (operators.every((name) => ['$eq', '$in'].includes(name) || !name.startsWith('$'))) return 'values';
  return operators.every((name) => ['$gt', '$gte', '$lt', '$lte'].includes(name)) ? 'range' : 'other';
}

/** By field; what stands in one branch of an `$or` narrows nothing by itself. */
function boundsOf(filter: Doc): Map<string, Bound> {
  const bounds = new Map<string, Bound>();
  for (const [field, condition] of Object.entries(filter)) {
    if (field === '$or')
      for (const branch of condition as Doc[])
        for (const name of boundsOf(branch).keys()) bounds.set(name, bounds.get(name) ?? 'other');
    else if (field === '$and')
      for (const part of condition as Doc[])
        for (const [name, bound] of boundsOf(part)) bounds.set(name, bound);
    else bounds.set(field, boundOf(condition));
  }
  return bounds;
}

/** @returns whether documents come out of the index in this order, as they are or backwards */
function sorts(
  keys: readonly (readonly [string, 1 | -1])[],
  bounds: Map<string, Bound>,
  sort: Sort,
): boolean {
  const wanted = Object.entries(sort);
  let at = 0;
  let turned: number | null = null;
  for (const [field, direction] of keys) {
    const next = wanted[at];
    if (!next) break;
    if (field === next[0]) {
      turned ??= direction * next[1];
      if (turned !== direction * next[1]) return false;
      at += 1;
    } else if (bounds.get(field) !== 'values') return false;
  }
  return at === wanted.length;
}

function serves({ key }: Pick<IndexSpec, 'key'>, bounds: Map<string, Bound>, sort: Sort): boolean {
  const keys = Object.entries(key);
  const walked: string[] = [];
  for (const [field] of keys) {
    const bound = bounds.get(field);
    if (bound === 'values' || bound === 'range') walked.push(field);
    if (bound !== 'values') break;
  }
  if (walked.length === 0 || !sorts(keys, bounds, sort)) return false;
  const narrow = walked.some((field) => !COARSE.has(field));
  return narrow || [...bounds.keys()].every((field) => field in key);
}

/** @returns what is wrong; null = an index of the collection finds these documents, in this order */
export function indexMissing({ collection, filter, sort, hint }: Query, specs: readonly CollectionSpec[]) {
  const declared = specs.find(({ name }) => name === collection)?.indexes ?? [];
  const shape = `${collection} ${JSON.stringify(Object.fromEntries(boundsOf(filter)))} ${JSON.stringify(sort)}`;
  if (hint && !declared.some(({ key }) => JSON.stringify(key) === JSON.stringify(hint)))
    return `${shape}: no such index as its hint`;
  const found = [{ key: { _id: 1 } as const }, ...declared].some((index) =>
    serves(index, boundsOf(filter), sort),
  );
  return found ? null : `${shape}: no index`;
}

const asList = (value: unknown): Doc[] => (Array.isArray(value) ? (value as Doc[]) : []);

/** @returns none for a command that looks for nothing */
function queriesOf(name: string, command: Doc): Query[] {
  const collection = String(command[name]);
  const query = (filter: unknown, more: Partial<Query> = {}): Query => ({
    collection,
    filter: (filter ?? {}) as Doc,
    sort: {},
    hint: (command.hint ?? null) as Query['hint'],
    ...more,
  });
  // The driver hands a sort over as a map, which keeps its order.
  const sort = (
    command.sort instanceof Map ? Object.fromEntries(command.sort) : (command.sort ?? {})
  ) as Sort;
  switch (name) {
    case 'find':
      return [query(command.filter, { sort })];
    case 'findAndModify':
      return [query(command.query, { sort })];
    case 'count':
    case 'distinct':
      return [query(command.query)];
    case 'update':
      return asList(command.updates).map(({ q }) => query(q));
    case 'delete':
      return asList(command.deletes).map(({ q }) => query(q));
    case 'aggregate': {
      const stages = asList(command.pipeline);
      const joined = stages.flatMap(({ $lookup }) => (isDoc($lookup) ? [$lookup] : []));
      return [
        query(stages[0]?.$match),
        ...joined.map(({ from, foreignField }) => ({
          ...query({ [String(foreignField)]: 'each' }),
          collection: String(from),
        })),
      ];
    }
    default:
      return [];
  }
}

/** Writes down what a connection looks for. @param connection opened with `monitorCommands` */
export function recordQueries(connection: Connection) {
  const queries: Query[] = [];
  connection.getClient().on('commandStarted', ({ commandName, command }) => {
    queries.push(...queriesOf(commandName, command));
  });
  return queries;
}
