import { timingSafeEqual } from 'node:crypto';
import type { Account } from '../accounts/account.ts';
import type { Reservation } from '../attempts/attempts.ts';
import type { Audit } from '../audit/audit.ts';
import { refOf, type AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import type { Notifications } from '../notifications/notifications.ts';
import { entryOf, type Actor } from '../accounts/actor.ts';

/** How long a code works; minutes. Its mail says so. */
const CODE_MINUTES = 10;
const DIGITS = 6;

/** Answers that one code takes. */
export const MOST_CODE_TRIES = 5;

/** A code that was mailed, in the one place that it works in. */
export interface MailedCode {
  readonly sealed: string;
  /** Answers given to it. */
  readonly tries: number;
  readonly expiresAt: Date;
}

/**
 * The place that asks for a code, as it was read in this request: one sign-in, or one session of the own pages. Each
 * method is one conditional write.
 */
export interface CodeSlot {
  /** Of the place: a code is sealed for it and opens no other. */
  readonly uid: string;
  readonly account: Account;
  readonly code: MailedCode | null;
  /** In place of the one before. @returns false when the place has moved: another tab was faster */
  put(code: MailedCode): Promise<boolean>;
  /** Counts an answer before it is judged. @returns false when the code takes no more, or is another one by now */
  countTry(code: MailedCode): Promise<boolean>;
  /** Forgets the code and keeps that it was typed. @returns as `put` */
  prove(code: MailedCode): Promise<boolean>;
}

export interface MailedCodePorts {
  readonly limits: {
    /** Reserves one mail with a code. */
    send(who: AccountRef): Promise<Reservation>;
    /** Reserves one guess at a code, over all places of the account. */
    guess(who: AccountRef): Promise<Reservation>;
    /** A right code forgives the wrong ones before it. */
    forgive(who: AccountRef): Promise<void>;
  };
  readonly vault: {
    seal(plain: string, context: string): string;
    open(sealed: string, context: string): string;
  };
  readonly notifications: Notifications;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly random: Random;
}

export type CodeAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly problem: 'empty' | 'malformed' | 'wrong' | 'expired' }
  | { readonly ok: false; readonly problem: 'too-many'; readonly retryAfterSeconds: number };

export type MailedCodes = ReturnType<typeof createMailedCodes>;

const contextOf = ({ uid, account: { tenantId, accountId } }: CodeSlot) =>
  `enrolment-code1|${tenantId}|${accountId}|${uid}`;

/** A code mailed to the stored address, before a first method is set up on a password alone (rule first-method). */
export function createMailedCodes(ports: MailedCodePorts) {
  const { limits, vault, notifications, audit, clock, random } = ports;

  const isLive = (code: MailedCode | null): code is MailedCode =>
    code !== null && code.tries < MOST_CODE_TRIES && clock() < code.expiresAt;

  /** @returns digits of equal chance: 2^48 is so much more than 10^6 that what is left over does not show */
  const newCode = () => String(random(6).readUIntBE(0, 6) % 10 ** DIGITS).padStart(DIGITS, '0');

  /** Sends a code; the one before it is dead. @returns seconds to wait when too many were sent; 0 = it is on its way */
  async function send(slot: CodeSlot, by: Actor): Promise<number> {
    const { account } = slot;
    const sent = await limits.send(account);
    if (!sent.ok) return sent.retryAfterSeconds;
    const plain = newCode();
    const at = clock();
    const expiresAt = new Date(at.getTime() + CODE_MINUTES * 60_000);
    await audit.record(entryOf(account, by, { event: 'enrolment_code_sent', actor: null }));
    // Another tab was faster: its code is on its way.
    if (!(await slot.put({ sealed: vault.seal(plain, contextOf(slot)), tries: 0, expiresAt }))) return 0;
    const mail = {
      kind: 'enrolment-code',
      code: plain,
      minutes: CODE_MINUTES,
      at,
      device: by.device,
    } as const;
    await notifications.notify(refOf(account), mail);
    return 0;
  }

  async function judge(slot: CodeSlot, typed: string, by: Actor): Promise<CodeAnswer> {
    const { account, code } = slot;
    if (!isLive(code)) return { ok: false, problem: 'expired' };
    const guess = await limits.guess(account);
    if (!guess.ok) return { ok: false, problem: 'too-many', retryAfterSeconds: guess.retryAfterSeconds };
    // Counted before it is compared, on the account and on the code.
    if (!(await slot.countTry(code))) {
      await guess.succeed();
      return { ok: false, problem: 'expired' };
    }
    const right = Buffer.from(vault.open(code.sealed, contextOf(slot)));
    const ok = timingSafeEqual(right, Buffer.from(typed));
    const event = ok ? 'enrolment_code_accepted' : 'enrolment_code_refused';
    await audit.record(entryOf(account, by, { event, result: ok ? 'ok' : 'refused' }));
    if (!ok) return { ok: false, problem: 'wrong' };
    if (!(await slot.prove(code))) throw new DomainError('changed_meanwhile');
    await limits.forgive(account);
    return { ok: true };
  }

  return {
    /** Whether a code is on its way that can still be typed. */
    isSent: ({ code }: Pick<CodeSlot, 'code'>): boolean => isLive(code),

    /** Sends the first code; one that still works is not replaced. @returns as `again` */
    start: async (slot: CodeSlot, by: Actor): Promise<number> => (isLive(slot.code) ? 0 : send(slot, by)),

    /** Sends another code. @returns seconds to wait when too many were sent; 0 = it is on its way */
    again: send,

    /** Judges a typed code, which works once, in the place that asked for it. @throws DomainError changed_meanwhile */
    async answer(slot: CodeSlot, typed: string, by: Actor): Promise<CodeAnswer> {
      const code = typed.normalize('NFKC').replaceAll(/[\s\p{Pd}]/gu, '');
      if (code === '') return { ok: false, problem: 'empty' };
      if (!/^\d{6}$/.test(code)) return { ok: false, problem: 'malformed' };
      return judge(slot, code, by);
    },
  };
}
