import { createHash, randomBytes } from 'node:crypto';

/** Source of unguessable bytes; an argument where a test needs to know them. */
export type Random = (bytes: number) => Buffer;

export const systemRandom: Random = (bytes) => randomBytes(bytes);

/** @returns 256 random bits as 43 base64url characters: identifiers that open something (rule digests-only) */
export function randomToken(random: Random = systemRandom): string {
  return random(32).toString('base64url');
}

/** @returns 128 random bits as 22 base64url characters: names of things, such as an account's `sub` */
export function randomId(random: Random = systemRandom): string {
  return random(16).toString('base64url');
}

/** @returns the SHA-256 of `token` in base64url: what the database keeps of a token (rule digests-only) */
export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
