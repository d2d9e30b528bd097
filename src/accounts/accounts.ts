import type { AccountRef } from '../core/account-ref.ts';
import type { OwedMail } from '../notifications/owed-mails.ts';
import type { Account, Rescue } from './account.ts';

/** What a change may set. `methodCount`, `firstMethodAt` and `credVersion` follow from it and are not for setting. */
export type AccountChanges = Partial<
  Pick<
    Account,
    | 'email'
    | 'name'
    | 'roles'
    | 'team'
    | 'state'
    | 'claims'
    | 'password'
    | 'invitation'
    | 'methods'
    | 'recovery'
    | 'owesMethod'
    | 'validFrom'
    | 'keptSessionUid'
  >
> & {
  /** What the change owes its owner, beside what is owed already. */
  readonly owed?: readonly OwedMail[];
};

/** A code that is given, and what that owes its owner. */
export interface GivenRescue {
  readonly rescue: Rescue;
  readonly owed: readonly OwedMail[];
}

/** A rescue code that was typed, and what its use owes its owner. */
export interface SpentRescueCode {
  readonly digest: string;
  readonly now: Date;
  readonly owed: readonly OwedMail[];
}

/** One page of a list: the items, and where the next page starts; null = this was the last one. */
export interface AccountPage {
  readonly accounts: readonly Account[];
  readonly next: string | null;
}

/** Where accounts are kept. Who needs less declares a smaller interface; this one fits it. */
export interface Accounts {
  find(who: AccountRef): Promise<Account | null>;
  findById(accountId: string): Promise<Account | null>;
  /** `email` in any spelling: it is normalised here. */
  findByEmail(tenantId: string, email: string): Promise<Account | null>;
  /** @returns false when the tenant has an account with this email already, or the id is taken */
  insert(account: Account): Promise<boolean>;
  /**
   * One compare-and-set on `credVersion`, which it raises: what was started on the old version is dead (rule
   * change-ends-all). `recovery` is written whole, so give a new set or null, never a set that was read.
   * @returns the account as it is now; null when it was changed meanwhile and nothing was written
   * @throws DomainError refused (`email_taken`) when another account of the tenant has the new email
   */
  save(account: Account, changes: AccountChanges): Promise<Account | null>;
  /**
   * Deletes somebody who never had a password: one conditional write on `credVersion`.
   * @returns false when the account was changed meanwhile, or has a password
   */
  removeInvited(account: Account): Promise<boolean>;
  /**
   * Puts a stronger digest of the SAME password in place of `from`. Does not raise `credVersion`: nothing that the
   * owner did ends by it.
   * @returns false when the password was changed meanwhile
   */
  upgradePassword(who: AccountRef, from: string, to: NonNullable<Account['password']>): Promise<boolean>;
  /**
   * Spends one recovery code: of many callers with the same digest exactly one gets a number.
   * @param owed what its use owes its owner
   * @returns codes left after it; null when the digest is not in the live set (any more)
   */
  spendRecoveryDigest(who: AccountRef, digest: string, owed?: readonly OwedMail[]): Promise<number | null>;
  /**
   * Puts `rescue` in the place of what was given before: one compare-and-set on the code before it and on
   * `credVersion`, which it does not raise, so that a sign-in that waits for the code goes on.
   * @param account as it was read when it was decided that a code may be given
   * @returns false when another one was given, or the account changed meanwhile
   */
  giveRescueCode(account: Account, given: GivenRescue): Promise<boolean>;
  /**
   * Spends a rescue code that is not used, in time and of this very state of the account.
   * @returns true for the one caller who does
   */
  spendRescueCode(account: Account, spent: SpentRescueCode): Promise<boolean>;
  /**
   * Counts that somebody puts off setting up their first method, once for each sign-in: one conditional write. Does
   * not raise `credVersion`.
   * @param most how often in all; null = as often as they like
   * @param until the end of the time they are given, which stays theirs; null = it has none
   * @returns false when none is left, or a method was set up meanwhile
   */
  countSkip(
    who: AccountRef,
    signInUid: string,
    limits: { readonly most: number | null; readonly until: Date | null },
  ): Promise<boolean>;
  /** Accounts of one tenant by email. @param after the `next` of the page before; null = from the start */
  list(tenantId: string, page: { after: string | null; limit: number }): Promise<AccountPage>;
}

/** The fields that follow from others, worked out in one place. */
export function derivedFields(
  account: Pick<Account, 'firstMethodAt' | 'owesMethod'>,
  changes: Pick<AccountChanges, 'methods'>,
): Partial<Pick<Account, 'methodCount' | 'firstMethodAt' | 'owesMethod'>> {
  const { methods } = changes;
  if (methods === undefined) return {};
  const first = methods.reduce<Date | null>(
    (earliest, { addedAt }) => (earliest !== null && earliest <= addedAt ? earliest : addedAt),
    null,
  );
  return {
    methodCount: methods.length,
    firstMethodAt: account.firstMethodAt ?? first,
    ...(account.owesMethod && methods.length > 0 ? { owesMethod: false } : {}),
  };
}
