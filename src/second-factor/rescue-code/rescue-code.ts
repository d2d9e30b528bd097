import type { Account, RescueCode } from '../../accounts/account.ts';
import type { SpentRescueCode } from '../../accounts/accounts.ts';
import type { Clock } from '../../core/clock.ts';
import type { Random } from '../../core/random.ts';
import type { Keyring } from '../../keys.ts';
import { owing } from '../../notifications/owed-mails.ts';
import type { Form, SecondFactorMethod, Verdict } from '../method.ts';
import { type CodeDigests, newSalt, newTypedCode, readTypedCode, showTypedCode } from '../typed-code.ts';

/**
 * Symbols of one code: 5 bits each, 40 in all. Short enough to be read out; it lives for hours (NIST SP 800-63B-4
 * section 3.1.2).
 */
const SYMBOLS = 8;
/** How long after it was given a code is still listed, so that its page can say that it is used or too old; hours. */
const LISTED_HOURS = 24;

export interface RescueCodePorts {
  readonly accounts: {
    /** Atomic: true for the one caller who spends the code, while it is live. */
    spendRescueCode(account: Account, spent: SpentRescueCode): Promise<boolean>;
  };
  readonly digests: CodeDigests;
  readonly pepper: Keyring;
  readonly clock: Clock;
  readonly random: Random;
}

export type RescueCodes = ReturnType<typeof rescueCodes>;

/** A code counts once, in time, and while nothing about how the person signs in has changed (rule change-ends-all). */
const isLive = ({ rescue, credVersion }: Account, now: Date): boolean =>
  rescue?.code.usedAt === null && rescue.code.expiresAt > now && rescue.code.credVersion === credVersion;

/** Makes codes, and judges what was typed. */
export function rescueCodes({ accounts, digests, pepper, clock, random }: RescueCodePorts) {
  /** What codes of people who were given none are checked against: the same work, and nothing can match. */
  const nobodysSalt = newSalt(random);
  // The pepper is that of recovery codes: what is digested with it must not be one.
  const digestOf = (code: string, salt: string, pepperId: string | null) =>
    digests.digestCode(`rescue-code1|${code}`, salt, pepperId);

  return {
    /** @returns a code in its normal form; nothing is kept of it */
    newCode: (): string => newTypedCode(SYMBOLS, random),

    show: showTypedCode,

    /** @returns what is stored of `code` itself. @throws DomainError busy */
    async digest(code: string): Promise<Pick<RescueCode, 'salt' | 'pepperId' | 'digest'>> {
      const salt = newSalt(random);
      const pepperId = pepper.current.id;
      return { salt, pepperId, digest: await digestOf(code, salt, pepperId) };
    },

    /** Spends the code that was typed, if it is the newest of `account` and live. @throws DomainError busy */
    async spend(account: Account, form: Form): Promise<Verdict> {
      const input = form.code ?? '';
      if (input.trim() === '') return { ok: false, reason: 'empty', guess: false };
      const typed = readTypedCode(input, SYMBOLS);
      if (typed === null) return { ok: false, reason: 'malformed', guess: false };

      const code = account.rescue?.code;
      // One digest for every guess, right or wrong, with a code or without.
      const digest = await digestOf(typed, code?.salt ?? nobodysSalt, code?.pepperId ?? null);
      const now = clock();
      const owed = [owing({ kind: 'rescue-code-used', at: now, device: null })];
      if (code && (await accounts.spendRescueCode(account, { digest, now, owed })))
        return { ok: true, amr: ['rescue_code'], credentialId: null, rescueId: code.id, owed };
      // Whoever knows the right one may be told what became of it.
      if (digest !== code?.digest) return { ok: false, reason: 'wrong', guess: true };
      return { ok: false, reason: isLive(account, now) || code.usedAt ? 'used' : 'too-old', guess: true };
    },
  };
}

/**
 * A code that somebody in charge reads to a person who cannot reach their key or phone today. It takes their place in
 * one sign-in and proves nothing else: it is no method, and there is none without one.
 */
export function rescueCode(codes: Pick<RescueCodes, 'spend'>, clock: Clock): SecondFactorMethod {
  return {
    id: 'rescue-code',
    level: 2,
    budget: 'rescue',
    // By those that the tenant allows: what counts for nothing needs nobody to stand in for it.
    isHeldBy: (account) => account.methods.length > 0 && isLive(account, clock()),
    isOverFor: (account) => {
      const { rescue } = account;
      if (!rescue || account.methods.length === 0 || isLive(account, clock())) return false;
      return clock().getTime() - rescue.code.givenAt.getTime() < LISTED_HOURS * 60 * 60 * 1000;
    },
    begin: async () => ({ challenge: null, view: {} }),

    async verify(account, _challenge, form) {
      // Without a method it would stand for nothing: a forced set-up asks for it by itself.
      if (account.methods.length === 0) return { ok: false, reason: 'not-enrolled', guess: false };
      return codes.spend(account, form);
    },
  };
}
