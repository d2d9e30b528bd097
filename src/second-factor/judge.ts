import { comparing, tooMany, type Reservation } from '../attempts/attempts.ts';
import type { Audit, AuditEntry } from '../audit/audit.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { from, type ChangeNotices } from '../notifications/owed-mails.ts';
import type { Challenge, Verdict } from './method.ts';
import { entryOf, type Actor } from '../accounts/actor.ts';
import type { WrongAnswers } from './wrong-answers.ts';

export type Right = Extract<Verdict, { ok: true }>;
type Wrong = Extract<Verdict, { ok: false }>;
type Refused = Extract<Reservation, { ok: false }>;

/** What keeps the challenge of a method between its page and the answer. */
export interface Keeper {
  /**
   * Takes the challenge, by one conditional write. `expired`: there is none for this method; `over`: no answer is
   * asked for any more.
   */
  take(): Promise<{ readonly challenge: Challenge } | 'expired' | 'over'>;
  /** The answer was no guess: gives back what `take` counted. Absent = it counts nothing. */
  forgive?(): Promise<void>;
  /** Whether what is asked for was proved by now: the first click of a double click used what the second one brings. */
  isProved(): Promise<boolean>;
}

/** An answer that somebody gave, and where. */
export interface Answered {
  readonly who: AccountRef;
  readonly by: Actor;
  /** Reserves the guess of every budget that it is charged to. */
  readonly reserve: () => Promise<Reservation>;
  readonly keeper: Keeper;
  readonly verify: (challenge: Challenge) => Promise<Verdict>;
  /** What the log has of a verdict; null = nothing. Not asked for an answer that was no guess. */
  readonly entry: (verdict: Verdict) => AuditEntry | null;
  /** What a rescue code is used for here. */
  readonly purpose: 'sign-in' | 'set-up' | 'change';
}

export type Judged =
  | {
      readonly kind: 'right';
      readonly verdict: Right;
      /** Gives the guess back. It stays a failure until this is called. */
      readonly forgive: () => Promise<void>;
    }
  | { readonly kind: 'wrong'; readonly verdict: Wrong }
  /** No guess is left. */
  | { readonly kind: 'refused'; readonly refused: Refused }
  /** Nothing is asked for any more (a second tab, a double click). */
  | { readonly kind: 'over' };

/** What a page says of an answer that did not prove it. */
export function refusalOf(judged: Extract<Judged, { kind: 'wrong' | 'refused' }>) {
  if (judged.kind === 'refused') return tooMany(judged.refused);
  const { reason, minutes = null } = judged.verdict;
  return { ok: false, refusal: reason, minutes } as const;
}

export type Judge = (answered: Answered) => Promise<Judged>;

export interface JudgePorts {
  readonly audit: Audit;
  readonly notifications: ChangeNotices;
  readonly wrongAnswer: WrongAnswers;
}

/**
 * Proving, wherever it is asked for: the guess is counted before anything is compared, the challenge is taken once,
 * the verdict is logged, the owner is told of wrong answers in a row and of codes that are gone for good. What was no
 * guess costs nothing.
 */
export function createJudge({ audit, notifications, wrongAnswer }: JudgePorts): Judge {
  /** A code is gone for good, whoever used it: the log and its owner are told. */
  async function tellSpent(who: AccountRef, verdict: Right, { by, purpose }: Answered): Promise<void> {
    const { codesLeft: left, rescueId, owed = [] } = verdict;
    const used: Pick<AuditEntry, 'event'> & Partial<AuditEntry> =
      rescueId === undefined
        ? { event: 'recovery_code_used', details: { left: left ?? 0 } }
        : { event: 'rescue_code_used', method: 'rescue-code', details: { code: rescueId, for: purpose } };
    await audit.record(entryOf(who, by, used));
    await notifications.tell(who, from(by.device, owed));
  }

  return async function judge(answered): Promise<Judged> {
    const { who, keeper, by } = answered;
    const guess = await answered.reserve();
    if (!guess.ok) return { kind: 'refused', refused: guess };
    const noGuess = () => Promise.all([guess.succeed(), keeper.forgive?.()]);
    const taken = await keeper.take();
    if (taken === 'over') {
      await guess.succeed();
      return { kind: 'over' };
    }
    const verdict: Verdict =
      taken === 'expired'
        ? { ok: false, reason: 'expired', guess: false }
        : await comparing(noGuess, () => answered.verify(taken.challenge));
    const entry = verdict.ok || verdict.guess ? answered.entry(verdict) : null;
    if (entry) await audit.record(entry);
    if (verdict.ok) {
      const isSpent = verdict.codesLeft !== undefined || verdict.rescueId !== undefined;
      if (isSpent) await tellSpent(who, verdict, answered);
      return { kind: 'right', verdict, forgive: () => guess.succeed() };
    }
    if (verdict.guess) await wrongAnswer(who, by);
    else await noGuess();
    const twice = verdict.reason === 'used' || verdict.reason === 'expired';
    return twice && (await keeper.isProved()) ? { kind: 'over' } : { kind: 'wrong', verdict };
  };
}
