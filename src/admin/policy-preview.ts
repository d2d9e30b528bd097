import type { Account } from '../accounts/account.ts';
import type { PageWish, Roster, Standing } from '../accounts/roster.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { ENROLLABLE, type EnrollableId } from '../core/method-ids.ts';
import { withPolicyChanges } from '../tenants/policy-changes.ts';
import type { PolicyChanges } from '../tenants/policy-schema.ts';
import type { Policy, Tenant } from '../tenants/tenant.ts';
import { nextPolicy } from '../tenants/tenants.ts';
import { kindsOf, type Kinds } from '../accounts/kinds.ts';
import { coverageOf, holdingOf, HOLDINGS, kindsOfHolding, type Coverage, type Holding } from './coverage.ts';
import { batches, countSignedOut, isSignedOutBy } from './signed-out.ts';

/** An app that somebody is signed in to. */
export interface AppOfAgent {
  readonly clientId: string;
  /** Saving signs them out of it. */
  readonly ends: boolean;
  /** It gets a logout token then; others find out when they use what they were given. */
  readonly told: boolean;
}

/** One person of a preview. */
export interface AgentInPreview {
  readonly account: Account;
  readonly kinds: readonly EnrollableId[];
  readonly holding: Holding;
  readonly signedIn: boolean;
  /** Whether saving signs them out, wherever they are; whoever is signed in nowhere does not feel it. */
  readonly signedOut: boolean;
  /** Where they are signed in now. */
  readonly apps: readonly AppOfAgent[];
}

/** What saving a policy would do, as far as it can be known now. */
export interface Preview extends Coverage {
  readonly signedInWithoutMethod: number;
  /** People who hold something that is allowed now, and nothing that will be. */
  readonly leftWithout: number;
  /** The number that a save confirms: people who are signed out by it, wherever they are. */
  readonly signedOut: number;
  readonly agents: readonly AgentInPreview[];
  readonly next: string | null;
}

export interface PreviewPorts {
  readonly tenants: { findFresh(tenantId: string): Promise<Tenant | null> };
  readonly roster: Roster;
  readonly presence: {
    of(policy: Policy, people: readonly Standing[]): Promise<ReadonlyMap<string, readonly string[]>>;
  };
  /** Whether an app wants to be told of sign-outs. */
  readonly listens: (clientId: string) => Promise<boolean>;
  readonly clock: Clock;
}

/** Which of the people are named: those who hold this under the new policy, or hold nothing only because of it. */
export const NAMED = [...HOLDINGS, 'left-without'] as const;

export interface PreviewWish extends PageWish {
  readonly holding: (typeof NAMED)[number];
}

const isLeftWithout =
  (before: Policy, after: Policy) =>
  (kinds: Kinds): boolean =>
    holdingOf(before, kinds) !== 'none' && holdingOf(after, kinds) === 'none';

const isNamed = (holding: PreviewWish['holding'], before: Policy, after: Policy) =>
  holding === 'left-without' ? isLeftWithout(before, after) : kindsOfHolding(after, holding);

export function createPolicyPreview({ tenants, roster, presence, listens, clock }: PreviewPorts) {
  async function countSignedIn(tenantId: string, before: Policy, kinds: readonly Kinds[]): Promise<number> {
    let count = 0;
    for await (const people of batches(roster, tenantId, { state: 'active', kinds })) {
      count += (await presence.of(before, people)).size;
    }
    return count;
  }

  /** @throws DomainError not_found */
  return async function preview(
    tenantId: string,
    changes: PolicyChanges,
    { holding, ...page }: PreviewWish,
  ): Promise<Preview> {
    const tenant = await tenants.findFresh(tenantId);
    if (!tenant) throw new DomainError('not_found');
    const before = tenant.policy;
    const after = nextPolicy(before, withPolicyChanges(before, changes), clock);
    const now = clock();
    const counts = await roster.countByKinds(tenantId);
    const kindsThat = (question: (kinds: Kinds) => boolean) => [...counts.keys()].filter(question);
    const coverage = coverageOf(after, counts);
    const kinds = kindsThat(kindsOfHolding(after, 'none'));
    const withoutMethod = { kinds, count: coverage.withoutMethod };
    const named = { state: 'active', kinds: kindsThat(isNamed(holding, before, after)) } as const;
    const [signedInWithoutMethod, signedOut, { accounts, next }] = await Promise.all([
      countSignedIn(tenantId, before, kinds),
      countSignedOut(roster, { tenantId, before, after, now, withoutMethod }),
      roster.page(tenantId, named, page),
    ]);
    const present = await presence.of(before, accounts);
    const left = await presence.of(after, accounts);

    async function describe(account: Account): Promise<AgentInPreview> {
      const apps = present.get(account.accountId);
      const describeApp = async (clientId: string): Promise<AppOfAgent> => {
        const ends = !left.get(account.accountId)?.includes(clientId);
        return { clientId, ends, told: ends && (await listens(clientId)) };
      };
      return {
        account,
        kinds: ENROLLABLE.filter((kind) => account.methods.some((method) => method.kind === kind)),
        holding: holdingOf(after, kindsOf(account.methods)),
        signedIn: apps !== undefined,
        signedOut: isSignedOutBy(before, after, account, now),
        apps: await Promise.all((apps ?? []).map(describeApp)),
      };
    }
    const agents = await Promise.all(accounts.map(describe));
    const leftWithout = [...counts]
      .filter(([kinds]) => isLeftWithout(before, after)(kinds))
      .reduce((sum, [, count]) => sum + count, 0);
    return { ...coverage, signedInWithoutMethod, leftWithout, signedOut, agents, next };
  };
}
