import { systemRandom, type Random } from '../../core/random.ts';

/** How many codes a set has (DESIGN 2). */
export const CODES_IN_A_SET = 15;
/** Symbols of one code: 5 bits each, 80 in all (SECURITY decision 3). */
const SYMBOLS = 16;
const GROUP = 4;
/** Crockford's base32: no I, L, O and U, so that nothing can be misread, nor spell much. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Longest input that is looked at; characters. */
const MAX_INPUT = 128;

/** @returns one code in its normal form: 16 symbols, nothing between them */
function newCode(random: Random): string {
  // 256 is a multiple of 32: each symbol is equally likely.
  return [...random(SYMBOLS)].map((byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
}

/** @returns 15 different codes in their normal form */
export function newCodes(random: Random = systemRandom): string[] {
  const codes = new Set<string>();
  while (codes.size < CODES_IN_A_SET) codes.add(newCode(random));
  return [...codes];
}

/** @returns 128 random bits in base64url: one salt for one set, so that a guess costs one computation */
export function newSalt(random: Random = systemRandom): string {
  return random(16).toString('base64url');
}

/** The form in which people see a code: `ABCD-EFGH-JKMN-PQRS`. */
export function showCode(code: string): string {
  return (code.match(new RegExp(`.{${GROUP}}`, 'g')) ?? []).join('-');
}

/**
 * Reads a code the way people write it: in any case, with spaces and dashes anywhere, in full-width forms, with O for
 * 0 and I or L for 1.
 * @returns its normal form; null when it cannot be a code
 */
export function readCode(input: string): string | null {
  if (input.length > MAX_INPUT) return null;
  const code = input
    .normalize('NFKC')
    .replaceAll(/[\s\p{Pd}]/gu, '')
    .toUpperCase()
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
  return /^[0-9A-HJKMNP-TV-Z]{16}$/.test(code) ? code : null;
}
