import { heldOf, type Kinds } from '../accounts/kinds.ts';
import { levelOf } from '../core/factors.ts';
import { allowedOf, type MethodRules } from '../tenants/allowed.ts';

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

/** What a policy does not allow counts as not there: it is not asked at the next sign-in. */
export function holdingOf(rules: MethodRules, kinds: Kinds): Holding {
  const held = allowedOf(rules, heldOf(kinds));
  if (held.some(({ kind }) => levelOf(kind) === 3)) return 'key';
  return held.length > 0 ? 'app-only' : 'none';
}

/** @returns whether somebody who holds this stands so under a policy: by this the people are found */
export const kindsOfHolding =
  (rules: MethodRules, holding: Holding) =>
  (kinds: Kinds): boolean =>
    holdingOf(rules, kinds) === holding;

/** @param counts people in use by what they hold */
export function coverageOf(rules: MethodRules, counts: ReadonlyMap<Kinds, number>): Coverage {
  const sum = (...holdings: Holding[]) =>
    [...counts]
      .filter(([kinds]) => holdings.includes(holdingOf(rules, kinds)))
      .reduce((total, [, count]) => total + count, 0);
  return {
    total: sum(...HOLDINGS),
    withKey: sum('key'),
    withAppOnly: sum('app-only'),
    withoutMethod: sum('none'),
  };
}
