import { refOf, type AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import type { Notifications } from '../notifications/notifications.ts';
import type { Visitor } from './sign-in.ts';

/** What a sign-in tells by mail, to the address that is stored (rule told-by-mail). Each is kept before it is sent. */
export function createNotices({ notifications, clock }: { notifications: Notifications; clock: Clock }) {
  return {
    /** The person completed a sign-in in a browser that has not seen them before. Told once a sign-in. */
    async newBrowser(who: AccountRef, signInUid: string, { device }: Visitor): Promise<void> {
      const mail = { kind: 'new-browser', at: clock(), device } as const;
      await notifications.notify(refOf(who), mail, `new-browser.${signInUid}`);
    },
  };
}
