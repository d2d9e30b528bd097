import { refOf, type AccountRef } from '../core/account-ref.ts';
import type { AuditEntry } from '../audit/audit.ts';
import type { Clock } from '../core/clock.ts';
import type { Notifications } from '../notifications/notifications.ts';
import { from, type ChangeNotices, type OwedMail } from '../notifications/owed-mails.ts';
import { entryOf } from '../second-factor/set-up-ports.ts';
import type { Visitor } from './sign-in.ts';

/** @param rescueId which code: the log tells who gave it, and why */
export const rescueUsed = (
  who: AccountRef,
  rescueId: string,
  visitor: Visitor,
  purpose: 'sign-in' | 'set-up',
): AuditEntry =>
  entryOf(who, visitor, {
    event: 'rescue_code_used',
    method: 'rescue-code',
    details: { code: rescueId, for: purpose },
  });

export type Notices = ReturnType<typeof createNotices>;

/** What a sign-in tells by mail, to the address that is stored (SECURITY DR-44). Each is kept before it is sent. */
export function createNotices({
  notifications,
  clock,
}: {
  notifications: Notifications & ChangeNotices;
  clock: Clock;
}) {
  return {
    /** Somebody signs in, or sets up, by a code that was read to them. */
    async rescueCodeUsed(
      who: AccountRef,
      owed: readonly OwedMail[] = [],
      { device }: Visitor,
    ): Promise<void> {
      await notifications.tell(who, from(device, owed));
    },

    /** The person completed a sign-in in a browser that has not seen them before. Told once a sign-in. */
    async newBrowser(who: AccountRef, signInUid: string, { device }: Visitor): Promise<void> {
      const mail = { kind: 'new-browser', at: clock(), device } as const;
      await notifications.notify(refOf(who), mail, `new-browser.${signInUid}`);
    },
  };
}
