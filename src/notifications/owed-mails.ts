import { refOf, type AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { randomId } from '../core/random.ts';
import type { Mail } from './mail.ts';
import type { Notifications } from './notifications.ts';

/** What tells somebody of a change that has happened. Never a link or a code: it lies on the account as it is. */
export type ChangeMail = Extract<
  Mail,
  {
    kind:
      | 'method-added'
      | 'method-removed'
      | 'method-renamed'
      | 'two-factor-off'
      | 'recovery-codes-made'
      | 'recovery-code-used'
      | 'rescue-code-given'
      | 'rescue-code-used'
      | 'password-changed'
      | 'not-me'
      | 'reset-done';
  }
>;

/** A mail that an account owes its owner. The same write puts it there that makes the change. */
export interface OwedMail {
  /** Names the occasion: told twice by us, the person is told once. */
  readonly id: string;
  readonly at: Date;
  readonly mail: ChangeMail;
}

/** @param id the same for a change that is made again; absent = the change is made once */
export const owing = (mail: ChangeMail, id: string = randomId()): OwedMail => ({ id, at: mail.at, mail });

/** The same mails, now that it is known in what browser the change was made. */
export const from = (device: string | null, owed: readonly OwedMail[]): OwedMail[] =>
  owed.map((one) => ({ ...one, mail: { ...one.mail, device } }));

export interface OwedMailStore {
  /** Accounts that owe something since `before` or longer, with all that they owe since then. */
  owedSince(before: Date, most: number): Promise<{ who: AccountRef; owed: readonly OwedMail[] }[]>;
  /** Takes them off the account. */
  paid(who: AccountRef, ids: readonly string[]): Promise<void>;
}

/** Tells people of changes of their account. */
export interface ChangeNotices {
  /**
   * Keeps what a write has just put on the account for delivery. Never rejects, because the change has happened: what
   * fails, or is cut off by the end of the process, is taken up by the sweep of any process (rule told-by-mail).
   */
  tell(who: AccountRef, owed: readonly OwedMail[]): Promise<void>;
}

export interface OwedMailPorts {
  readonly notify: Notifications['notify'];
  readonly store: OwedMailStore;
  readonly clock: Clock;
  readonly onTrouble: (error: unknown) => void;
}

/** How long whoever made the change has for it; milliseconds. */
const LEFT_ALONE_MS = 10_000;
/** Accounts that one sweep looks at. */
const MOST = 1000;

/** Mails that are owed until they are kept for delivery: at least once here, and once in the outbox, by their id. */
export function createOwedMails({ notify, store, clock, onTrouble }: OwedMailPorts) {
  async function tell(who: AccountRef, owed: readonly OwedMail[]): Promise<void> {
    if (owed.length === 0) return;
    try {
      await Promise.all(owed.map(({ id, mail }) => notify(refOf(who), mail, id)));
      await store.paid(
        refOf(who),
        owed.map(({ id }) => id),
      );
    } catch (error) {
      onTrouble(error);
    }
  }

  return {
    tell,

    /** Takes up what was left, by this process or another one. Any number may do it at once. */
    async sweep(): Promise<void> {
      const left = await store.owedSince(new Date(clock().getTime() - LEFT_ALONE_MS), MOST);
      for (const { who, owed } of left) await tell(who, owed);
    },
  };
}
