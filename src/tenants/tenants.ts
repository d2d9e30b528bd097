import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../core/clock.ts';
import { epochSeconds } from '../core/clock.ts';
import { graceOf } from './standing.ts';
import type { Policy, Tenant } from './tenant.ts';

/** What an admin or the provisioning file may set of a policy; the rest follows from it. */
export type PolicySettings = Omit<Policy, 'levelOneValidFrom' | 'methodsSince' | 'version'>;

/** What may be set of a tenant besides its policy. */
export type TenantDetails = Pick<Tenant, 'name' | 'domains' | 'branding'>;

/** Sessions, grants and tokens of a tenant that a policy has ended are still to be deleted, and their apps to be told. */
export interface OwedCleanUp {
  readonly tenantId: string;
  /** Of the policy that ended them. */
  readonly version: number;
}

/** Tenants by slug. `after`: the `next` of the page before; null = from the start. */
export interface TenantWish {
  readonly after: string | null;
  readonly limit: number;
}

export interface TenantPage {
  readonly tenants: readonly Tenant[];
  /** Null = this was the last page. */
  readonly next: string | null;
}

/** Where tenants are kept. Who needs less declares a smaller interface; this one fits it. */
export interface Tenants {
  /** At most 500 ms old, and never older than the last save of this process. */
  find(tenantId: string): Promise<Tenant | null>;
  /** Past the cache: for the write that ends a sign-in, and for whatever else must not be 500 ms behind. */
  findFresh(tenantId: string): Promise<Tenant | null>;
  /** @param domain the part of an email behind the `@`, in any case */
  findByDomain(domain: string): Promise<Tenant | null>;
  /** @returns false when the slug is taken */
  insert(tenant: Tenant): Promise<boolean>;
  /**
   * Sets name, domains or branding, if they are still those of `tenant`: one conditional write on their version, which
   * it raises. The policy stays.
   * @returns the tenant as it is now; null when its details were changed meanwhile and nothing was written
   */
  saveDetails(tenant: Tenant, details: Partial<TenantDetails>): Promise<Tenant | null>;
  /**
   * Writes a policy in place of `tenant.policy`, if that is still the one in force: one conditional write on its
   * version, which it raises. It is true everywhere from that write on.
   * @returns the tenant as it is now; null when the policy was changed meanwhile and nothing was written
   */
  savePolicy(tenant: Tenant, settings: PolicySettings): Promise<Tenant | null>;
  /** Saved policies that ended something, which nobody has cleaned up after yet. Noted by the write that ended it. */
  cleanUpsOwed(): Promise<OwedCleanUp[]>;
  /** Strikes one off, unless a newer policy owes another by now. */
  cleanedUp(owed: OwedCleanUp): Promise<void>;
  /** Every tenant, by slug. */
  list(): Promise<Tenant[]>;
  page(wish: TenantWish): Promise<TenantPage>;
}

/** What of a policy can be set: without what follows from saving it. */
export function settingsOf(policy: Policy): PolicySettings {
  const { levelOneValidFrom, methodsSince, version, ...settings } = policy;
  void [levelOneValidFrom, methodsSince, version];
  return settings;
}

/** Whether two policies allow the same methods, in whatever order they name them. */
export function allowsTheSame(one: PolicySettings, other: PolicySettings): boolean {
  const rules = ({ allowedMethods, keys: { allowSynced, allowModels, denyModels } }: PolicySettings) =>
    [[...allowedMethods].sort(), allowSynced, [...allowModels].sort(), [...denyModels].sort()] as const;
  return isDeepStrictEqual(rules(one), rules(other));
}

/** Whether nobody may put anything off: not even who was never asked before. */
const asksAtOnce = (policy: Policy, now: Date): boolean =>
  policy.secondFactor === 'required' && graceOf(policy, { firstMethodAt: null, skips: 0 }, now) === null;

/**
 * The policy that follows `before`. Going back to optional, or to a time of grace where there was none, buries what was
 * signed in below level 2 until now: otherwise a session that died by enforcement would rise again.
 */
export function nextPolicy(before: Policy, settings: PolicySettings, clock: Clock): Policy {
  const moment = clock();
  const relaxed =
    before.secondFactor === 'required' &&
    (settings.secondFactor === 'optional' ||
      (asksAtOnce(before, moment) && !asksAtOnce({ ...before, ...settings }, moment)));
  const now = epochSeconds(moment);
  const methodsSince = allowsTheSame(before, settings) ? before.methodsSince : now;
  return {
    ...settings,
    ...(methodsSince === undefined ? {} : { methodsSince }),
    levelOneValidFrom: relaxed ? Math.max(now, before.levelOneValidFrom) : before.levelOneValidFrom,
    version: before.version + 1,
  };
}

/** Whether a session or token that counted under `before` may not count under `after`. */
export function mayEndSomething(before: Policy, after: Policy): boolean {
  if (after.levelOneValidFrom !== before.levelOneValidFrom) return true;
  if (after.secondFactor === 'optional') return false;
  if (!allowsTheSame(before, after)) return true;
  const grace = ({ secondFactor, effectiveFrom, skips }: Policy) => [secondFactor, effectiveFrom, skips];
  return !isDeepStrictEqual(grace(before), grace(after));
}
