import { setTimeout as wait } from 'node:timers/promises';
import type { PageWish, Roster, Standing } from '../accounts/roster.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../core/clock.ts';
import type { JobPayloads, NewJob } from '../outbox/jobs.ts';
import type { Policy, Tenant } from '../tenants/tenant.ts';
import type { OwedCleanUp } from '../tenants/tenants.ts';

/** People that one step looks at: a few dozen milliseconds of work, and then others have their turn. */
const STEP = 200;
/** For each millisecond of work so many of rest, so that sign-ins are slowed by a tenth at most. */
const REST = 9;
/** No rest is longer; milliseconds. */
const LONGEST_REST_MS = 2000;
/**
 * When everything is looked at once more: a request that was in flight when the policy was saved may have stored a dead
 * session after we went by. Longer than any request's deadline; milliseconds.
 */
const ONCE_MORE_AFTER_MS = 15_000;

export interface CleanUpPorts {
  readonly tenants: {
    findFresh(tenantId: string): Promise<Tenant | null>;
    cleanUpsOwed(): Promise<OwedCleanUp[]>;
    cleanedUp(owed: OwedCleanUp): Promise<void>;
  };
  readonly roster: Pick<Roster, 'everybody'>;
  readonly presence: { endDead(policy: Policy, people: readonly Standing[]): Promise<void> };
  readonly outbox: { enqueue(...jobs: readonly NewJob[]): Promise<void> };
  readonly audit: Audit;
  readonly clock: Clock;
  /** Milliseconds. */
  readonly rest?: (ms: number) => Promise<unknown>;
}

type Step = JobPayloads['policy-clean-up'];

/** The same step of the same policy is the same job, whoever thinks of it. */
function jobOf(tenantId: string, step: Step, dueAt?: Date): NewJob<'policy-clean-up'> {
  const { version, reason, round, after } = step;
  return {
    id: `clean-up:${tenantId}:${version}:${reason}:${round}:${after ?? ''}`,
    kind: 'policy-clean-up',
    tenantId,
    lane: 'clean-up',
    payload: step,
    ...(dueAt ? { dueAt } : {}),
  };
}

/**
 * Deletes what a saved policy has ended, and has the apps of it told. Nothing depends on it but tidiness and the apps:
 * what is dead is refused at every use from the save on. A walk through everybody in small steps, each of them a job
 * that may run twice; so a process that dies is followed by any other.
 */
export function createCleanUp(ports: CleanUpPorts) {
  const { tenants, roster, presence, outbox, audit, clock, rest = wait } = ports;

  async function begin({ tenantId, version }: OwedCleanUp): Promise<void> {
    const tenant = await tenants.findFresh(tenantId);
    const first = { version, round: 1, after: null } as const;
    await outbox.enqueue(jobOf(tenantId, { ...first, reason: 'saved' }));
    const ends = tenant?.policy.effectiveFrom;
    if (!ends || ends <= clock()) return;
    await outbox.enqueue(jobOf(tenantId, { ...first, reason: 'grace-over' }, ends));
  }

  /** What follows when a step is done: the next one, the second round, or the end. */
  async function goOn(tenantId: string, step: Step, next: PageWish['after']): Promise<void> {
    if (next !== null) return outbox.enqueue(jobOf(tenantId, { ...step, after: next }));
    if (step.round === 1) {
      const later = new Date(clock().getTime() + ONCE_MORE_AFTER_MS);
      return outbox.enqueue(jobOf(tenantId, { ...step, round: 2, after: null }, later));
    }
    const { version, reason } = step;
    await audit.record({
      event: 'enforcement_cleaned_up',
      tenantId,
      actor: null,
      subject: null,
      result: 'ok',
      reason,
      details: { version },
    });
    if (reason === 'saved') await tenants.cleanedUp({ tenantId, version });
  }

  /** Does some work and then leaves the machine to others for as long as that calls for. */
  async function atEase(work: () => Promise<void>): Promise<void> {
    const began = clock().getTime();
    await work();
    const took = Math.max(0, clock().getTime() - began);
    await rest(Math.min(took * REST, LONGEST_REST_MS));
  }

  return {
    /** Queues what is owed by all policies saved so far; what is queued already is left alone. */
    async follow(): Promise<void> {
      await Promise.all((await tenants.cleanUpsOwed()).map(begin));
    },

    /** Does one step by the policy that is in force now. */
    async step(tenantId: string, step: Step): Promise<void> {
      const tenant = await tenants.findFresh(tenantId);
      if (!tenant) return;
      const { people, next } = await roster.everybody(tenantId, { after: step.after, limit: STEP });
      const clean = () => presence.endDead(tenant.policy, people);
      await (next === null ? clean() : atEase(clean));
      await goOn(tenantId, step, next);
    },
  };
}
