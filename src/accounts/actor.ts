import type { AuditEntry } from '../audit/audit.ts';
import { refOf, type AccountRef } from '../core/account-ref.ts';

/** Who acts, as far as the audit log and mails tell. */
export interface Actor {
  readonly reference: string;
  /** Truncated client address. */
  readonly source: string;
  /** Browser and system in words; null = not recognised. */
  readonly device: string | null;
}

/** What a person does to their own account, as the audit log has it. */
export function entryOf(
  account: AccountRef,
  { reference, source }: Actor,
  entry: Pick<AuditEntry, 'event'> & Partial<AuditEntry>,
): AuditEntry {
  const who = refOf(account);
  return { tenantId: who.tenantId, actor: who, subject: who, result: 'ok', reference, source, ...entry };
}
