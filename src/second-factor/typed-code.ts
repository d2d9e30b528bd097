import { systemRandom, type Random } from '../core/random.ts';

/** Crockford's base32: no I, L, O and U, so that nothing can be misread, nor spell much. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const GROUP = 4;
/** Longest input that is looked at; characters. */
const MAX_INPUT = 128;

/** The keyed, memory-hard digest of one code; goes through the same bounded queue as passwords. */
export interface CodeDigests {
  /**
   * @param salt base64url; one a set
   * @param pepperId null = the current key
   * @throws DomainError busy when the queue is full; method_unavailable when the key is unknown
   */
  digestCode(code: string, salt: string, pepperId: string | null): Promise<string>;
}

/** @returns a code of `symbols` x 5 random bits in its normal form: nothing stands between the symbols */
export function newTypedCode(symbols: number, random: Random = systemRandom): string {
  // 256 is a multiple of 32: each symbol is equally likely.
  return [...random(symbols)].map((byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
}

/** @returns 128 random bits in base64url: one salt for what a guess is compared with, so that it costs one computation */
export function newSalt(random: Random = systemRandom): string {
  return random(16).toString('base64url');
}

/** The form in which people see a code: `ABCD-EFGH`. */
export function showTypedCode(code: string): string {
  return (code.match(new RegExp(`.{${GROUP}}`, 'g')) ?? []).join('-');
}

/**
 * Reads a code the way people write it: in any case, with spaces and dashes anywhere, in full-width forms, with O for
 * 0 and I or L for 1.
 * @returns its normal form; null when it cannot be a code of `symbols`
 */
export function readTypedCode(input: string, symbols: number): string | null {
  if (input.length > MAX_INPUT) return null;
  const code = input
    .normalize('NFKC')
    .replaceAll(/[\s\p{Pd}]/gu, '')
    .toUpperCase()
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
  return code.length === symbols && /^[0-9A-HJKMNP-TV-Z]+$/.test(code) ? code : null;
}
