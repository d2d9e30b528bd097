import { EVERY_KINDS, includesKind, type Kinds } from '../accounts/kinds.ts';
import { ENROLLABLE, type EnrollableId } from '../core/method-ids.ts';
import type { Policy } from '../tenants/tenant.ts';

/** How people are protected by what they hold: by a security key, by something else alone, or by nothing. */
export const HOLDINGS = ['key', 'app-only', 'none'] as const;
export type Holding = (typeof HOLDINGS)[number];

/** How many people of a tenant are protected in which way. */
export interface Coverage {
  readonly total: number;
  readonly withKey: number;
  readonly withAppOnly: number;
  readonly withoutMethod: number;
}

type Allowing = Pick<Policy, 'allowedMethods'>;

/** What a policy does not allow counts as not there: it is not asked at the next sign-in. */
export function holdingOf({ allowedMethods }: Allowing, kinds: Kinds): Holding {
  const has = (kind: EnrollableId) => allowedMethods.includes(kind) && includesKind(kinds, kind);
  if (has('security-key')) return 'key';
  return ENROLLABLE.some(has) ? 'app-only' : 'none';
}

/** @returns what somebody may hold who stands like this under a policy: by this the people are found */
export const kindsOfHolding = (policy: Allowing, holding: Holding): Kinds[] =>
  EVERY_KINDS.filter((kinds) => holdingOf(policy, kinds) === holding);

/** @param counts people in use by what they hold */
export function coverageOf(policy: Allowing, counts: ReadonlyMap<Kinds, number>): Coverage {
  const sum = (...holdings: Holding[]) =>
    [...counts]
      .filter(([kinds]) => holdings.includes(holdingOf(policy, kinds)))
      .reduce((total, [, count]) => total + count, 0);
  return {
    total: sum(...HOLDINGS),
    withKey: sum('key'),
    withAppOnly: sum('app-only'),
    withoutMethod: sum('none'),
  };
}
