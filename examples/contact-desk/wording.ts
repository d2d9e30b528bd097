import { levelOfAcr, type SignInFacts } from './demands.ts';

/** The proofs in `amr` that a person did (RFC 8176, and two values of Stile's own); `mfa` and `user` only describe them. */
const PROOFS: ReadonlyMap<string, string> = new Map([
  ['pwd', 'your password'],
  ['otp', 'a code from an authenticator app'],
  ['recovery_code', 'a recovery code'],
  ['rescue_code', 'a code from your team lead'],
  ['hwk', 'a security key'],
  ['pop', 'a passkey'],
]);
const DESCRIPTIONS = new Set(['mfa', 'user']);

const LEVELS = ['unknown', 'password only', 'two factors', 'two factors, safe from phishing'];

const list = new Intl.ListFormat('en', { type: 'conjunction' });
const relative = new Intl.RelativeTimeFormat('en');
const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'long', timeZone: 'UTC' });

/** @returns for example "your password and a security key" */
export function proofsInWords(amr: readonly string[] = []): string {
  const proofs = amr.filter((value) => !DESCRIPTIONS.has(value));
  if (proofs.length === 0) return 'something that Stile did not name';
  return list.format(proofs.map((value) => PROOFS.get(value) ?? `something new ("${value}")`));
}

/** @param seconds how long ago; a clock that runs a little behind gives less than zero */
export function ageInWords(seconds: number): string {
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return relative.format(-Math.floor(seconds / 60), 'minute');
  if (seconds < 86_400) return relative.format(-Math.floor(seconds / 3600), 'hour');
  return relative.format(-Math.floor(seconds / 86_400), 'day');
}

/** @returns for example "Level 2 of 3: two factors" */
export function levelInWords(acr: string | undefined): string {
  const level = levelOfAcr(acr);
  return level === null ? 'A level that the desk does not know' : `Level ${level} of 3: ${LEVELS[level]}`;
}

/** @returns for example "You signed in 2 minutes ago with your password and a security key." */
export function signInInWords(facts: SignInFacts, now: Date): string {
  const how = proofsInWords(facts.amr);
  if (facts.auth_time === undefined) return `You signed in with ${how}.`;
  const age = ageInWords(Math.floor(now.getTime() / 1000) - facts.auth_time);
  return `You signed in ${age} with ${how}.`;
}

/** @param seconds since the epoch */
export function momentInWords(seconds: number): string {
  return absolute.format(new Date(seconds * 1000));
}
