import type { Level } from '../core/assurance.ts';
import { holdsAllowed, type HeldMethod } from './allowed.ts';
import type { Policy } from './tenant.ts';

/** What of an account the rules below look at. An `Account` fits. */
export interface Person {
  readonly state: 'active' | 'invited' | 'disabled';
  readonly methods: readonly HeldMethod[];
  readonly methodCount: number;
  readonly firstMethodAt: Date | null;
  readonly skips: number;
  /** The end of the time they were given when they first skipped; absent = they did not, or it had none. */
  readonly graceUntil?: Date;
  /** What they had was taken away by a reset: they set one up at their next sign-in, whatever the policy. Absent = no. */
  readonly owesMethod?: boolean;
  readonly validFrom: number;
  readonly keptSessionUid: string | null;
  /** `exposedAt`: the owner has reported that somebody else may know it, and chose no other one yet. */
  readonly password?: { readonly exposedAt?: Date } | null;
}

/** What of a session, code or token the rules below look at. */
export interface Credential {
  readonly level: Level;
  /** Seconds since the epoch. */
  readonly authTime: number;
  readonly sessionUid: string | undefined;
  /** Of a code or token: when the app was first given it; seconds since the epoch. Absent = a session. */
  readonly givenAt?: number;
}

/** Until when, and how often still, somebody may put off what the tenant requires; null = without that limit. */
export interface Grace {
  readonly until: Date | null;
  /** 0 = what was signed in by the last skip lives on, and there is no further one. */
  readonly left: number | null;
}

/** Whoever has put it off keeps the day they were given: switching off and on, or another day, gives no more time. */
const fixed = (day: Date | null, own: Date | undefined): Date | null =>
  day !== null && own !== undefined && own < day ? own : day;

/** @returns null when nothing may be put off (any more); a method that somebody ever had ends it for good */
export function graceOf(
  policy: Policy,
  person: Pick<Person, 'firstMethodAt' | 'skips' | 'graceUntil' | 'owesMethod'>,
  now: Date,
): Grace | null {
  const { secondFactor, skips } = policy;
  const until = fixed(policy.effectiveFrom, person.graceUntil);
  if (secondFactor !== 'required' || person.firstMethodAt !== null || person.owesMethod) return null;
  if (until === null && skips === null) return null;
  if (until !== null && now >= until) return null;
  if (skips !== null && (skips === 0 || person.skips > skips)) return null;
  return { until, left: skips === null ? null : skips - person.skips };
}

/**
 * The least level that a person owes by tenant policy now, whatever an app asks. In a time of grace one
 * factor counts; whether a new sign-in still gets by with it is for the sign-in to say (`Grace.left`).
 */
export function levelOwedByPolicy(policy: Policy, person: Person, now: Date): Level {
  if (person.owesMethod) return 2;
  if (policy.secondFactor !== 'required') return 1;
  return graceOf(policy, person, now) ? 1 : 2;
}

/** The least level of a NEW sign-in: the policy's, and two as soon as the person has a method. */
export function levelOwedAtSignIn(policy: Policy, person: Person, now: Date): Level {
  return person.methodCount > 0 ? 2 : levelOwedByPolicy(policy, person, now);
}

/**
 * What a session or token is worth. Of somebody who holds nothing that the tenant allows any more, or who has turned
 * two-factor off, what they proved until then is worth a password: they stand as if they had never set anything up.
 */
function levelCounted(policy: Policy, { methods }: Person, { level, authTime }: Credential): Level {
  if (methods.length === 0) return 1;
  const before = authTime <= (policy.methodsSince ?? 0);
  return before && !holdsAllowed(policy, methods) ? 1 : level;
}

/**
 * Whether the change that ended everything else was made in this session. What it had handed to apps before that is
 * not kept with it: the owner knows one browser, and not what was given in it.
 */
function isKept({ keptSessionUid, validFrom }: Person, { sessionUid, givenAt }: Credential): boolean {
  return (
    keptSessionUid !== null &&
    keptSessionUid === sessionUid &&
    (givenAt === undefined || givenAt >= validFrom)
  );
}

/**
 * Decides at use whether a session, code or token still counts. Called wherever one is used: authorize, token,
 * userinfo, introspection, our own pages and API. Nothing is swept: a saved policy or a moved `validFrom` is true
 * from that write on.
 */
export function isAlive(policy: Policy, person: Person, credential: Credential, now: Date): boolean {
  if (person.state !== 'active' || person.password?.exposedAt) return false;
  // A session steps up where it is used next; an app cannot, so what it was given before the first method is over.
  if (credential.givenAt !== undefined && credential.level < 2 && person.methodCount > 0) return false;
  const kept = isKept(person, credential);
  if (!kept && credential.authTime <= person.validFrom) return false;
  if (levelCounted(policy, person, credential) >= 2) return true;
  // In the session in which its owner turned two-factor off, level one begins with that.
  const since = kept ? Math.max(credential.authTime, person.validFrom) : credential.authTime;
  return levelOwedByPolicy(policy, person, now) === 1 && since > policy.levelOneValidFrom;
}
