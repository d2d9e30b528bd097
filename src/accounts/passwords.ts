import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import type { Keyring } from '../keys.ts';
import type { StoredPassword } from './account.ts';
import type { Argon2 } from './argon2.ts';
import type { HashPriority, HashQueue } from './hash-queue.ts';
import { isCurrent, parsePhc, verifyImported } from './phc.ts';

/** Longest password; code points. Longer ones are refused before anybody is looked up. */
export const MAX_PASSWORD_LENGTH = 128;

const LONE_SURROGATE = /\p{Surrogate}/u;

/** The result of a check. `upgrade`: the same password under today's parameters, to be kept in place of the old. */
export interface PasswordVerdict {
  readonly ok: boolean;
  readonly upgrade: StoredPassword | null;
}

export interface Passwords {
  /** @throws DomainError bad_request for what cannot be a password; busy when the queue is full */
  hash(password: string, priority?: HashPriority): Promise<StoredPassword>;
  /**
   * @param stored null = nobody has this email, or the account has no password: the same work is done for nothing
   * @throws as `hash`
   */
  verify(stored: StoredPassword | null, password: string, priority?: HashPriority): Promise<PasswordVerdict>;
  /**
   * One keyed argon2id computation over a code that a person was given (rule recovery-codes).
   * @param salt base64url; one a set of codes
   * @param pepperId null = the current key
   * @returns base64url, 43 characters
   * @throws DomainError method_unavailable when the key is unknown; busy
   */
  digestCode(code: string, salt: string, pepperId: string | null): Promise<string>;
}

export interface PasswordsOptions {
  readonly argon2: Argon2;
  readonly queue: HashQueue;
  readonly pepper: Keyring;
  readonly recoveryPepper: Keyring;
  readonly clock: Clock;
  /** Called when a stored digest cannot be checked at all: somebody must look at it. */
  readonly alarm: (problem: PasswordProblem) => void;
}

export type PasswordProblem = 'unknown_pepper' | 'malformed_digest';

/**
 * The one spelling that is hashed: NFKC, so that a letter typed as one or as two code points is the same (NIST SP
 * 800-63B-4 section 3.1.1.2). Nothing is trimmed, cut or folded otherwise.
 * @returns null for text that is empty, too long or ill-formed: all lone surrogates would hash alike
 */
export function canonicalPassword(password: unknown): string | null {
  if (typeof password !== 'string' || password === '' || LONE_SURROGATE.test(password)) return null;
  // A UTF-16 bound first: normalising megabytes is work that nobody should get for free.
  if (password.length > 4 * MAX_PASSWORD_LENGTH) return null;
  const canonical = password.normalize('NFKC');
  return [...canonical].length <= MAX_PASSWORD_LENGTH ? canonical : null;
}

/** Hashes and checks passwords; every computation goes through the bounded queue. */
export async function createPasswords(options: PasswordsOptions): Promise<Passwords> {
  const { argon2, queue, pepper, recoveryPepper, clock, alarm } = options;
  /** Nobody's password, made as a real one is: what unknown people are checked against. */
  const dummy = await argon2.hash('a password that nobody has', pepper.current.secret);

  function accepted(password: string): string {
    const canonical = canonicalPassword(password);
    if (canonical === null) throw new DomainError('bad_request', { detail: 'password' });
    return canonical;
  }

  async function fresh(canonical: string, changedAt: Date): Promise<StoredPassword> {
    const phc = await argon2.hash(canonical, pepper.current.secret);
    return { phc, pepperId: pepper.current.id, changedAt };
  }

  /** The work of one check that cannot succeed. */
  async function checkNobody(canonical: string): Promise<PasswordVerdict> {
    await argon2.verify(dummy, canonical, pepper.current.secret);
    return { ok: false, upgrade: null };
  }

  /** @returns null when the digest cannot be checked at all, which somebody must look at */
  async function matches(stored: StoredPassword, canonical: string): Promise<boolean | null> {
    const phc = parsePhc(stored.phc);
    if (phc === null) return unreadable('malformed_digest');
    if (phc.kind !== 'argon2') return verifyImported(phc, canonical);
    const secret = stored.pepperId === null ? null : pepper.find(stored.pepperId);
    if (stored.pepperId !== null && secret === null) return unreadable('unknown_pepper');
    try {
      return await argon2.verify(stored.phc, canonical, secret);
    } catch {
      return unreadable('malformed_digest');
    }
  }

  function unreadable(problem: PasswordProblem): null {
    alarm(problem);
    return null;
  }

  async function check(stored: StoredPassword, canonical: string): Promise<PasswordVerdict> {
    const ok = await matches(stored, canonical);
    if (ok === null) return checkNobody(canonical);
    if (stored.pepperId === pepper.current.id && isCurrent(stored.phc)) return { ok, upgrade: null };
    // An old digest costs itself and one of today's, right or wrong (rule same-cost).
    return ok ? { ok, upgrade: await fresh(canonical, stored.changedAt) } : checkNobody(canonical);
  }

  return {
    async hash(password, priority) {
      const canonical = accepted(password);
      return queue.run(() => fresh(canonical, clock()), priority);
    },

    async verify(stored, password, priority) {
      const canonical = accepted(password);
      return queue.run(() => (stored ? check(stored, canonical) : checkNobody(canonical)), priority);
    },

    async digestCode(code, salt, pepperId) {
      const secret = pepperId === null ? recoveryPepper.current.secret : recoveryPepper.find(pepperId);
      if (secret === null) throw new DomainError('method_unavailable', { detail: 'recovery_pepper' });
      const digest = await queue.run(() => argon2.digest(code, Buffer.from(salt, 'base64url'), secret));
      return digest.toString('base64url');
    },
  };
}
