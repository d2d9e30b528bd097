/**
 * What the desk can ask of a sign-in, and the check that it got it. Stile says truthfully how somebody signed in; it is
 * the app's own work to read that (no client library compares `acr` and `amr` with what was asked).
 */
import { CLOCK_TOLERANCE } from './signed-tokens.ts';

export const ACR_ONE_FACTOR = 'urn:stile:acr:1fa';
export const ACR_TWO_FACTOR = 'urn:stile:acr:2fa';
export const ACR_PHISHING_RESISTANT = 'phr';

/** The values of `acr` that Stile gives, weakest first; the second name of level 2 is the one of research networks. */
const LEVEL_OF_ACR: ReadonlyMap<string, number> = new Map([
  [ACR_ONE_FACTOR, 1],
  [ACR_TWO_FACTOR, 2],
  ['https://refeds.org/profile/mfa', 2],
  [ACR_PHISHING_RESISTANT, 3],
]);

export type DemandId = 'any' | 'two-factor' | 'security-key' | 'prefer-two-factor' | 'again' | 'silent';

export interface Demand {
  readonly id: DemandId;
  readonly label: string;
  /** Further parameters of the authorization request (OpenID Connect Core 3.1.2.1 and 5.5). */
  readonly params: Readonly<Record<string, string>>;
  /** The level that the answer is measured by. */
  readonly level: 1 | 2 | 3;
  /** The password must have been proved after the request was made. */
  readonly fresh: boolean;
}

/** An essential `acr`: an answer without one of these is an error, not a weaker token (Core 5.5.1.1). */
const essentialAcr = (...values: string[]) =>
  JSON.stringify({ id_token: { acr: { essential: true, values } } });

export const DEMANDS: Readonly<Record<DemandId, Demand>> = {
  any: { id: 'any', label: 'Sign in', params: {}, level: 1, fresh: false },
  'two-factor': {
    id: 'two-factor',
    label: 'Sign in with two factors',
    params: {
      acr_values: ACR_TWO_FACTOR,
      claims: essentialAcr(ACR_TWO_FACTOR, ACR_PHISHING_RESISTANT),
    },
    level: 2,
    fresh: false,
  },
  'security-key': {
    id: 'security-key',
    label: 'Sign in with a security key',
    params: { claims: essentialAcr(ACR_PHISHING_RESISTANT) },
    level: 3,
    fresh: false,
  },
  'prefer-two-factor': {
    id: 'prefer-two-factor',
    label: 'Ask for two factors, accept less',
    params: { acr_values: ACR_TWO_FACTOR },
    level: 2,
    fresh: false,
  },
  again: { id: 'again', label: 'Sign in again now', params: { prompt: 'login' }, level: 1, fresh: true },
  silent: { id: 'silent', label: 'Silent check', params: { prompt: 'none' }, level: 1, fresh: false },
};

export const isDemandId = (text: string | undefined): text is DemandId =>
  text !== undefined && Object.hasOwn(DEMANDS, text);

/** What an ID token says about the sign-in that it comes from. */
export interface SignInFacts {
  readonly acr?: string | undefined;
  readonly amr?: readonly string[] | undefined;
  /** Seconds since the epoch. */
  readonly auth_time?: number | undefined;
}

/** @returns 1 to 3, or null for a name that the desk does not know */
export const levelOfAcr = (acr: string | undefined): number | null => LEVEL_OF_ACR.get(acr ?? '') ?? null;

/** The level that the single proofs add up to (RFC 8176): `mfa` makes two factors, a key beside it level 3. */
function levelOfAmr(amr: readonly string[]): number {
  if (!amr.includes('mfa')) return 1;
  return amr.includes('hwk') || amr.includes('pop') ? 3 : 2;
}

/**
 * Compares a sign-in with what was asked.
 * @param askedAt when the request was made; seconds since the epoch
 * @returns one sentence for each thing that falls short; empty = as asked
 */
export function shortfalls(facts: SignInFacts, demand: Demand, askedAt: number): string[] {
  const level = levelOfAcr(facts.acr);
  const found: string[] = [];
  if (level === null) {
    found.push(`The desk does not know the level "${facts.acr ?? 'none'}".`);
  } else if (level < demand.level) {
    found.push(`The desk asked for level ${demand.level}. This sign-in has level ${level}.`);
  }
  if (level !== null && levelOfAmr(facts.amr ?? []) < level) {
    found.push('The single proofs (amr) are weaker than the level (acr) says.');
  }
  if (demand.fresh && (facts.auth_time ?? 0) < askedAt - CLOCK_TOLERANCE) {
    found.push('The desk asked for a new sign-in. This one is older.');
  }
  return found;
}
