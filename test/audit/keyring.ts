import { randomBytes } from 'node:crypto';
import type { Keyring } from '../../src/keys.ts';

/** A keyring with one key. `older` keys stay readable. */
export function keyring(id = 'audit-1', older: Readonly<Record<string, Buffer>> = {}): Keyring {
  const secret = randomBytes(32);
  return { current: { id, secret }, find: (wanted) => (wanted === id ? secret : (older[wanted] ?? null)) };
}
