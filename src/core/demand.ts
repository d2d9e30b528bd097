import { levelOfAcr, type Level } from './assurance.ts';

/** How sure a request wants to be, from everything that has a say in it. */
export interface Demand {
  /** What is asked for; at least `hard`. */
  readonly level: Level;
  /** What may not be missed: policy, own methods, the client's minimum, an essential `acr`. */
  readonly hard: Level;
  /** An essential `acr` names only values that we do not know: nobody can meet it. */
  readonly unreachable: boolean;
}

export interface DemandInput {
  /** Parameters of the authorization request as they came (OpenID Connect Core 3.1.2.1 and 5.5). */
  readonly params: { readonly acr_values?: unknown; readonly claims?: unknown };
  /** Client metadata `minimum_acr`: a request can raise it, never lower it. */
  readonly clientMinimumAcr?: string | undefined;
  /** Client metadata `default_acr_values` (OpenID Connect Registration 2): voluntary, when a request names none. */
  readonly clientDefaultAcrs?: readonly string[] | undefined;
  /** What the person owes whatever the app asks: tenant policy and own methods. */
  readonly owed: Level;
}

interface AcrClaim {
  readonly values: readonly string[];
  readonly essential: boolean;
}

/**
 * Reads the `acr` member of `claims.id_token`. The library's own copy is not used: it drops the member as soon as
 * `acr_values` or `default_acr_values` is there.
 * @param claims the `claims` parameter, a JSON text
 */
function acrClaimOf(claims: unknown): AcrClaim {
  const none: AcrClaim = { values: [], essential: false };
  if (typeof claims !== 'string') return none;
  let acr: unknown;
  try {
    acr = (JSON.parse(claims) as { id_token?: { acr?: unknown } }).id_token?.acr;
  } catch {
    return none; // the provider has refused the request already
  }
  if (typeof acr !== 'object' || acr === null) return none;
  const { value, values, essential } = acr as { value?: unknown; values?: unknown; essential?: unknown };
  const all = [value, ...(Array.isArray(values) ? (values as unknown[]) : [])];
  return { values: all.filter((one) => typeof one === 'string'), essential: essential === true };
}

/** Any one of the values satisfies, so the weakest that we know is what is asked for; null = none is known. */
function weakestOf(values: readonly string[]): Level | null {
  const known = values.map(levelOfAcr).filter((level) => level !== null);
  return known.length > 0 ? (Math.min(...known) as Level) : null;
}

/** Joins all demands; the highest wins, and levels are compared, never names. */
export function demandOf({ params, clientMinimumAcr, clientDefaultAcrs, owed }: DemandInput): Demand {
  const asked =
    typeof params.acr_values === 'string' && params.acr_values !== ''
      ? params.acr_values.split(' ')
      : (clientDefaultAcrs ?? []);
  const claim = acrClaimOf(params.claims);
  const claimed = weakestOf(claim.values);
  const unreachable = claim.essential && claim.values.length > 0 && claimed === null;
  const essential = claim.essential ? (claimed ?? 1) : 1;
  const hard = Math.max(owed, levelOfAcr(clientMinimumAcr) ?? 1, essential) as Level;
  const level = Math.max(hard, weakestOf(asked) ?? 1, claimed ?? 1) as Level;
  return { level, hard, unreachable };
}
