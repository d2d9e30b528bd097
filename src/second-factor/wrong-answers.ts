import { refOf, type AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import type { Notifications } from '../notifications/notifications.ts';
import type { Actor } from '../accounts/actor.ts';

/** Wrong second factors in a row that their owner is told of (OWASP ASVS 5.0, 6.3.5). */
const TOLD_AT: readonly number[] = [3, 10];

export interface WrongAnswerPorts {
  /**
   * Counts one more. Each number is given to one caller.
   * @returns how many there are in a row, this one included; null = more than are counted
   */
  readonly count: (who: AccountRef) => Promise<number | null>;
  readonly notifications: Notifications;
  readonly clock: Clock;
}

export type WrongAnswers = ReturnType<typeof createWrongAnswers>;

/**
 * Whoever is asked for a second factor has the password, or a session of its owner: wrong answers in a row say that
 * somebody else may have it. They are counted over all methods and wherever they are asked, apart from what limits
 * guesses: a key cannot be guessed, and a stranger's key is a sign all the same.
 */
export function createWrongAnswers({ count, notifications, clock }: WrongAnswerPorts) {
  return async function wrongAnswer(who: AccountRef, { device }: Pick<Actor, 'device'>): Promise<void> {
    const times = await count(who);
    if (times === null || !TOLD_AT.includes(times)) return;
    await notifications.notify(refOf(who), { kind: 'second-step-refused', times, at: clock(), device });
  };
}
