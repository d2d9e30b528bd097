import type { Change } from './plan.ts';
import type { ValueChange } from './values.ts';

/** @returns `name: "Ana" -> "Ana Ribeiro"`; only for values that are no secret */
export function fieldText({ field, from, to }: ValueChange): string {
  return from === undefined ? `${field}: ${json(to)}` : `${field}: ${json(from)} -> ${json(to)}`;
}

const json = (value: unknown): string => JSON.stringify(value) ?? 'nothing';

/** @returns lines such as `+ account northwind/ana@northwind.example` and `~ client desk: redirect_uris` */
export function changeLines(changes: readonly Change[]): string[] {
  return changes.map(({ action, kind, name, fields }) => {
    const sign = action === 'add' ? '+' : '~';
    return `${sign} ${kind} ${name}${fields.length > 0 ? `: ${fields.join('; ')}` : ''}`;
  });
}
