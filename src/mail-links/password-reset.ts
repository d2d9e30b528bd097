import type { Account, StoredPassword } from '../accounts/account.ts';
import type { AccountChanges } from '../accounts/accounts.ts';
import { newPasswordRules, type NewPasswordRules } from '../accounts/new-password.ts';
import type { PasswordRefusal } from '../accounts/password-rules.ts';
import type { Audit } from '../audit/audit.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { epochSeconds, type Clock } from '../core/clock.ts';
import { owing, type ChangeNotices } from '../notifications/owed-mails.ts';
import { entryOf, type Actor } from '../accounts/actor.ts';
import { levelOwedByPolicy } from '../tenants/standing.ts';
import type { MailLinkStore, OpenLink } from './mail-links.ts';

export interface PasswordResetPorts {
  readonly store: Pick<MailLinkStore, 'take'>;
  readonly accounts: { save(account: Account, changes: AccountChanges): Promise<Account | null> };
  /** @throws DomainError busy */
  readonly passwords: { hash(password: string): Promise<StoredPassword> };
  /** Forgets wrong guesses: whoever made them knows the password no more (rule forgiveness). */
  readonly forgive: (account: Account) => Promise<void>;
  readonly sessions: {
    /** Has what is dead of an account tidied up in a while, whatever becomes of this request. */
    tidyLater(who: AccountRef, reason: string): Promise<void>;
    endAll(who: AccountRef): Promise<void>;
  };
  readonly audit: Audit;
  readonly notifications: ChangeNotices;
  readonly clock: Clock;
}

export type ResetAnswer =
  { readonly ok: true } | { readonly ok: false; readonly refusal: PasswordRefusal | 'used' };

/** What the new password has to be. */
export function rulesFor(
  { account, tenant }: Pick<OpenLink, 'account' | 'tenant'>,
  now: Date,
): NewPasswordRules {
  return newPasswordRules(account, tenant, levelOwedByPolicy(tenant.policy, account, now));
}

export type PasswordReset = ReturnType<typeof createPasswordReset>;

/**
 * A new password by a mailed link. It signs nobody in, and no second factor is skipped or lost (OWASP ASVS 5.0, 6.3.4,
 * 6.4.3).
 */
export function createPasswordReset(ports: PasswordResetPorts) {
  const { store, accounts, passwords, forgive, sessions, audit, notifications, clock } = ports;

  /**
   * One conditional write on the version that the link was made for is what spends it: of many callers one gets
   * through, and every other link of the account is dead by it, also when we die right after it.
   * @throws DomainError busy
   */
  return async function reset(
    { link, account, tenant }: OpenLink,
    next: string,
    by: Actor,
  ): Promise<ResetAnswer> {
    const refusal = newPasswordRules(
      account,
      tenant,
      levelOwedByPolicy(tenant.policy, account, clock()),
    ).judge(next);
    if (refusal !== null) return { ok: false, refusal };
    const password = await passwords.hash(next);
    const entry = entryOf(account, by, { event: 'password_reset_done', details: { provedBy: 'mail' } });
    await audit.record(entry);
    await sessions.tidyLater(account, 'password_reset');
    const at = clock();
    const validFrom = Math.max(epochSeconds(at), account.validFrom);
    const owed = [owing({ kind: 'password-changed', at, device: by.device })];
    if (!(await accounts.save(account, { password, validFrom, keptSessionUid: null, owed }))) {
      await audit.record({ ...entry, result: 'refused', reason: 'changed_meanwhile' });
      return { ok: false, refusal: 'used' };
    }
    await notifications.tell(account, owed);
    await Promise.all([forgive(account), sessions.endAll(account), store.take(link.digest)]);
    return { ok: true };
  };
}
