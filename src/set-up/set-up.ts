import type { Account, EnrolledMethod, RecoverySet } from '../accounts/account.ts';
import { refOf, type AccountRef } from '../core/account-ref.ts';
import { ENROLLABLE, type EnrollableId } from '../core/method-ids.ts';
import type { Policy } from '../tenants/tenant.ts';
import type { Challenge } from '../second-factor/method.ts';

/** How long a set-up may take, from its codes to its end; seconds. A sign-in around it may be shorter. */
export const SET_UP_SECONDS = 15 * 60;

/** Methods of one kind that a person may have: a drawer of keys is more than anybody can look after. */
export const MOST_OF_A_KIND = 10;

/** What a set-up happens in: one sign-in, or one session of the account's own pages. Either is one browser. */
export interface SetUpOwner {
  readonly kind: 'sign-in' | 'session';
  readonly uid: string;
}

/** Recovery codes that are not live yet. */
export interface PendingCodes {
  /** The codes, sealed, for the one page that shows them; null as soon as the person has said that they are saved. */
  readonly sealed: string | null;
  readonly set: RecoverySet;
  readonly shown: boolean;
  /** They replace a list that was never finished, which the person may have saved. */
  readonly again: boolean;
}

/** A method that is proved, and listed nowhere yet. */
export interface ProvedMethod {
  readonly method: EnrolledMethod;
  /** What setting it up has proved, without `pwd` and `mfa` (rule level-as-proved). */
  readonly amr: readonly string[];
  readonly name: string;
}

export interface OpenEnrolment {
  readonly kind: EnrollableId;
  readonly value: Challenge;
}

/**
 * A method on its way to an account. Nothing in here counts: what makes it count is one write of the account. An owner
 * has at most one; a new one replaces it.
 */
export interface SetUp extends AccountRef {
  /** `sign-in:<uid>` or `session:<uid>`. */
  readonly owner: string;
  /** Drawn anew with each list of codes. A form that names another one is out of date. */
  readonly id: string;
  /** The account's when it began: any change of the account ends the set-up (rule change-ends-all). */
  readonly credVersion: number;
  /** Null for a further method: the codes of the first one stay. */
  readonly codes: PendingCodes | null;
  readonly challenge: OpenEnrolment | null;
  readonly proved: ProvedMethod | null;
  readonly expiresAt: Date;
}

/** What is still to do before the account is written. */
export type Stage = 'codes' | 'method' | 'name';

export function stageOf({ codes, proved }: SetUp): Stage {
  if (codes && codes.sealed !== null) return 'codes';
  return proved ? 'name' : 'method';
}

export const ownerKey = ({ kind, uid }: SetUpOwner): string => `${kind}:${uid}`;

/** Whether a set-up may go on: in time, for this person, and nothing about their sign-in has changed since. */
export function isOpen(setUp: SetUp, account: Account, now: Date): boolean {
  const mine = refOf(account);
  const same = setUp.tenantId === mine.tenantId && setUp.accountId === mine.accountId;
  return same && setUp.credVersion === account.credVersion && now < setUp.expiresAt;
}

/** The first method comes with recovery codes; they die with the last one, so nobody else lacks them. */
export const needsCodes = ({ methodCount }: Pick<Account, 'methodCount'>): boolean => methodCount === 0;

/** What a tenant can want besides a password before a first method is set up (rule first-method). */
export type EnrolmentProof = Exclude<Policy['enrolmentProof'], 'none'>;

/** What was proved so far. */
export interface EnrolmentStand {
  readonly passwordAlone: boolean;
  /** A rescue code stood in for the second factor: it signs in, and sets nothing up. */
  readonly rescued?: boolean;
  /** Their methods were taken away by a reset, and nothing was set up since; absent = no. */
  readonly afterReset?: boolean | undefined;
  /** What was given of what the tenant wants; absent = nothing. */
  readonly enrolmentProved?: EnrolmentProof | null;
}

/**
 * The one place that decides what is missing before a method may be set up. After a reset the mailbox is asked for in
 * any case, unless the tenant wants a lead's code, which is given in person: whoever has the password and talked an
 * admin into a reset has neither (rule reset).
 * @returns null when nothing is missing
 */
export function missingProof(
  { enrolmentProof }: Pick<Policy, 'enrolmentProof'>,
  { passwordAlone, afterReset = false, enrolmentProved = null }: EnrolmentStand,
): EnrolmentProof | null {
  const wanted = enrolmentProof === 'none' ? (afterReset ? 'email' : null) : enrolmentProof;
  const owed = passwordAlone ? wanted : null;
  return owed === enrolmentProved ? null : owed;
}

/** What a person may set up, and what they give first, in the very same place. */
export interface Opening {
  /** Safest first; none = somebody else must help. */
  readonly kinds: readonly EnrollableId[];
  readonly missing: EnrolmentProof | null;
}

/**
 * A proof that people can give themselves does not close the way: they are led to it.
 * @param askable what can be asked for here
 */
export function openingOf(
  account: Pick<Account, 'methods' | 'owesMethod'>,
  policy: Policy,
  proved: Omit<EnrolmentStand, 'afterReset'>,
  askable: readonly EnrolmentProof[] = ['email'],
): Opening {
  const stand = { ...proved, afterReset: account.owesMethod };
  const owed = missingProof(policy, stand);
  const missing = askable.find((one) => one === owed) ?? null;
  const given = missing ? { ...stand, enrolmentProved: missing } : stand;
  return { kinds: settableKinds(account, policy, given), missing };
}

/** The kinds of method that a person may set up, safest first; none while a proof is missing. */
export function settableKinds(
  { methods }: Pick<Account, 'methods'>,
  { allowedMethods, enrolmentProof }: Policy,
  stand: EnrolmentStand,
): EnrollableId[] {
  if (stand.rescued || missingProof({ enrolmentProof }, stand) !== null) return [];
  const count = (kind: EnrollableId) => methods.filter((method) => method.kind === kind).length;
  return ENROLLABLE.filter((kind) => allowedMethods.includes(kind) && count(kind) < MOST_OF_A_KIND);
}
