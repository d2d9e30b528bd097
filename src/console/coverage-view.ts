import type { Coverage, Holding } from '../admin/coverage.ts';

/** Between two parts of the bar; percent. */
const GAP = 0.3;

/** Counts as people read them. */
export const countText = (count: number): string => count.toLocaleString('en');

/** @returns the parts of the coverage bar with their places in percent, and the numbers, which are the content */
export function coverageParts(coverage: Coverage) {
  const parts: readonly [Holding, string, number][] = [
    ['key', '', coverage.withKey],
    ['app-only', 'app', coverage.withAppOnly],
    ['none', 'none', coverage.withoutMethod],
  ];
  let used = 0;
  return parts.map(([holding, kind, count]) => {
    const share = coverage.total === 0 ? 0 : (100 * count) / coverage.total;
    const start = used;
    used += share;
    return {
      kind,
      holding,
      count: countText(count),
      start: Number(start.toFixed(1)),
      width: Number(Math.max(0, share - GAP).toFixed(1)),
    };
  });
}
