export type TypedCode =
  | { readonly ok: true; readonly code: string }
  | { readonly ok: false; readonly reason: 'empty' | 'malformed' };

/** Longest input that is looked at; characters. A pasted code with decoration stays far below. */
const MAX_INPUT = 64;

/**
 * Reads six digits the way people and phones write them: with spaces or dashes, or in the full-width forms that East
 * Asian keyboards give. Digits of other scripts are refused: no app shows them, and folding every
 * digit that Unicode knows would give one code many spellings.
 */
export function readAppCode(input: string | undefined): TypedCode {
  if (input === undefined || input.trim() === '') return { ok: false, reason: 'empty' };
  if (input.length > MAX_INPUT) return { ok: false, reason: 'malformed' };
  const ascii = input.replaceAll(/[０-９]/g, (wide) => wide.normalize('NFKC'));
  const code = ascii.replaceAll(/[\s\p{Pd}]/gu, '');
  return /^[0-9]{6}$/.test(code) ? { ok: true, code } : { ok: false, reason: 'malformed' };
}
