import type { Account, RecoverySet } from '../accounts/account.ts';
import type { AccountCommit } from '../accounts/commit.ts';
import type { Reservation } from '../attempts/attempts.ts';
import type { Audit } from '../audit/audit.ts';
import type { AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import type { EnrollableId } from '../core/method-ids.ts';
import type { Random } from '../core/random.ts';
import type { Enrolment } from '../second-factor/enrolment.ts';
import type { OpenEnrolment, ProvedMethod, SetUp, SetUpOwner } from './set-up.ts';

type Named = Pick<SetUp, 'owner' | 'id'>;

/** Where set-ups are kept. Each method is one read or one conditional write. */
export interface SetUpStore {
  find(owner: string, now: Date): Promise<SetUp | null>;
  /** In place of whatever the owner had. */
  put(setUp: SetUp): Promise<void>;
  /** @returns true for the one caller who may show the codes */
  markShown(setUp: Named): Promise<boolean>;
  /** Forgets the codes, keeps their digests. @returns false when the set-up is another one by now */
  acknowledge(setUp: Named): Promise<boolean>;
  putChallenge(setUp: Named, challenge: OpenEnrolment): Promise<boolean>;
  /** For another try with the same challenge, unless a newer one was shown. */
  giveBack(setUp: Named, challenge: OpenEnrolment): Promise<void>;
  /** @returns the challenge for the one caller who takes it */
  takeChallenge(setUp: Named, kind: EnrollableId): Promise<OpenEnrolment | null>;
  prove(setUp: Named, proved: ProvedMethod): Promise<boolean>;
  /** @returns the proved method for the one caller who takes it */
  takeProved(setUp: Named): Promise<ProvedMethod | null>;
  remove(setUp: Named): Promise<void>;
}

export interface SetUpPorts {
  readonly store: SetUpStore;
  readonly accounts: {
    find(who: AccountRef): Promise<Account | null>;
  };
  readonly commit: AccountCommit;
  readonly enrolments: readonly Enrolment[];
  readonly recovery: {
    newCodes(): string[];
    /** @throws DomainError busy */
    makeSet(codes: readonly string[]): Promise<RecoverySet>;
  };
  readonly vault: {
    seal(plain: string, context: string): string;
    open(sealed: string, context: string): string;
  };
  /** Reserves one of the set-ups that a person may begin (rule budgets). */
  readonly reserve: (who: AccountRef) => Promise<Reservation>;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly random: Random;
}

/** Whose set-up, in which browser: together in every call. */
export interface Whose {
  readonly owner: SetUpOwner;
  readonly account: Account;
  /**
   * Told just before the method counts: whoever began the set-up can then see by the account alone that it ended,
   * also when nobody comes to tell. Throws to stop it.
   */
  readonly aboutToCount?: (proved: ProvedMethod) => Promise<void>;
}
