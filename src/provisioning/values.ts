import { isDeepStrictEqual } from 'node:util';

/** Plain, secret-free values by path, such as `policy.keys.allowSynced`. */
export type Values = Readonly<Record<string, unknown>>;

/** One value that is going to be set; `from` undefined = it was not there. */
export interface ValueChange {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** As it is after a way through the database's JSON: dates become text. */
const plain = (value: unknown): unknown =>
  value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(plain(a), plain(b));

export const sameValues = (a: Values, b: Values): boolean => same(a, b);

/**
 * Which listed values are to be set: those that the file says anew. What it said last time already is left alone, so
 * that what people changed since then stays; what is like that anyway needs no setting.
 * @param last what the file said when it was last applied; null = never
 */
export function valuesToSet(listed: Values, last: Values | null, current: Values): ValueChange[] {
  return Object.entries(listed)
    .filter(([field, to]) => to !== undefined && !(last && field in last && same(to, last[field])))
    .filter(([field, to]) => !same(to, current[field]))
    .map(([field, to]) => ({ field, from: current[field], to }));
}

const isBranch = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** `{ a: { b: 1 } }` as `{ 'a.b': 1 }`; what is undefined is left out. */
export function flatten(values: Values, prefix = ''): Values {
  const entries = Object.entries(values).flatMap(([key, value]): [string, unknown][] => {
    if (value === undefined) return [];
    return isBranch(value) ? Object.entries(flatten(value, `${prefix}${key}.`)) : [[prefix + key, value]];
  });
  return Object.fromEntries(entries);
}

/** @returns `target` with the changes of one branch put in: `policy.keys.allowSynced` sets `keys.allowSynced` */
export function withChanges<T extends object>(target: T, changes: readonly ValueChange[], branch = ''): T {
  const result = structuredClone(target) as Record<string, unknown>;
  for (const { field, to } of changes) {
    if (!field.startsWith(branch)) continue;
    const steps = field.slice(branch.length).split('.');
    const last = steps.pop() ?? '';
    const holder = steps.reduce((node, step) => node[step] as Record<string, unknown>, result);
    holder[last] = to;
  }
  return result as T;
}
