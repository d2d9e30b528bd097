import { systemRandom, type Random } from '../../core/random.ts';
import { newTypedCode, readTypedCode, showTypedCode } from '../typed-code.ts';

/** How many codes a set has. */
export const CODES_IN_A_SET = 15;
/** Symbols of one code: 5 bits each, 80 in all (rule recovery-codes). */
const SYMBOLS = 16;

/** @returns 15 different codes in their normal form */
export function newCodes(random: Random = systemRandom): string[] {
  const codes = new Set<string>();
  while (codes.size < CODES_IN_A_SET) codes.add(newTypedCode(SYMBOLS, random));
  return [...codes];
}

/** The form in which people see a code: `ABCD-EFGH-JKMN-PQRS`. */
export const showCode = showTypedCode;

/** @returns the normal form of what somebody typed; null when it cannot be a recovery code */
export const readCode = (input: string): string | null => readTypedCode(input, SYMBOLS);
