import { timingSafeEqual } from 'node:crypto';
import type { Account } from '../accounts/account.ts';
import type { Reservation } from '../attempts/attempts.ts';
import type { Audit } from '../audit/audit.ts';
import { refOf, type AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import type { Notifications } from '../notifications/notifications.ts';
import { entryOf } from '../second-factor/set-up-ports.ts';
import { MAX_TRIES } from './next-step.ts';
import type { EnrolmentCode, SignIn, SignInRequest, Visitor } from './sign-in.ts';
import type { SignIns, SignInStore } from './sign-ins.ts';

/** How long a code works; minutes. Its mail says so. */
const CODE_MINUTES = 10;
const DIGITS = 6;

export interface EnrolmentCodePorts {
  readonly store: SignInStore;
  readonly signIns: Pick<SignIns, 'situation'>;
  readonly limits: {
    /** Reserves one mail with a code. */
    send(who: AccountRef): Promise<Reservation>;
    /** Reserves one guess at a code, over all sign-ins of the account. */
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

export type EnrolmentCodeStep = ReturnType<typeof createEnrolmentCodeStep>;

const contextOf = (uid: string, { tenantId, accountId }: AccountRef) =>
  `enrolment-code1|${tenantId}|${accountId}|${uid}`;

/** A9 - a code mailed to the stored address, before a first method is set up on a password alone (SECURITY DR-38). */
export function createEnrolmentCodeStep(ports: EnrolmentCodePorts) {
  const { store, signIns, limits, vault, notifications, audit, clock, random } = ports;

  /** @returns null when no code is asked for in the sign-in (any more) */
  async function asked(request: SignInRequest) {
    const { signIn, account, tenant, step } = await signIns.situation(request);
    if (step.kind !== 'enrol' || step.proof !== 'email' || !account || !tenant) return null;
    return { signIn, account, tenant };
  }

  const isLive = (code: EnrolmentCode | null): code is EnrolmentCode =>
    code !== null && code.tries < MAX_TRIES && clock() < code.expiresAt;

  /** @returns digits of equal chance: 2^48 is so much more than 10^6 that what is left over does not show */
  const newCode = () => String(random(6).readUIntBE(0, 6) % 10 ** DIGITS).padStart(DIGITS, '0');

  /** @returns seconds to wait when too many were sent; 0 = it is on its way */
  async function send(signIn: SignIn, account: Account, visitor: Visitor): Promise<number> {
    const sent = await limits.send(account);
    if (!sent.ok) return sent.retryAfterSeconds;
    const plain = newCode();
    const at = clock();
    const enrolmentCode: EnrolmentCode = {
      sealed: vault.seal(plain, contextOf(signIn.uid, account)),
      tries: 0,
      expiresAt: new Date(at.getTime() + CODE_MINUTES * 60_000),
    };
    await audit.record(entryOf(account, visitor, { event: 'enrolment_code_sent', actor: null }));
    // Another tab was faster: its code is on its way.
    if (!(await store.move(signIn, { enrolmentCode }))) return 0;
    const { device } = visitor;
    const mail = { kind: 'enrolment-code', code: plain, minutes: CODE_MINUTES, at, device } as const;
    await notifications.notify(refOf(account), mail);
    return 0;
  }

  async function judge(
    signIn: SignIn,
    account: Account,
    code: string,
    visitor: Visitor,
  ): Promise<CodeAnswer> {
    const { enrolmentCode } = signIn;
    if (!isLive(enrolmentCode)) return { ok: false, problem: 'expired' };
    const guess = await limits.guess(account);
    if (!guess.ok) return { ok: false, problem: 'too-many', retryAfterSeconds: guess.retryAfterSeconds };
    // Counted before it is compared, on the account and on the code.
    if (!(await store.countCodeTry(signIn.uid, enrolmentCode.sealed))) {
      await guess.succeed();
      return { ok: false, problem: 'expired' };
    }
    const right = Buffer.from(vault.open(enrolmentCode.sealed, contextOf(signIn.uid, account)));
    const ok = timingSafeEqual(right, Buffer.from(code));
    const event = ok ? 'enrolment_code_accepted' : 'enrolment_code_refused';
    await audit.record(entryOf(account, visitor, { event, result: ok ? 'ok' : 'refused' }));
    if (!ok) return { ok: false, problem: 'wrong' };
    if (!(await store.move(signIn, { enrolmentCode: null, enrolmentProved: 'email' })))
      throw new DomainError('changed_meanwhile');
    await limits.forgive(account);
    return { ok: true };
  }

  return {
    asked,

    /** Whether a code is on its way that can still be typed. */
    isSent: ({ enrolmentCode }: SignIn): boolean => isLive(enrolmentCode),

    /** Sends the first code; one that still works is not replaced. @returns seconds to wait; 0 = it is on its way */
    async start(request: SignInRequest, visitor: Visitor): Promise<number> {
      const found = await asked(request);
      if (!found || isLive(found.signIn.enrolmentCode)) return 0;
      return send(found.signIn, found.account, visitor);
    },

    /** Sends another code; the one before it is dead. @returns as `start` */
    async again(request: SignInRequest, visitor: Visitor): Promise<number> {
      const found = await asked(request);
      return found ? send(found.signIn, found.account, visitor) : 0;
    },

    /** Judges a typed code, which works once, in the sign-in that asked for it. */
    async answer(request: SignInRequest, typed: string, visitor: Visitor): Promise<CodeAnswer> {
      const found = await asked(request);
      if (!found) return { ok: true };
      const code = typed.normalize('NFKC').replaceAll(/[\s\p{Pd}]/gu, '');
      if (code === '') return { ok: false, problem: 'empty' };
      if (!/^\d{6}$/.test(code)) return { ok: false, problem: 'malformed' };
      return judge(found.signIn, found.account, code, visitor);
    },
  };
}
