import { accountKey, refOf, type AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import type { Notifications } from '../notifications/notifications.ts';
import type { SecondFactorMethod } from '../second-factor/method.ts';
import type { Visitor } from './sign-in.ts';

/** Wrong second factors in a row that their owner is told of (SECURITY DR-15). */
const TOLD_AT: readonly number[] = [3, 10];
/** Recovery codes are counted in windows, where two at once may both be the third; milliseconds. */
const WINDOW_MS = 15 * 60 * 1000;

export type Notices = ReturnType<typeof createNotices>;

/** What a sign-in tells by mail, to the address that is stored (SECURITY DR-44). Each is kept before it is sent. */
export function createNotices({ notifications, clock }: { notifications: Notifications; clock: Clock }) {
  return {
    /** A code is gone for good, whoever used it. */
    async recoveryCodeUsed(who: AccountRef, codesLeft: number, { device }: Visitor): Promise<void> {
      await notifications.notify(refOf(who), { kind: 'recovery-code-used', codesLeft, at: clock(), device });
    },

    /**
     * Whoever comes this far has the password, so that a stranger's wrong answers say that it is known.
     * @param times wrong in a row, this one included
     */
    async secondStepRefused(
      who: AccountRef,
      { budget }: SecondFactorMethod,
      times: number,
      { device }: Visitor,
    ): Promise<void> {
      if (budget === null || !TOLD_AT.includes(times)) return;
      const at = clock();
      // App codes are counted one after the other, so that one caller alone is the third.
      const window = Math.floor(at.getTime() / WINDOW_MS);
      const once = budget === 'recovery' ? `second-step.${accountKey(who)}.${times}.${window}` : undefined;
      await notifications.notify(refOf(who), { kind: 'second-step-refused', times, at, device }, once);
    },

    /** The person completed a sign-in in a browser that has not seen them before. Told once a sign-in. */
    async newBrowser(who: AccountRef, signInUid: string, { device }: Visitor): Promise<void> {
      const mail = { kind: 'new-browser', at: clock(), device } as const;
      await notifications.notify(refOf(who), mail, `new-browser.${signInUid}`);
    },
  };
}
