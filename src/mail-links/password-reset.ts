import type { Account, StoredPassword } from '../accounts/account.ts';
import type { AccountCommit } from '../accounts/commit.ts';
import { newPasswordRules, type NewPasswordRules } from '../accounts/new-password.ts';
import type { PasswordRefusal } from '../accounts/password-rules.ts';
import type { Clock } from '../core/clock.ts';
import { owing } from '../notifications/owed-mails.ts';
import { entryOf, type Actor } from '../accounts/actor.ts';
import { levelOwedByPolicy } from '../tenants/standing.ts';
import type { MailLinkStore, OpenLink } from './mail-links.ts';

export interface PasswordResetPorts {
  readonly store: Pick<MailLinkStore, 'take'>;
  readonly commit: AccountCommit;
  /** @throws DomainError busy */
  readonly passwords: { hash(password: string): Promise<StoredPassword> };
  /** Forgets wrong guesses: whoever made them knows the password no more (rule forgiveness). */
  readonly forgive: (account: Account) => Promise<void>;
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
  const { store, commit, passwords, forgive, clock } = ports;

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
    const saved = await commit({
      who: account,
      entries: [entryOf(account, by, { event: 'password_reset_done', details: { provedBy: 'mail' } })],
      mails: [owing({ kind: 'password-changed', at: clock(), device: by.device })],
      ends: { reason: 'password_reset', keptUid: null },
      write: ({ save }) => save(account, { password }),
    });
    if (!saved) return { ok: false, refusal: 'used' };
    await Promise.all([forgive(account), store.take(link.digest)]);
    return { ok: true };
  };
}
