import type { AccountRef } from '../core/account-ref.ts';
import type { AuditEvent } from './events.ts';

/**
 * One thing that happened to somebody's sign-in, as the log tells it (rule audit-chain). No secret, ever, and people
 * by their
 * opaque ids alone, so that the log needs no rewriting when an agent is deleted (rule least-data).
 */
export interface AuditEntry {
  readonly event: AuditEvent;
  readonly tenantId: string;
  /** Who did it; null = nobody known (a wrong email), or the system itself. */
  readonly actor: AccountRef | null;
  /** To whom; null where it is about a tenant. */
  readonly subject: AccountRef | null;
  readonly result: 'ok' | 'refused';
  /** How it was proved: a method id, `password`, or null. */
  readonly method?: string | null;
  /** Machine words for why, such as `unknown_account`, `replayed`. */
  readonly reason?: string | null;
  /** Further named values, such as old and new of a policy. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Request id: the reference that a person reads on the page. */
  readonly reference?: string | null;
  /** Truncated client address (IPv4 /24, IPv6 /48). */
  readonly source?: string | null;
}

export interface Audit {
  /** Appends. Rejects when it cannot be written: settings and admin changes must then fail too (rule log-first). */
  record(entry: AuditEntry): Promise<void>;
}
