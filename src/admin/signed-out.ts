import type { Kinds } from '../accounts/kinds.ts';
import type { PageWish, Roster, RosterFilter, Standing } from '../accounts/roster.ts';
import { holdsAllowed } from '../tenants/allowed.ts';
import { levelOwedByPolicy, type Person } from '../tenants/standing.ts';
import type { Policy } from '../tenants/tenant.ts';
import { allowsTheSame } from '../tenants/tenants.ts';
import { kindsOfHolding } from './coverage.ts';

/** People that are judged at a time. */
const BATCH = 500;

/** Goes through a list batch by batch. */
export async function* batches(
  roster: Pick<Roster, 'settled' | 'standings'>,
  tenantId: string,
  wanted: RosterFilter,
): AsyncGenerator<readonly Standing[]> {
  const filter = await roster.settled(tenantId, wanted);
  for (let after: PageWish['after'] = null; ;) {
    const { people, next } = await roster.standings(tenantId, filter, { after, limit: BATCH });
    yield people;
    if (next === null) return;
    after = next;
  }
}

/**
 * Whether a person is signed out when `after` takes the place of `before`: who holds no method that is allowed has
 * proved a password, as far as it counts, and that was enough for what they are signed in to and is not any more.
 */
export function isSignedOutBy(before: Policy, after: Policy, person: Person, now: Date): boolean {
  if (holdsAllowed(after, person.methods)) return false;
  const wasEnough = levelOwedByPolicy(before, person, now) === 1 || holdsAllowed(before, person.methods);
  if (!wasEnough) return false;
  return levelOwedByPolicy(after, person, now) > 1 || after.levelOneValidFrom > before.levelOneValidFrom;
}

const demandsOfAll = ({ secondFactor, effectiveFrom, skips }: Policy) =>
  secondFactor === 'required' && effectiveFrom === null && skips === null;

interface Counting {
  readonly tenantId: string;
  readonly before: Policy;
  readonly after: Policy;
  readonly now: Date;
  /** People in use who have no method that `after` allows: what they hold, and how many. Absent = to be read. */
  readonly withoutMethod?: { readonly kinds: readonly Kinds[]; readonly count: number };
}

/**
 * How many people saving `after` in place of `before` signs out, whether or not they are signed in at the moment. One
 * read of an index, but where a time of grace parts people from each other.
 */
export async function countSignedOut(
  roster: Pick<Roster, 'count' | 'settled' | 'standings'>,
  { tenantId, before, after, now, withoutMethod }: Counting,
): Promise<number> {
  const kinds = withoutMethod?.kinds ?? kindsOfHolding(after, 'none');
  const wanted: RosterFilter = { state: 'active', kinds };
  const sameFloor = after.levelOneValidFrom === before.levelOneValidFrom;
  if (demandsOfAll(before) && allowsTheSame(before, after)) return 0;
  if (after.secondFactor === 'optional' && sameFloor) return 0;
  if (before.secondFactor === 'optional' && demandsOfAll(after))
    return withoutMethod?.count ?? roster.count(tenantId, wanted);
  let count = 0;
  for await (const people of batches(roster, tenantId, wanted)) {
    count += people.filter((person) => isSignedOutBy(before, after, person, now)).length;
  }
  return count;
}
