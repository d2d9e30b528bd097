import { createHash } from 'node:crypto';
import type { Account } from '../accounts/account.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { epochSeconds, type Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import type { JobPayloads, NewJob } from '../outbox/jobs.ts';
import type { BulkDeed } from '../security-settings/goal.ts';
import type { BulkBy, createBulk, LeftOut, Plan } from './bulk.ts';
import { refusalOf } from './permissions.ts';
import type { Occasion } from './occasion.ts';

/** What became of one: done, or why not. `gone`: the account is no longer there; `stopped`: who began may not any more. */
export type RunOutcome = LeftOut | 'done' | 'gone' | 'stopped';

/** Something that is done to everybody of a list, in steps. `accountId`: who began it. */
export interface BulkRun extends AccountRef {
  readonly runId: string;
  readonly deed: BulkDeed;
  /** Of a reset; null = the deed wants none. */
  readonly reason: string | null;
  readonly state: 'running' | 'done';
  readonly parts: number;
  readonly total: number;
  /** Of the request that began it. */
  readonly reference: string;
  readonly source: string;
  readonly expiresAt: Date;
}

/** Some people of a run, in order. The first `came` were taken up; of each of them but the last the outcome is known. */
export interface RunPart {
  readonly runId: string;
  readonly at: number;
  readonly accountIds: readonly string[];
  readonly came: number;
  readonly takenAt: Date | null;
  readonly outcomes: Readonly<Record<string, RunOutcome>>;
}

export interface BulkRunStore {
  /** Parts first: a run whose parts are missing is never there. @returns false when the run is there already */
  insert(run: BulkRun, parts: readonly RunPart[]): Promise<boolean>;
  find(runId: string): Promise<BulkRun | null>;
  part(runId: string, at: number): Promise<RunPart | null>;
  parts(runId: string): Promise<RunPart[]>;
  /** One conditional write: true for the one caller who takes up the next person. */
  take(part: RunPart, came: number, now: Date): Promise<boolean>;
  note(part: RunPart, index: number, outcome: RunOutcome): Promise<void>;
  finish(runId: string): Promise<void>;
}

export interface BulkRunPorts {
  readonly store: BulkRunStore;
  readonly accounts: { find(who: AccountRef): Promise<Account | null> };
  readonly bulk: Pick<ReturnType<typeof createBulk>, 'doOne'>;
  /** One change more of whoever began it. @throws DomainError too_many_attempts */
  readonly countChange: (who: AccountRef) => Promise<void>;
  /** Has what is dead of somebody tidied up in a while, and their apps told. */
  readonly tidyLater: (who: AccountRef, reason: string) => Promise<void>;
  readonly outbox: { enqueue(...jobs: readonly NewJob[]): Promise<void> };
  readonly clock: Clock;
}

/** People of one step: well below the time that a job has. */
const PART = 20;
/** How long the report is kept; milliseconds. */
const REPORT_MS = 7 * 24 * 60 * 60 * 1000;
/** When it is looked whether the start broke off; milliseconds. */
const LOOK_AFTER_MS = 30_000;

export type BulkRuns = ReturnType<typeof createBulkRuns>;

/**
 * Does one thing to everybody of a list that was confirmed by its number. Each person is taken up by one conditional
 * write before anything is done to them, so that they are done once, by whichever process; of whoever was taken up when
 * a process died, it is looked whether it was done before it is done.
 */
