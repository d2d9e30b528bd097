import type { Audit } from '../audit/audit.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { from, type ChangeNotices, type OwedMail } from '../notifications/owed-mails.ts';
import { entryOf, type Actor } from './set-up-ports.ts';

export interface CodeUsedPorts {
  readonly audit: Audit;
  readonly notifications: ChangeNotices;
}

export type CodeUsed = ReturnType<typeof createCodeUsed>;

/** A recovery code is gone for good, wherever it was asked and whoever used it: the log and its owner are told. */
export function createCodeUsed({ audit, notifications }: CodeUsedPorts) {
  /** @param left codes that the owner has now. @param owed what the account owes them for it */
  return async function codeUsed(
    who: AccountRef,
    { left, owed = [] }: { readonly left: number; readonly owed: readonly OwedMail[] | undefined },
    by: Actor,
  ): Promise<void> {
    await audit.record(entryOf(who, by, { event: 'recovery_code_used', details: { left } }));
    await notifications.tell(who, from(by.device, owed));
  };
}
