import type { Account } from '../accounts/account.ts';
import type { PageWish, Roster, RosterFilter } from '../accounts/roster.ts';
import type { Audit } from '../audit/audit.ts';
import { refOf, type AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import type { JobPayloads, NewJob } from '../outbox/jobs.ts';
import type { Policy, Tenant } from '../tenants/tenant.ts';
import { kindsOfHolding } from './coverage.ts';
import { actorOf, type Occasion } from './occasion.ts';

/** People that one step writes to, before others have their turn. */
const STEP = 100;

type Step = JobPayloads['policy-announcement'];

export interface AnnouncementPorts {
  readonly tenants: { findFresh(tenantId: string): Promise<Tenant | null> };
  readonly roster: Pick<Roster, 'count' | 'page'>;
  readonly outbox: { enqueue(...jobs: readonly NewJob[]): Promise<void> };
  /** @param once names the occasion: a second mail about it is dropped */
  readonly tell: (who: AccountRef, from: Date | null, once: string) => Promise<void>;
  readonly audit: Audit;
  readonly clock: Clock;
}

const addressees = (policy: Policy): RosterFilter => ({
  state: 'active',
  kinds: kindsOfHolding(policy, 'none'),
});

/**
 * Mails to people who have no method that the tenant allows, before or while it requires one. Whoever was written to on a
 * day (UTC) is not written to again on it, however often and by whomever it is asked for.
 */
export function createAnnouncement({ tenants, roster, outbox, tell, audit, clock }: AnnouncementPorts) {
  async function tenantOf(tenantId: string): Promise<Tenant> {
    const tenant = await tenants.findFresh(tenantId);
    if (!tenant) throw new DomainError('not_found');
    return tenant;
  }

  /** A step names itself by where it begins and the minute in which it was asked for: no more walks than that. */
  const jobOf = (tenantId: string, step: Step): NewJob<'policy-announcement'> => ({
    id: `announcement:${tenantId}:${step.asked}:${step.after ?? ''}`,
    kind: 'policy-announcement',
    tenantId,
    lane: 'clean-up',
    payload: step,
  });

  return {
    /** @returns how many people it is for. @throws DomainError not_found */
    async count(tenantId: string): Promise<number> {
      const { policy } = await tenantOf(tenantId);
      return roster.count(tenantId, addressees(policy));
    },

    /**
     * Has everybody written to who has no method now. Recorded first; the mails go out behind the answer.
     * @param from since when a method is asked for; null = it is not said
     * @returns how many people it is for. @throws DomainError not_found
     */
    async begin(tenantId: string, from: Date | null, occasion: Occasion): Promise<number> {
      const { policy } = await tenantOf(tenantId);
      const agents = await roster.count(tenantId, addressees(policy));
      const { actor, by } = actorOf(occasion.editor);
      await audit.record({
        event: 'policy_announced',
        tenantId,
        actor,
        subject: null,
        result: 'ok',
        details: { ...by, agents, from: from?.toISOString() ?? null },
        reference: occasion.reference,
        source: occasion.source,
      });
      const asked = clock().toISOString().slice(0, 16);
      if (agents === 0) return 0;
      await outbox.enqueue(jobOf(tenantId, { asked, from: from?.toISOString() ?? null, after: null }));
      return agents;
    },

    /** Does one step; may run twice. Whoever set something up meanwhile is left out. */
    async step(tenantId: string, step: Step): Promise<void> {
      const tenant = await tenants.findFresh(tenantId);
      if (!tenant) return;
      const wish: PageWish = { after: step.after, limit: STEP };
      const { accounts, next } = await roster.page(tenantId, addressees(tenant.policy), wish);
      const day = step.asked.slice(0, 10);
      const from = step.from === null ? null : new Date(step.from);
      const write = (account: Account) =>
        tell(refOf(account), from, `policy-announced:${account.accountId}:${day}`);
      await Promise.all(accounts.map(write));
      if (next !== null) await outbox.enqueue(jobOf(tenantId, { ...step, after: next }));
    },
  };
}