export function createBulkRuns(ports: BulkRunPorts) {
  const { store, accounts, bulk, countChange, tidyLater, outbox, clock } = ports;

  const jobOf = ({ runId, tenantId }: BulkRun, at: number, dueAt?: Date): NewJob<'bulk-step'> => ({
    id: `bulk:${runId}:${dueAt ? 'look' : at}`,
    kind: 'bulk-step',
    tenantId,
    lane: 'bulk',
    payload: { runId, at, ...(dueAt ? { look: true } : {}) },
    ...(dueAt ? { dueAt } : {}),
  });

  /** By the roles that whoever began it has now (rule roles-now). @returns null when they may do nothing any more */
  async function byOf(run: BulkRun): Promise<BulkBy | null> {
    const { tenantId, accountId, reference, source, reason, runId } = run;
    const account = await accounts.find({ tenantId, accountId });
    if (account?.state !== 'active') return null;
    return {
      tenantId,
      occasion: { editor: { kind: 'person', who: { tenantId, accountId } }, reference, source },
      refusal: (action, agent) => refusalOf(account, action, agent),
      countChange: () => countChange({ tenantId, accountId }),
      reason,
      once: `bulk:${runId}`,
    };
  }

  /** Whether it was done to somebody since they were taken up, by a process that died or is slow. */
  async function wasDone({ deed }: BulkRun, takenAt: Date | null, agent: Account): Promise<boolean> {
    switch (deed) {
      case 'disable':
        return agent.state === 'disabled';
      case 'enable':
        return agent.state !== 'disabled';
      case 'sign-out':
        if (!takenAt || agent.validFrom < epochSeconds(takenAt)) return false;
        await tidyLater(agent, 'agent_signed_out');
        return true;
      // Asked for twice by the same name, it is asked for once.
      case 'reset':
        return false;
    }
  }

  /** @param again null = they were taken up just now; otherwise when */
  async function outcomeOf(run: BulkRun, accountId: string, again: Date | null): Promise<RunOutcome> {
    const { tenantId, deed } = run;
    const agent = await accounts.find({ tenantId, accountId });
    if (!agent) return 'gone';
    if (again && (await wasDone(run, again, agent))) return 'done';
    const by = await byOf(run);
    if (!by) return 'stopped';
    const takenAt = again ?? clock();
    const why = await bulk.doOne(by, deed, agent);
    if (why !== 'changed') return why ?? 'done';
    // Another process may have been at the same person.
    const now = await accounts.find({ tenantId, accountId });
    return now && (await wasDone(run, takenAt, now)) ? 'done' : 'changed';
  }

  async function walk(run: BulkRun, part: RunPart): Promise<boolean> {
    const { accountIds, came, outcomes, takenAt } = part;
    const last = came - 1;
    if (last >= 0 && outcomes[last] === undefined)
      await store.note(part, last, await outcomeOf(run, accountIds[last] ?? '', takenAt));
    for (const [index, accountId] of accountIds.entries()) {
      if (index < came) continue;
      if (!(await store.take(part, index, clock()))) return false;
      await store.note(part, index, await outcomeOf(run, accountId, null));
    }
    return true;
  }

  return {
    /**
     * Begins it for those whom a plan names.
     * @param once drawn for the page: a form that is sent again begins nothing
     */
    async begin(
      who: AccountRef,
      { deed, reason, once, go }: { deed: BulkDeed; reason: string | null; once: string; go: Plan['go'] },
      { reference, source }: Omit<Occasion, 'editor'>,
    ): Promise<BulkRun> {
      const { tenantId, accountId } = who;
      const key = JSON.stringify(['bulk', tenantId, accountId, once]);
      const runId = createHash('sha256').update(key).digest('base64url');
      const parts = Array.from({ length: Math.ceil(go.length / PART) }, (_, at): RunPart => {
        const people = go.slice(at * PART, (at + 1) * PART);
        const accountIds = people.map((agent) => agent.accountId);
        return { runId, at, accountIds, came: 0, takenAt: null, outcomes: {} };
      });
      const now = clock().getTime();
      const run: BulkRun = {
        ...{ tenantId, accountId, runId, deed, reason, reference, source },
        state: 'running',
        parts: parts.length,
        total: go.length,
        expiresAt: new Date(now + REPORT_MS),
      };
      // Queued before the write that it looks after, so that a process may die right behind that.
      await outbox.enqueue(jobOf(run, 0, new Date(now + LOOK_AFTER_MS)));
      if (await store.insert(run, parts)) await outbox.enqueue(jobOf(run, 0));
      return run;
    },

    /** How far one of somebody's own has come. @throws DomainError not_found */
    async report({ tenantId, accountId }: AccountRef, runId: string) {
      const run = await store.find(runId);
      const mine = run?.tenantId === tenantId && run.accountId === accountId && run.expiresAt > clock();
      if (!run || !mine) throw new DomainError('not_found');
      const came = (await store.parts(runId)).flatMap(({ accountIds, outcomes }) =>
        accountIds.flatMap((id, index) => {
          const outcome = outcomes[index];
          return outcome === undefined ? [] : [{ accountId: id, outcome }];
        }),
      );
      return { run, came };
    },

    /** The outbox's part: the next few people. */
    async step({ runId, at, look }: JobPayloads['bulk-step']): Promise<void> {
      const run = await store.find(runId);
      const part = await store.part(runId, at);
      if (run?.state !== 'running' || !part || (look && part.came > 0)) return;
      if (!(await walk(run, part))) return;
      if (at + 1 < run.parts) await outbox.enqueue(jobOf(run, at + 1));
      else await store.finish(runId);
    },
  };
}
