import type { AccountPage } from '../accounts/accounts.ts';
import type { PageWish, Roster, RosterFilter } from '../accounts/roster.ts';
import { coverageOf, type Coverage } from '../admin/coverage.ts';
import type { createPolicyPreview, Preview, PreviewWish } from '../admin/policy-preview.ts';
import type { createPolicySave, PolicySaved, PolicyWish } from '../admin/policy-save.ts';
import { refOf } from '../core/account-ref.ts';
import type { Goal } from '../security-settings/goal.ts';
import type { Visit } from '../security-settings/visit.ts';
import type { PolicyChanges } from '../tenants/policy-schema.ts';
import type { ConsoleDoor } from './door.ts';

export interface DeskPorts {
  readonly roster: Roster;
  readonly previewPolicy: ReturnType<typeof createPolicyPreview>;
  readonly savePolicy: ReturnType<typeof createPolicySave>;
}

/**
 * Everything that a page of the console can read and do, for one tenant: that of the person who asks. No page names a
 * tenant, so none can name another's.
 */
export interface Desk {
  readonly visit: Visit;
  coverage(): Promise<Coverage>;
  agents(filter: RosterFilter, wish: PageWish): Promise<AccountPage>;
  countAgents(filter: RosterFilter): Promise<number>;
  previewPolicy(changes: PolicyChanges, wish: PreviewWish): Promise<Preview>;
  savePolicy(wish: Omit<PolicyWish, 'tenantId'>): Promise<PolicySaved>;
  isFresh(goal: Goal): Promise<boolean>;
}

export function deskOf(ports: DeskPorts, door: Pick<ConsoleDoor, 'isFresh'>, visit: Visit): Desk {
  const { account, tenant, by } = visit;
  const { tenantId } = account;
  const editor = { kind: 'person', who: refOf(account) } as const;
  return {
    visit,
    coverage: async () => coverageOf(tenant.policy, await ports.roster.countByKinds(tenantId)),
    agents: (filter, wish) => ports.roster.page(tenantId, filter, wish),
    countAgents: (filter) => ports.roster.count(tenantId, filter),
    previewPolicy: (changes, wish) => ports.previewPolicy(tenantId, changes, wish),
    savePolicy: (wish) => ports.savePolicy({ ...wish, tenantId }, { editor, ...by }),
    isFresh: (goal) => door.isFresh(visit, goal),
  };
}
