import type { Account, StoredPassword } from '../accounts/account.ts';
import { newPasswordRules, type NewPasswordRules } from '../accounts/new-password.ts';
import type { PasswordRefusal } from '../accounts/password-rules.ts';
import { canonicalPassword } from '../accounts/passwords.ts';
import { refOf } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { levelOwedByPolicy } from '../tenants/standing.ts';
import type { Change, Commit } from './changes.ts';
import type { FreshProof } from './fresh-proof.ts';
import type { Proofs } from './proofs.ts';
import type { Visit } from './visit.ts';

export interface PasswordChangePorts {
  readonly commit: Commit;
  readonly proofs: Pick<Proofs, 'checkPassword'>;
  readonly passwords: {
    /** @throws DomainError busy */
    hash(password: string): Promise<StoredPassword>;
  };
  /** Forgets wrong guesses: whoever made them knows the password no more (rule forgiveness). */
  readonly forgive: (account: Account) => Promise<void>;
  readonly clock: Clock;
}

/** What a form says; nothing is trimmed. */
export interface TypedPasswords {
  readonly current: string;
  readonly next: string;
}

/** What is wrong with each field; null = nothing. */
export interface PasswordProblems {
  readonly current: 'empty' | 'wrong' | 'suspended' | null;
  readonly next: PasswordRefusal | 'same' | null;
}

export type PasswordChange = ReturnType<typeof createPasswordChange>;

/** Another password in place of the one that the person knows. */
export function createPasswordChange({ commit, proofs, passwords, forgive, clock }: PasswordChangePorts) {
  const rules = ({ account, tenant }: Visit): NewPasswordRules =>
    newPasswordRules(account, tenant, levelOwedByPolicy(tenant.policy, account, clock()));

  /** What the right password proves at this moment, for people who hold nothing else. */
  const byPassword = ({ account, sessionKey }: Visit): FreshProof => ({
    ...refOf(account),
    sessionKey,
    credVersion: account.credVersion,
    method: 'password',
    credentialId: null,
    at: clock(),
  });

  return {
    rules,

    /**
     * Changes it, and signs the person out everywhere else.
     * @param change `proof` null = the person holds no second factor: the current password is the proof
     * @returns what kept it from being changed; null = it is changed
     * @throws DomainError changed_meanwhile, too_many_attempts, busy
     */
    async change(
      change: Omit<Change, 'proof'> & { readonly proof: FreshProof | null },
      { current, next }: TypedPasswords,
    ): Promise<PasswordProblems | null> {
      const { visit, version } = change;
      const { account, by } = visit;
      if (version !== account.credVersion) throw new DomainError('changed_meanwhile');
      // No guess is spent on a form that cannot work anyway.
      const refusal = rules(visit).judge(next);
      if (current === '' || refusal !== null) {
        return { current: current === '' ? 'empty' : null, next: refusal };
      }
      const wrong = await proofs.checkPassword(visit, current);
      if (wrong !== null) return { current: wrong, next: null };
      if (canonicalPassword(next) === canonicalPassword(current)) return { current: null, next: 'same' };

      const password = await passwords.hash(next);
      const proof = change.proof ?? byPassword(visit);
      await commit(
        { visit, version, proof },
        {
          changes: { password },
          entries: [{ event: 'password_changed' }],
          mails: [{ kind: 'password-changed', at: clock(), device: by.device }],
          ends: 'others',
        },
      );
      await forgive(account);
      return null;
    },
  };
}
