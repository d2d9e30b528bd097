import { FACTORS, type Factor } from './factors.ts';

/**
 * How sure we are who somebody is, in three ordered levels; the names that apps see (`acr`), and the proofs that
 * make them up (`amr`, RFC 8176). Pure vocabulary: everything that compares or names levels uses this file.
 */
export type Level = 1 | 2 | 3;

/** What was proved besides the password. The value is the method's own `amr`, without `pwd` and `mfa`. */
export type Amr = readonly string[];

export const ACR_ONE_FACTOR = 'urn:stile:acr:1fa';
export const ACR_TWO_FACTOR = 'urn:stile:acr:2fa';
/** Phishing-resistant (OpenID Connect Extended Authentication Profile ACR Values 1.0). */
export const ACR_PHISHING_RESISTANT = 'phr';
/** Another name of level 2, returned when it was asked for and met. */
export const ACR_REFEDS_MFA = 'https://refeds.org/profile/mfa';

const levels: ReadonlyMap<string, Level> = new Map([
  [ACR_ONE_FACTOR, 1],
  [ACR_TWO_FACTOR, 2],
  [ACR_REFEDS_MFA, 2],
  [ACR_PHISHING_RESISTANT, 3],
]);

/** Every `acr` that can be reached, weakest first (OpenID Connect Discovery 1.0, acr_values_supported). */
export const SUPPORTED_ACRS: readonly string[] = [...levels.keys()];

/** @returns the level that `acr` names, or null for a name we do not know */
export function levelOfAcr(acr: string | undefined): Level | null {
  return (acr !== undefined && levels.get(acr)) || null;
}

/** @returns the level of a session or token; one without a known `acr` is worth a password at most */
export function levelOrOne(acr: string | undefined): Level {
  return levelOfAcr(acr) ?? 1;
}

const factors: readonly Factor[] = FACTORS;
/** Which factor a value of `amr` proves. */
const provedBy = new Map(factors.flatMap((factor) => factor.amr.map((value) => [value, factor] as const)));
/** Every value besides `pwd` and `mfa`, in the order of the claim: what weighs least comes first. */
const ORDER: readonly string[] = [
  ...new Set(
    factors
      .toSorted((one, other) => one.level - other.level)
      .flatMap(({ amr, amrBeside }) => [...amr, ...amrBeside]),
  ),
];

/** The level that a set of proofs reaches; a value of no listed factor reaches none. */
export function levelOfAmr(amr: Amr): Level {
  if (!amr.includes('mfa')) return 1;
  return amr.reduce<Level>((most, value) => {
    const level = provedBy.get(value)?.level ?? 1;
    return level > most ? level : most;
  }, 1);
}

/** @returns the `acr` of a level in our own words */
export function acrOfLevel(level: Level): string {
  switch (level) {
    case 1:
      return ACR_ONE_FACTOR;
    case 2:
      return ACR_TWO_FACTOR;
    case 3:
      return ACR_PHISHING_RESISTANT;
  }
}

/** What besides the password is in the `amr` of a session, as far as it still counts: a factor may be gone since. */
export const carriedAmr = (amr: Amr): string[] => amr.filter((value) => ORDER.includes(value));

/**
 * Joins a password and what was proved after it to the `amr` claim: a set in a fixed order, with `mfa` if and only
 * if a second factor is among it (RFC 8176 section 2).
 * @throws Error on a value of no listed factor: dropped, it would make a sign-in with two factors one with a password
 */
export function amrClaim(proofs: readonly Amr[]): string[] {
  const seconds = proofs.flat().filter((value) => value !== 'pwd' && value !== 'mfa');
  const unlisted = seconds.filter((value) => !ORDER.includes(value));
  if (unlisted.length > 0) throw new Error(`amr values of no listed factor: ${unlisted.join(', ')}`);
  const ordered = ORDER.filter((value) => seconds.includes(value));
  return ['pwd', ...ordered, ...(ordered.length > 0 ? ['mfa'] : [])];
}

/** Whether the factor `id` was proved in a session of this `amr`. */
export const isProvedBy = (id: string, amr: Amr): boolean =>
  amr.some((value) => provedBy.get(value)?.id === id);

/** Whether a method of one's own is among `amr`, and not a code alone: what people in charge change rests on one. */
export const showsMethod = (amr: Amr): boolean => amr.some((value) => provedBy.get(value)?.enrolled === true);

/**
 * Whether the only second factor among `amr` is one that opens nothing: a code that somebody else read to them. It signs
 * in, and is no proof for anything that lasts: no change of how somebody signs in, and nothing that people in charge do
 * to others.
 */
export function isRescued(amr: Amr): boolean {
  const proved = amr.flatMap((value) => provedBy.get(value) ?? []);
  return proved.length > 0 && proved.every(({ opens }) => opens === 'nothing');
}
