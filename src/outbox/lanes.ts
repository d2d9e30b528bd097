/** Counts what runs, in all and in each lane, against two bounds. */
export interface Lanes {
  readonly running: number;
  /** Takes a place; false = there is none. */
  enter(lane: string): boolean;
  leave(lane: string): void;
  hasRoom(): boolean;
  full(): string[];
}

/**
 * @param parallel places in all
 * @param parallelInLane places of one lane, so that one that hangs leaves room for the others
 */
export function createLanes(parallel: number, parallelInLane: number): Lanes {
  const counts = new Map<string, number>();
  let running = 0;
  return {
    get running() {
      return running;
    },
    enter(lane) {
      const count = counts.get(lane) ?? 0;
      if (running >= parallel || count >= parallelInLane) return false;
      counts.set(lane, count + 1);
      running += 1;
      return true;
    },
    leave(lane) {
      const count = (counts.get(lane) ?? 1) - 1;
      if (count === 0) counts.delete(lane);
      else counts.set(lane, count);
      running -= 1;
    },
    hasRoom: () => running < parallel,
    full: () => [...counts].filter(([, count]) => count >= parallelInLane).map(([lane]) => lane),
  };
}
