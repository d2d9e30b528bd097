import type { Audit } from '../audit/audit.ts';
import { refOf, type AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import type { Notifications } from '../notifications/notifications.ts';
import { entryOf, type Actor } from './set-up-ports.ts';

export interface CodeUsedPorts {
  readonly audit: Audit;
  readonly notifications: Notifications;
  readonly clock: Clock;
}

export type CodeUsed = ReturnType<typeof createCodeUsed>;

/** A recovery code is gone for good, wherever it was asked and whoever used it: the log and its owner are told. */
export function createCodeUsed({ audit, notifications, clock }: CodeUsedPorts) {
  /** @param left codes that the owner has now */
  return async function codeUsed(who: AccountRef, left: number, by: Actor): Promise<void> {
    await audit.record(entryOf(who, by, { event: 'recovery_code_used', details: { left } }));
    const mail = { kind: 'recovery-code-used', codesLeft: left, at: clock(), device: by.device } as const;
    await notifications.notify(refOf(who), mail);
  };
}
