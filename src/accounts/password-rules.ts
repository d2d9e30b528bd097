import { COMMON_PASSWORDS } from './common-passwords.ts';
import { canonicalPassword, MAX_PASSWORD_LENGTH } from './passwords.ts';

/**
 * Least length where the password is the only factor, and where a second one always follows (NIST SP 800-63B-4 section
 * 3.1.1.2).
 */
export const LEAST_LENGTH = { alone: 15, withSecondFactor: 8 } as const;

/** Why a new password is not taken. The page has words for each. */
export type PasswordRefusal =
  'empty' | 'malformed' | 'too-short' | 'too-long' | 'common' | 'repeats' | 'sequence' | 'personal';

export interface PasswordContext {
  /** A second factor is always asked of this person. */
  readonly secondFactor: boolean;
  /** What an attacker tries for this person: email, name, tenant's name and slug. */
  readonly about: readonly string[];
}

const PRODUCT = 'stile';
/** Rows of keys and orders of letters that fingers and minds run along. */
const RUNS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'yxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik',
];
/** Characters in a row that count as a run; shorter ones come up by chance. */
const RUN_LENGTH = 4;
const LOOKALIKES: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/**
 * Judges a NEW password: length in code points, and a block list. There are no rules of composition (NIST SP 800-63B-4
 * section 3.1.1.2).
 * @returns null when it is taken
 */
export function judgePassword(
  password: string,
  { secondFactor, about }: PasswordContext,
): PasswordRefusal | null {
  if (password === '') return 'empty';
  const canonical = canonicalPassword(password);
  if (canonical === null) return [...password].length > MAX_PASSWORD_LENGTH ? 'too-long' : 'malformed';
  const length = [...canonical].length;
  if (length < (secondFactor ? LEAST_LENGTH.withSecondFactor : LEAST_LENGTH.alone)) return 'too-short';

  const folded = canonical.toLowerCase();
  if (distinctPart(folded) * 2 <= length) return 'repeats';
  if (runPart(folded) * 2 >= length) return 'sequence';
  if (remainder(folded, [PRODUCT, ...about.flatMap(wordsOf)]) * 2 < length) return 'personal';
  return isCommon(folded) ? 'common' : null;
}

/** @returns characters left when text that only repeats is counted once: `aaaa` 1, `abcabc` 3 */
function distinctPart(text: string): number {
  const characters = [...text];
  if (new Set(characters).size <= 2) return new Set(characters).size;
  for (let period = 1; period <= characters.length / 2; period += 1) {
    if (characters.every((character, i) => character === characters[i % period])) return period;
  }
  return characters.length;
}

/** @returns characters that lie in runs such as `abcd`, `4321` or `qwer`, forwards or backwards */
function runPart(text: string): number {
  const inRun = new Set<number>();
  const runs = RUNS.flatMap((run) => [run, [...run].reverse().join('')]);
  for (let start = 0; start + RUN_LENGTH <= text.length; start += 1) {
    const piece = text.slice(start, start + RUN_LENGTH);
    if (!runs.some((run) => run.includes(piece))) continue;
    for (let i = start; i < start + RUN_LENGTH; i += 1) inRun.add(i);
  }
  return inRun.size;
}

/** @returns words of four letters and more; shorter ones are in everything */
function wordsOf(text: string): string[] {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  return words.filter((word) => [...word].length >= 4);
}

/** @returns letters and digits left when `known` words are taken out */
function remainder(text: string, known: readonly string[]): number {
  const longestFirst = [...new Set(known)].sort((a, b) => b.length - a.length);
  if (!longestFirst.some((word) => text.includes(word))) return text.length;
  const rest = longestFirst.reduce((left, word) => left.replaceAll(word, ''), text);
  return [...rest.replaceAll(/[^\p{L}]/gu, '')].length;
}

/** A common word dressed up: `P@ssw0rd!`, `welcome2026`, `letmein letmein`. */
function isCommon(text: string): boolean {
  const plain = (part: string) => [...part].map((character) => LOOKALIKES[character] ?? character).join('');
  const undressed = text.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const words = [text, undressed, plain(text), plain(undressed)].map((one) =>
    one.replaceAll(/[^\p{L}]/gu, ''),
  );
  return words.some((word) => COMMON_PASSWORDS.has(word) || COMMON_PASSWORDS.has(halfOf(word)));
}

/** @returns the half that a text says twice; the text itself otherwise */
function halfOf(text: string): string {
  const half = text.slice(0, text.length / 2);
  return half + half === text ? half : text;
}
