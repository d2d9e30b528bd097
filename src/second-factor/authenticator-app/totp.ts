import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { generateSecret, generateURI, type CryptoPlugin, verifySync } from 'otplib';
import type { Random } from '../../core/random.ts';

/** One time step; seconds (RFC 6238 section 4.1, X). Every app supports this one, with SHA-1 and six digits. */
export const STEP_SECONDS = 30;
const DIGITS = 6;
/** 160 bits, the length of the digest (RFC 4226 section 4, R6): 32 characters of base32. */
const SECRET_BYTES = 20;
/** How far a phone's clock may be off for us to notice and say so; time steps, one hour. */
const CLOCK_SEARCH_STEPS = 120;
/** The library compares at most 99 steps a call, so the search goes in four calls of at most 60. */
const STEPS_A_CALL = 60;

/** OpenSSL's HMAC: the search of a wrong code is 240 of them, which the library's own JavaScript makes 15 ms. */
const nodeCrypto: CryptoPlugin = {
  name: 'node',
  algorithms: ['sha1'],
  hmac: (algorithm, key, data) => createHmac(algorithm, createSecretKey(key)).update(data).digest(),
  randomBytes: () => {
    throw new Error('A secret is made with the caller’s own source of randomness');
  },
  constantTimeEqual: (a, b) => {
    const [left, right] = [Buffer.from(a), Buffer.from(b)];
    return left.length === right.length && timingSafeEqual(left, right);
  },
};

/** @returns the step that `moment` lies in: seconds since the epoch divided by 30, rounded down */
export function timeStepOf(moment: Date): number {
  return Math.floor(moment.getTime() / 1000 / STEP_SECONDS);
}

/** @returns the first step from `first` to `last` (both counted) whose code is `code`; null when none is */
function searchSteps(secret: string, code: string, first: number, last: number): number | null {
  const start = Math.max(0, first);
  if (last < start) return null;
  const result = verifySync({
    secret,
    token: code,
    crypto: nodeCrypto,
    digits: DIGITS,
    period: STEP_SECONDS,
    epoch: start * STEP_SECONDS,
    epochTolerance: [0, (last - start) * STEP_SECONDS],
  });
  return result.valid && 'timeStep' in result ? result.timeStep : null;
}

/**
 * Finds the time step whose code equals `code`: the present one, the one before it for a slow typist, or the one
 * after it for a clock that runs ahead (RFC 6238 sections 5.2 and 6).
 *
 * @param secret base32, 16 to 64 bytes once decoded
 * @param code six ASCII digits
 * @returns null when none of the three matches
 * @throws on a malformed or too short secret: our fault, not the person's
 */
export function matchTimeStep(secret: string, code: string, now: Date): number | null {
  const present = timeStepOf(now);
  return searchSteps(secret, code, present - 1, present + 1);
}

/**
 * Looks for `code` outside the window, to tell somebody that their phone's clock is off. Says nothing about whether
 * the code may be used: it may not.
 *
 * @returns how many steps the phone is off, within an hour; negative = slow; null = no such code
 */
export function findClockOffset(secret: string, code: string, now: Date): number | null {
  const present = timeStepOf(now);
  // Nearest first: the smaller error is the likelier one.
  const spans = [
    [-STEPS_A_CALL, -2],
    [2, STEPS_A_CALL],
    [-CLOCK_SEARCH_STEPS, -STEPS_A_CALL - 1],
    [STEPS_A_CALL + 1, CLOCK_SEARCH_STEPS],
  ] as const;
  for (const [from, to] of spans) {
    const found = searchSteps(secret, code, present + from, present + to);
    if (found !== null) return found - present;
  }
  return null;
}

/** @returns whole minutes for an offset in steps, away from zero: half a minute off is told as one */
export function offsetMinutes(steps: number): number {
  const minutes = Math.max(1, Math.round((Math.abs(steps) * STEP_SECONDS) / 60));
  return steps < 0 ? -minutes : minutes;
}

/** @returns a new secret in base32, 32 characters (RFC 4226 section 4, R6) */
export function newSecret(random: Random): string {
  return generateSecret({
    length: SECRET_BYTES,
    crypto: { ...nodeCrypto, randomBytes: (size) => random(size) },
  });
}

/** @returns whether `secret` is base32 that apps and we can work with: 16 to 64 bytes (RFC 4226 section 4, R6) */
export function isUsableSecret(secret: string): boolean {
  try {
    verifySync({ secret, token: '000000', crypto: nodeCrypto, epoch: 0 });
    return true;
  } catch {
    return false;
  }
}

/**
 * The address inside the QR code. A colon separates issuer and account in it and the library does not escape one, so
 * none is let in.
 *
 * @param issuer the tenant's name
 * @param account the person's email
 */
export function otpauthUri({
  secret,
  issuer,
  account,
}: {
  secret: string;
  issuer: string;
  account: string;
}): string {
  const plain = (text: string) => text.replaceAll(':', ' ').replaceAll(/\s+/g, ' ').trim();
  return generateURI({
    secret,
    issuer: plain(issuer),
    label: plain(account),
    digits: DIGITS,
    period: STEP_SECONDS,
  });
}
