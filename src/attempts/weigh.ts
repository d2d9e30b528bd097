import type { Allowance, Budget } from './budgets.ts';
import type { Slot } from './slot.ts';

/** A polite answer where waiting alone does not help; seconds. */
export const SUSPENDED_RETRY = 60 * 60;

/** A guess that is younger may still be under way, and given back; seconds. */
const UNDER_WAY = 5;

/** `free`: names of slots that nobody has, in a fixed order. */
export type Decision =
  | { readonly go: true; readonly free: string[] }
  | { readonly go: false; readonly seconds: number; readonly suspended: boolean };

/** Whether a budget looks back beyond the present window. */
export const countsInARow = (budget: Budget) => Boolean(budget.after ?? budget.wait ?? budget.suspend);

/** The window that `now` lies in; windows of one length stand still and follow each other from the epoch on. */
export function windowOf(
  { seconds }: Allowance,
  now: Date,
): { number: number; starts: Date; endsInSeconds: number } {
  const number = Math.floor(now.getTime() / 1000 / seconds);
  const ends = (number + 1) * seconds * 1000;
  return {
    number,
    starts: new Date(number * seconds * 1000),
    endsInSeconds: Math.ceil((ends - now.getTime()) / 1000),
  };
}

/**
 * @returns seconds until a window without a free slot can have one. What is being checked right now may come back: then
 *   a shift that begins at one minute waits for that, and not for the window
 */
function waitOfWindow(
  budget: Budget,
  [last]: readonly Pick<Slot, 'at'>[],
  { endsInSeconds }: ReturnType<typeof windowOf>,
  now: Date,
): number {
  if (!budget.crowd || !last) return endsInSeconds;
  const isUnderWay = now.getTime() - last.at.getTime() < UNDER_WAY * 1000;
  return isUnderWay ? Math.min(UNDER_WAY, endsInSeconds) : endsInSeconds;
}

/**
 * Weighs what is known of a budget. Pure. The free slots come in a fixed order: two callers who saw the same and take
 * the first reach for the same one, so that the later has to look again.
 *
 * @param taken slots of the group, latest first
 */
export function weigh(
  budget: Budget,
  group: string,
  taken: readonly Pick<Slot, 'id' | 'at'>[],
  now: Date,
): Decision {
  const failures = taken.length;
  const { after, wait, suspend } = budget;
  if (suspend && failures >= suspend.failures) {
    return { go: false, seconds: SUSPENDED_RETRY, suspended: true };
  }

  const last = taken[0];
  if (wait && last && failures >= wait.failures) {
    const pause = Math.min(2 ** (failures - wait.failures + 1), wait.longest);
    const left = Math.ceil(pause - (now.getTime() - last.at.getTime()) / 1000);
    if (left > 0) return { go: false, seconds: Math.min(left, pause), suspended: false };
  }

  const allowance = after && failures >= after.failures ? after.allowance : budget;
  const window = windowOf(allowance, now);
  const ids = Array.from(
    { length: allowance.limit },
    (_, i) => `${group}:${allowance.seconds}:${window.number}:${i + 1}`,
  );
  const gone = new Set(taken.map(({ id }) => id));
  const free = ids.filter((id) => !gone.has(id));
  if (free.length === 0)
    return { go: false, seconds: waitOfWindow(budget, taken, window, now), suspended: false };
  return { go: true, free };
}
