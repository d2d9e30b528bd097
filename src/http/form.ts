import type { Middleware } from 'koa';
import { DomainError } from '../core/errors.ts';
import { readText } from './body.ts';
import type { AppState } from './state.ts';

const malformed = (detail: string) => new DomainError('bad_request', { detail });

/** @throws URIError on broken escapes, and on bytes that are not UTF-8, lone surrogates among them */
const decode = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));

/**
 * Parses a form to flat strings. Nothing of it can become an object or a list (rule strict-input): names are words, and
 * one that other parsers would read as more (`email[$ne]`, `email[]`, `a.b`) is refused instead of passed over.
 * @throws DomainError bad_request on broken encoding, NUL, another kind of name, and a name that comes twice
 */
export function parseForm(text: string): Readonly<Record<string, string>> {
  // Browsers escape everything outside of ASCII; bytes that are not escaped were not written by one.
  if (/[^\x20-\x7e]/.test(text)) throw malformed('The form is not encoded.');
  const fields = Object.create(null) as Record<string, string>;
  for (const pair of text.split('&').filter((one) => one !== '')) {
    const [rawName = '', ...rest] = pair.split('=');
    let name: string;
    let value: string;
    try {
      name = decode(rawName);
      value = decode(rest.join('='));
    } catch {
      throw malformed('The form is not encoded.');
    }
    if (!/^[\w-]{1,64}$/.test(name)) throw malformed('A field has a name that no form of ours has.');
    if (value.includes('\0')) throw malformed('A field holds a NUL.');
    if (name in fields) throw malformed('A field comes twice.');
    fields[name] = value;
  }
  return Object.freeze(fields);
}

/** Parses the form of an own POST route to `ctx.state.form`. Never before the provider, which reads its own. */
export const form: Middleware<AppState> = async (ctx, next) => {
  ctx.state.form = parseForm(await readText(ctx, 'application/x-www-form-urlencoded'));
  return next();
};
