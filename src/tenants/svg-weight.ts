/** An element that is drawn: what is inside it, and which ids it draws once more. */
export interface Part {
  readonly children: Part[];
  readonly refersTo: string[];
}

/**
 * How many elements a browser draws for `root`, when everything that is referred to is counted each time: a few lines
 * of `use` can ask for billions.
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
    const weight = [...part.children, ...used].reduce((sum, other) => sum + weigh(other), 1);
    open.delete(part);
    known.set(part, weight);
    return weight;
  }

  return weigh(root);
}
