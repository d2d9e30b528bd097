import { ENROLLABLE, type EnrollableId } from '../core/method-ids.ts';

/**
 * Which kinds of method somebody holds, as one text: ids of `core/factors.ts`, parted by blanks; empty = none. A
 * security key brings along what a tenant may have rules about: whether it is synced, and its model. People are counted
 * and listed by it, and those found who have nothing to fall back on: unlike the list of their methods it can lead an index that also sorts. The many people of a tenant
 * have few different ones.
 */
export type Kinds = string;

/** One kind of method as `Kinds` tells it. */
export interface KindHeld {
  readonly kind: EnrollableId;
  /** AAGUID of a security key; null = it told none. */
  readonly model?: string | null;
  readonly synced?: boolean;
}

const SYNCED = 'synced';

const wordOf = ({ kind, model = null, synced = false }: KindHeld): string =>
  [kind, ...(synced ? [SYNCED] : []), ...(model === null ? [] : [model])].join('/');

function readWord(word: string): KindHeld | null {
  const [name, ...facts] = word.split('/');
  const kind = ENROLLABLE.find((id) => id === name);
  if (!kind) return null;
  return {
    kind,
    synced: facts[0] === SYNCED,
    model: facts.find((fact) => fact !== SYNCED) ?? null,
  };
}

/** Methods of one kind that are told apart: one, or more than one. */
const TOLD = 2;

/** @returns the kinds in one order, each once or, of whoever has more of it, twice */
export function kindsOf(methods: readonly KindHeld[]): Kinds {
  const words = ENROLLABLE.flatMap((id) =>
    methods
      .filter(({ kind }) => kind === id)
      .map(wordOf)
      .sort(),
  );
  return words.filter((word, at) => word !== words[at - TOLD]).join(' ');
}

/** @returns what somebody holds, as far as `kinds` tells */
export const heldOf = (kinds: Kinds): KindHeld[] =>
  kinds.split(' ').flatMap((word) => {
    const held = readWord(word);
    return held ? [held] : [];
  });
