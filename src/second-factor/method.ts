import type { Account } from '../accounts/account.ts';
import type { MethodId } from '../core/method-ids.ts';
import type { OwedMail } from '../notifications/owed-mails.ts';

/** Why an answer was not accepted. The page has words for each; a broken system throws instead. */
export type Refusal =
  | 'empty'
  | 'malformed'
  | 'wrong'
  | 'used'
  | 'expired'
  /** What was given for a while is over. */
  | 'too-old'
  | 'clock'
  | 'not-yours'
  | 'no-answer'
  | 'unsupported'
  | 'not-enrolled';

export type Verdict =
  | {
      readonly ok: true;
      /** What this proof adds to the `amr` claim, without `pwd` and `mfa`. */
      readonly amr: readonly string[];
      /** Which credential proved it: the id in `account.methods`, or null for a code. */
      readonly credentialId: string | null;
      /** Recovery codes left after this one; only from `recovery-code`. */
      readonly codesLeft?: number;
      /** The rescue code that is gone by it; only from `rescue-code`. */
      readonly rescueId?: string;
      /** What the account owes its owner for the code that is gone; from no browser yet. */
      readonly owed?: readonly OwedMail[];
    }
  | {
      readonly ok: false;
      readonly reason: Refusal;
      /** With `clock`: minutes by which the phone's clock is off; negative = slow. */
      readonly minutes?: number;
      /**
       * False when the answer could not have been a guess at a secret (an empty field, a browser without security
       * keys): such an answer costs nothing of the guess budget.
       */
      readonly guess: boolean;
    };

/** A submitted form: flat, strings only. */
export type Form = Readonly<Record<string, string>>;

/** What the sign-in keeps between showing a method and judging its answer; plain JSON. */
export type Challenge = Readonly<Record<string, unknown>> | null;

/** All that a sign-in needs to know of a second factor. One folder implements it. */
export interface SecondFactorMethod {
  readonly id: MethodId;
  /** Whether `account` could answer with it now. A pure look at the account. */
  isHeldBy(account: Account): boolean;
  /**
   * Whether `account` held it until a short while ago, and cannot answer with it any more: it is still listed where
   * another one helps, because its page says what became of it. Absent = never.
   */
  isOverFor?(account: Account): boolean;
  /** The most that one proof with this method can reach. */
  readonly level: 2 | 3;
  /** Which guess budget a wrong answer is charged to (rule budgets); null = cannot be guessed. */
  readonly budget: 'second-factor' | 'recovery' | 'rescue' | null;
  /**
   * Opens a challenge: the caller keeps `challenge` and hands it back once; the page is shown `view`.
   * @throws DomainError method_unavailable when what proves it cannot be read (rule sealed)
   */
  begin(account: Account): Promise<{ challenge: Challenge; view: Readonly<Record<string, unknown>> }>;
  /**
   * Judges an answer. `challenge` was taken from its keeper by one conditional write, so it is used once.
   * @throws DomainError method_unavailable as `begin`
   */
  verify(account: Account, challenge: Challenge, form: Form): Promise<Verdict>;
}
