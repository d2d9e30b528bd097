import type { Account, StoredPassword } from '../accounts/account.ts';
import type { AccountCommit } from '../accounts/commit.ts';
import { newPasswordRules, type NewPasswordRules } from '../accounts/new-password.ts';
import type { PasswordRefusal } from '../accounts/password-rules.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { owing } from '../notifications/owed-mails.ts';
import { entryOf, type Actor } from '../accounts/actor.ts';
import { levelOwedByPolicy } from '../tenants/standing.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { SignInRequest } from './sign-in.ts';
import type { SignIns } from './sign-ins.ts';

export interface NewPasswordPorts {
  readonly signIns: Pick<SignIns, 'situation'>;
  readonly commit: AccountCommit;
  readonly passwords: {
    /** Both: @throws DomainError busy */
    hash(password: string): Promise<StoredPassword>;
    verify(stored: StoredPassword | null, password: string): Promise<{ readonly ok: boolean }>;
  };
  /** Forgets wrong guesses: whoever made them knows the password no more (rule forgiveness). */
  readonly forgive: (account: Account) => Promise<void>;
  readonly clock: Clock;
}

/** A sign-in that waits for a new password. */
export interface NewPasswordSituation {
  readonly account: Account;
  readonly tenant: Tenant;
  readonly rules: NewPasswordRules;
}

export type NewPasswordStep = ReturnType<typeof createNewPasswordStep>;

/** Another password in place of one that somebody else may know, before anything else answers. */
export function createNewPasswordStep(ports: NewPasswordPorts) {
  const { signIns, commit, passwords, forgive, clock } = ports;

  /** @returns null when the sign-in is at another step */
  async function situation(request: SignInRequest): Promise<NewPasswordSituation | null> {
    const { step, account, tenant } = await signIns.situation(request);
    if (step.kind !== 'new-password' || !account || !tenant) return null;
    return {
      account,
      tenant,
      rules: newPasswordRules(account, tenant, levelOwedByPolicy(tenant.policy, account, clock())),
    };
  }

  return {
    situation,

    /**
     * Takes the new password. The sign-in then starts over, as after any change of an account (rule change-ends-all).
     * @returns why it is not taken; null = it is, or the sign-in is at another step
     * @throws DomainError changed_meanwhile, busy
     */
    async choose(
      request: SignInRequest,
      by: Actor,
      next: string,
    ): Promise<{ readonly refusal: PasswordRefusal | 'same' | null }> {
      const found = await situation(request);
      if (!found) return { refusal: null };
      const { account, rules } = found;
      const refusal = rules.judge(next);
      if (refusal !== null) return { refusal };
      if ((await passwords.verify(account.password, next)).ok) return { refusal: 'same' };

      const password = await passwords.hash(next);
      const saved = await commit({
        who: account,
        entries: [entryOf(account, by, { event: 'password_changed', details: { provedBy: 'sign-in' } })],
        mails: [owing({ kind: 'password-changed', at: clock(), device: by.device })],
        write: ({ save }) => save(account, { password }),
      });
      if (!saved) throw new DomainError('changed_meanwhile');
      await forgive(account);
      return { refusal: null };
    },
  };
}
