import { ENROLLABLE, type EnrollableId } from '../core/method-ids.ts';

/**
 * Which kinds of method somebody holds, as one text, such as `security-key authenticator-app`; empty = none. People are
 * counted and listed by it: unlike the list of their methods it can lead an index that also sorts.
 */
export type Kinds = string;

/** @returns the kinds in one order, each once, however many methods there are of it */
export function kindsOf(methods: readonly { readonly kind: EnrollableId }[]): Kinds {
  return ENROLLABLE.filter((id) => methods.some(({ kind }) => kind === id)).join(' ');
}

/** @returns whether one of `kinds` is `kind` */
export const includesKind = (kinds: Kinds, kind: EnrollableId): boolean => kinds.split(' ').includes(kind);

/** Every value that `kindsOf` can have. */
export const EVERY_KINDS: readonly Kinds[] = ENROLLABLE.reduce<EnrollableId[][]>(
  (sets, kind) => [...sets, ...sets.map((set) => [...set, kind])],
  [[]],
).map((set) => kindsOf(set.map((kind) => ({ kind }))));
