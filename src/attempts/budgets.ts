const MINUTE = 60;
const HOUR = 60 * MINUTE;
/** Longer than any row of failures: one window, in which each has a number. */
const ROW = 100 * 365 * 24 * HOUR;

/** At most `limit` attempts in each window of `seconds`, counted from the epoch on. */
export interface Allowance {
  readonly limit: number;
  readonly seconds: number;
}

/** How many guesses somebody has. Failures are kept; what succeeded, or was no guess, is given back. */
export interface Budget extends Allowance {
  /** With so many failures in a row the allowance is another one. */
  readonly after?: { readonly failures: number; readonly allowance: Allowance };
  /** From so many failures in a row on, wait 2, 4, 8, ... seconds after the last, at most `longest`. */
  readonly wait?: { readonly failures: number; readonly longest: number };
  /** With so many failures in a row there is no guess any more, whatever the time, until the row is cleared. */
  readonly suspend?: { readonly failures: number };
  /** Many people share it, whose guesses are mostly right and come back: who comes meanwhile waits for that alone. */
  readonly crowd?: true;
  /** How long a failure is remembered; seconds. Null = until a success: nothing may be won by patience. */
  readonly memory: number | null;
}

/**
 * NIST SP 800-63B-4 section 3.2.2, as rule budgets spends it: of one authenticator of one account at most 100 failures
 * in a row, over all places that ask
 * for it. A password has three shares that make 100 together: strangers' browsers, known ones, and the own pages; so
 * nobody uses up what is another's. An app code has two: strangers' browsers have 80, known ones 20. A completed sign-in
 * forgives what its own browser failed, never what others did.
 *
 * The arithmetic for app codes, of which 3 in 10^6 are right at any moment (one more step each side of the present one):
 * 5 in 15 minutes are 20 guesses in the first hour, then 1 an hour, and none after 100 in a row: 1 in 3300 for the whole
 * life of an account. Windows stand still, so that 2 x `limit` guesses can fall into one span of `seconds`, never more.
 */
export const BUDGETS = {
  /** Per account: codes of authenticator apps, wherever they are asked for, from browsers that the person never used. */
  'second-factor': {
    limit: 5,
    seconds: 15 * MINUTE,
    after: { failures: 20, allowance: { limit: 1, seconds: HOUR } },
    suspend: { failures: 80 },
    memory: null,
  },
  /** The same from browsers in which the person signed in before: strangers cannot use it up, nor make it wait. */
  'second-factor-known-device': {
    limit: 5,
    seconds: 15 * MINUTE,
    after: { failures: 10, allowance: { limit: 1, seconds: HOUR } },
    suspend: { failures: 20 },
    memory: null,
  },
  /** Per account: apart from app codes, because 80 bits cannot be guessed and must stay usable meanwhile. */
  recovery: { limit: 10, seconds: 15 * MINUTE, memory: 15 * MINUTE },
  /** Per account: codes that people in charge gave. 40 bits for 12 hours: 480 guesses at 10^12. */
  rescue: { limit: 10, seconds: 15 * MINUTE, memory: 15 * MINUTE },
  /**
   * Per account: browsers in which this person signed in before. After ten in a row they count as unknown ones, and no
   * waiting changes that (rule budgets): a sign-in or a new password does.
   */
  'password-known-device': { limit: 10, seconds: ROW, suspend: { failures: 10 }, memory: null },
  /** Per account: the password where somebody who is signed in is asked for it. */
  'password-proof': { limit: 10, seconds: 15 * MINUTE, suspend: { failures: 20 }, memory: null },
  /** Per account: wrong second factors in a row, by whatever method. Limits nothing; at the 3rd and 10th it is told. */
  'second-step-failures': {
    limit: 100,
    seconds: ROW,
    suspend: { failures: 100 },
    memory: null,
  },
  /**
   * Per account (also one that does not exist): all other browsers together. From the sixth failure in a row on they
   * wait; after 70 a mailed link has to make them known, or a new password is chosen (rule known-browsers).
   */
  'password-unknown-device': {
    limit: 10,
    seconds: 15 * MINUTE,
    wait: { failures: 6, longest: 15 * MINUTE },
    suspend: { failures: 70 },
    memory: null,
  },
  /** Per tenant and IPv4 address or IPv6 /64; never for browsers that are known (rule shared-networks). */
  source: { limit: 50, seconds: 15 * MINUTE, memory: 15 * MINUTE, crowd: true },
  /** Per tenant and IPv4 /24 or IPv6 /48. */
  'source-network': { limit: 500, seconds: 15 * MINUTE, memory: 15 * MINUTE, crowd: true },
  /** Per account: set-ups that were begun. */
  enrol: { limit: 20, seconds: HOUR, memory: HOUR },
  /** Per account: mails with a code before a set-up. */
  'enrolment-mail': { limit: 5, seconds: HOUR, memory: HOUR },
  /** Per account: guesses at those codes, of which one in 10^6 is right. Only who has the password comes this far. */
  'enrolment-code': {
    limit: 10,
    seconds: HOUR,
    after: { failures: 20, allowance: { limit: 1, seconds: HOUR } },
    memory: 30 * 24 * HOUR,
  },
  /** Per account: fresh proofs before a change. */
  sudo: { limit: 10, seconds: 15 * MINUTE, memory: 15 * MINUTE },
  /** Per email and kind of link: mails that anybody can ask for. */
  'mail-link': { limit: 3, seconds: HOUR, memory: HOUR },
  'mail-link-day': { limit: 10, seconds: 24 * HOUR, memory: 24 * HOUR },
  /** Per tenant and IPv4 address or IPv6 /64; never for browsers in which the person signed in before (rule shared-networks). */
  'mail-link-source': { limit: 20, seconds: HOUR, memory: HOUR },
  /** Per tenant and IPv4 /24 or IPv6 /48: ten neighbours who ask for nobody do not silence the others. */
  'mail-link-network': { limit: 200, seconds: HOUR, memory: HOUR },
  /** Per tenant and email: invitations that are mailed, the first one and three more, by whomever and however. */
  'invitation-mail': { limit: 4, seconds: HOUR, memory: HOUR },
  /** Per account: resets of its two factors that are asked for, of each of which it is mailed. */
  'reset-asked': { limit: 5, seconds: HOUR, memory: HOUR },
  /** Per account: changes that an admin makes. */
  admin: { limit: 100, seconds: HOUR, memory: HOUR },
} as const satisfies Record<string, Budget>;

export type BudgetName = keyof typeof BUDGETS;
