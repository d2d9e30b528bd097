import { LISTED, type MethodId } from '../core/method-ids.ts';
import type { Branding } from './branding.ts';

/** What a tenant demands of its agents' sign-in. The provisioning file and the admin API hold the same shape. */
export interface Policy {
  readonly secondFactor: 'optional' | 'required';
  /**
   * Seconds since the epoch. Sessions and tokens below level 2 whose `auth_time` is at or before it stay dead, also
   * after the policy went back to optional.
   */
  readonly levelOneValidFrom: number;
  /**
   * Seconds since the epoch: when `allowedMethods` or `keys` was last changed; absent = never. What somebody proved until
   * then, who holds nothing that is allowed now, counts as if no second factor had been proved.
   */
  readonly methodsSince?: number;
  /**
   * While `required`: people who never had a method may skip set-up until this moment, those who have skipped until the
   * earliest that they were given; null = no grace.
   */
  readonly effectiveFrom: Date | null;
  /**
   * While `required`: how often people who never had a method may skip set-up; null = not by count. Where both are set,
   * both limits hold.
   */
  readonly skips: number | null;
  readonly allowedMethods: readonly MethodId[];
  readonly keys: {
    /** Backup-eligible ("synced") passkeys may be added. */
    readonly allowSynced: boolean;
    /** AAGUIDs; a non-empty allow list admits nothing else. */
    readonly allowModels: readonly string[];
    readonly denyModels: readonly string[];
  };
  /** What a forced first set-up asks besides the password (rule first-method). */
  readonly enrolmentProof: 'none' | 'email' | 'lead-code';
  /** Who gives rescue codes; this alone says whether they open anything, whatever `allowedMethods` names. */
  readonly rescueCodes: 'off' | 'leads' | 'admins';
  /** How an admin's reset of an agent's two-factor becomes true. */
  readonly resetApproval: 'second-admin' | 'delay' | 'at-once';
  readonly session: {
    /** Overall limit of a session; seconds. */
    readonly maxSeconds: number;
    /** Limit without use; seconds. */
    readonly idleSeconds: number;
  };
  /** Raised by every save; a change is conditional on the version that was read. */
  readonly version: number;
}

export interface Tenant {
  /** The slug: what apps see as `tenant_id`. */
  readonly tenantId: string;
  readonly name: string;
  /** Email domains that find the tenant at sign-in; lower case. */
  readonly domains: readonly string[];
  readonly policy: Policy;
  readonly branding: Branding;
  /** Raised by every save of name, domains or branding; such a save is conditional on the version that was read. */
  readonly detailsVersion: number;
}

export const DEFAULT_POLICY: Policy = {
  secondFactor: 'optional',
  levelOneValidFrom: 0,
  effectiveFrom: null,
  skips: null,
  allowedMethods: LISTED,
  keys: { allowSynced: true, allowModels: [], denyModels: [] },
  enrolmentProof: 'none',
  rescueCodes: 'off',
  resetApproval: 'delay',
  session: { maxSeconds: 12 * 60 * 60, idleSeconds: 60 * 60 },
  version: 1,
};
