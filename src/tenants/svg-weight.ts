/** Characters of a path that count as one element more. */
const LINE = 100;

/** @param drawn characters of what an element is drawn by, such as a path */
export const ownWeight = (drawn: number): number => 1 + Math.floor(drawn / LINE);

/** An element that is drawn: what is inside it, and which ids it draws once more. */
export interface Part {
  /** Of the element alone, in plain elements. */
  readonly weight: number;
  readonly children: Part[];
  readonly refersTo: string[];
}

/**
 * How many plain elements a browser draws for `root`, when everything that is referred to is counted each time: a few
 * lines of `use` can ask for billions, and a long path weighs as much as many short ones.
 * @returns Infinity when something refers to itself, by whatever way
 */
export function weightOf(root: Part, byId: ReadonlyMap<string, Part>): number {
  const known = new Map<Part, number>();
  const open = new Set<Part>();

  function weigh(part: Part): number {
    const before = known.get(part);
    if (before !== undefined) return before;
    if (open.has(part)) return Infinity;
    open.add(part);
    const used = part.refersTo.flatMap((id) => byId.get(id) ?? []);
    const weight = [...part.children, ...used].reduce((sum, other) => sum + weigh(other), part.weight);
    open.delete(part);
    known.set(part, weight);
    return weight;
  }

  return weigh(root);
}
