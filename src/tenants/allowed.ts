import type { EnrollableId, MethodId } from '../core/method-ids.ts';
import type { Policy } from './tenant.ts';

/** What of a method somebody holds decides whether a tenant allows it. What the account lists fits. */
export interface HeldMethod {
  readonly kind: EnrollableId;
  /** AAGUID of a security key, lower case; absent or null = it told none. */
  readonly model?: string | null;
  /** A security key that may be copied between devices ("backup-eligible"); fixed for its life. Absent = no. */
  readonly synced?: boolean;
}

/** The part of a policy that says which methods there may be. Without `keys` every security key is welcome. */
export type MethodRules = Pick<Policy, 'allowedMethods'> & Partial<Pick<Policy, 'keys'>>;

/**
 * Why a tenant does not want a security key; null = it does. Without attestation the model is the key's own claim: good
 * enough to keep honest people to the keys that were bought, and not a proof. A list of allowed
 * models does not admit keys that tell none.
 */
export function keyRefusal(
  { allowSynced, allowModels, denyModels }: Policy['keys'],
  { model = null, synced = false }: Omit<HeldMethod, 'kind'>,
): 'synced' | 'model' | null {
  if (synced && !allowSynced) return 'synced';
  const named = (models: readonly string[]) => models.some((one) => one.toLowerCase() === model);
  if (named(denyModels)) return 'model';
  return allowModels.length > 0 && !named(allowModels) ? 'model' : null;
}

/** Whether people may prove themselves by this kind of thing. Rescue codes are there where somebody gives them. */
export const allows = (
  { allowedMethods, rescueCodes }: Pick<Policy, 'allowedMethods' | 'rescueCodes'>,
  id: MethodId,
): boolean => (id === 'rescue-code' ? rescueCodes !== 'off' : allowedMethods.includes(id));

/** Whether a method counts: what a tenant does not allow is asked of nobody, and protects nobody. */
export function isAllowed({ allowedMethods, keys }: MethodRules, method: HeldMethod): boolean {
  if (!allowedMethods.includes(method.kind)) return false;
  return method.kind !== 'security-key' || !keys || keyRefusal(keys, method) === null;
}

/** @returns those that count */
export const allowedOf = <M extends HeldMethod>(rules: MethodRules, methods: readonly M[]): M[] =>
  methods.filter((method) => isAllowed(rules, method));

export const holdsAllowed = (rules: MethodRules, methods: readonly HeldMethod[]): boolean =>
  methods.some((method) => isAllowed(rules, method));

/** @returns somebody as far as their methods count: what asks and judges a second factor looks at no other ones */
export const asAllowed = <P extends { readonly methods: readonly HeldMethod[] }>(
  rules: MethodRules,
  person: P,
): P => ({ ...person, methods: allowedOf(rules, person.methods) });
