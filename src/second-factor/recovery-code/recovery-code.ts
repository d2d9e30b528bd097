import type { AccountRef } from '../../core/account-ref.ts';
import type { RecoverySet } from '../../accounts/account.ts';
import type { Clock } from '../../core/clock.ts';
import { randomId, type Random } from '../../core/random.ts';
import { owing, type OwedMail } from '../../notifications/owed-mails.ts';
import type { SecondFactorMethod } from '../method.ts';
import { type CodeDigests, newSalt } from '../typed-code.ts';
import { readCode } from './codes.ts';

export interface RecoveryCodePorts {
  readonly accounts: {
    /** Atomic: a number (codes left) for the one caller who takes `digest` away; null = it is not there. */
    spendRecoveryDigest(who: AccountRef, digest: string, owed: readonly OwedMail[]): Promise<number | null>;
  };
  readonly digests: CodeDigests;
  readonly clock: Clock;
  readonly random: Random;
}

/** One of the 15 codes that were saved at set-up. It lets in those who hold a method and have lost it. */
export function recoveryCode({ accounts, digests, clock, random }: RecoveryCodePorts): SecondFactorMethod {
  /** What codes of people without a set are checked against: the same work, and nothing can match. */
  const nobodysSalt = newSalt(random);

  return {
    id: 'recovery-code',
    level: 2,
    budget: 'recovery',
    // Codes alone are no method: they replace one, and die with the last one.
    isHeldBy: (account) => account.methodCount > 0 && (account.recovery?.digests.length ?? 0) > 0,
    begin: async () => ({ challenge: null, view: {} }),

    async verify(account, _challenge, form) {
      const input = form.code ?? '';
      if (input.trim() === '') return { ok: false, reason: 'empty', guess: false };
      const code = readCode(input);
      if (code === null) return { ok: false, reason: 'malformed', guess: false };

      const set = this.isHeldBy(account) ? account.recovery : null;
      // One digest for every guess, right or wrong, with a set or without (rule recovery-codes).
      const digest = await digests.digestCode(code, set?.salt ?? nobodysSalt, set?.pepperId ?? null);
      const [id, at] = [randomId(), clock()];
      const told = (left: number) =>
        owing({ kind: 'recovery-code-used', codesLeft: left, at, device: null }, id);
      // As the set was read; what is told below, unless we die before it, is what the write has left.
      const owed = set ? [told(set.digests.length - 1)] : [];
      const codesLeft = set ? await accounts.spendRecoveryDigest(account, digest, owed) : null;
      if (codesLeft === null) return { ok: false, reason: 'wrong', guess: true };
      return { ok: true, amr: ['recovery_code'], credentialId: null, codesLeft, owed: [told(codesLeft)] };
    },
  };
}

/**
 * Makes the stored form of a set.
 * @param codes in any spelling that people may type
 * @param pepperId the current key of the recovery pepper: a set remembers which key made it
 * @throws RangeError when one of `codes` is no recovery code; DomainError as `digestCode`
 */
export async function recoverySet(
  codes: readonly string[],
  {
    digests,
    pepperId,
    random,
    clock,
  }: { digests: CodeDigests; pepperId: string; random: Random; clock: Clock },
): Promise<RecoverySet> {
  const salt = newSalt(random);
  const normal = codes.map(readCode);
  const digested: string[] = [];
  // One after the other: a set of 15 must not take the whole queue from people who are signing in.
  for (const code of new Set(normal)) {
    if (code === null) throw new RangeError('not a recovery code');
    digested.push(await digests.digestCode(code, salt, pepperId));
  }
  return { salt, pepperId, digests: digested, madeAt: clock() };
}
