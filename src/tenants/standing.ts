import type { Level } from '../core/assurance.ts';
import type { Policy } from './tenant.ts';

/** What of an account the rules below look at. An `Account` fits. */
export interface Person {
  readonly state: 'active' | 'invited' | 'disabled';
  readonly methodCount: number;
  readonly firstMethodAt: Date | null;
  readonly validFrom: number;
  readonly keptSessionUid: string | null;
}

/** What of a session, code or token the rules below look at. */
export interface Credential {
  readonly level: Level;
  /** Seconds since the epoch. */
  readonly authTime: number;
  readonly sessionUid: string | undefined;
}

/**
 * The least level that a person owes by tenant policy now, whatever an app asks (DESIGN 4). A grace date spares only
 * those who never had a method.
 */
export function levelOwedByPolicy(policy: Policy, person: Person, now: Date): Level {
  if (policy.secondFactor !== 'required') return 1;
  const inGrace =
    policy.effectiveFrom !== null && now < policy.effectiveFrom && person.firstMethodAt === null;
  return inGrace ? 1 : 2;
}

/** The least level of a NEW sign-in: the policy's, and two as soon as the person has a method (SECURITY DR-37). */
export function levelOwedAtSignIn(policy: Policy, person: Person, now: Date): Level {
  return person.methodCount > 0 ? 2 : levelOwedByPolicy(policy, person, now);
}

/**
 * Decides at use whether a session, code or token still counts. Called wherever one is used: authorize, token,
 * userinfo, introspection, our own pages and API. Nothing is swept: a saved policy or a moved `validFrom` is true
 * from that write on.
 */
export function isAlive(policy: Policy, person: Person, credential: Credential, now: Date): boolean {
  if (person.state !== 'active') return false;
  const kept = person.keptSessionUid !== null && person.keptSessionUid === credential.sessionUid;
  if (!kept && credential.authTime <= person.validFrom) return false;
  if (credential.level >= 2) return true;
  return levelOwedByPolicy(policy, person, now) === 1 && credential.authTime > policy.levelOneValidFrom;
}
