import type { Account, Role } from '../accounts/account.ts';
import type { AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { randomId, type Random } from '../core/random.ts';
import type { JobPayloads, NewJob } from '../outbox/jobs.ts';
import { readList, type ImportRow, type ListProblem } from './import-rows.ts';
import type { Invitations } from './invitations.ts';
import { mayGiveRoles, refusalOf } from './permissions.ts';
import type { Occasion } from './policy-save.ts';

/** What became of one person of a list. `stopped`: who invites may not any more. */
export type RowOutcome = 'invited' | 'taken' | 'role-above' | 'stopped';

/** A list of people who are invited together. `accountId`: who invites them. */
export interface Import extends AccountRef {
  readonly importId: string;
  readonly state: 'preview' | 'running' | 'done';
  readonly rows: readonly ImportRow[];
  /** Of the rows without a problem, in their order, as far as it has come. */
  readonly outcomes: readonly RowOutcome[];
  /** Of the request that started it. */
  readonly reference: string;
  readonly source: string;
  readonly expiresAt: Date;
}

export interface ImportStore {
  insert(one: Import): Promise<void>;
  find(importId: string): Promise<Import | null>;
  /** One conditional write: true for the one caller who starts it. */
  start(importId: string, by: { reference: string; source: string; expiresAt: Date }): Promise<boolean>;
  /** One conditional write on how far it has come; false = another one did this step. */
  advance(one: Import, outcomes: readonly RowOutcome[], done: boolean): Promise<boolean>;
  /** The newest of somebody's that is running. */
  findRunning(who: AccountRef): Promise<Import | null>;
}

export interface ImportPorts {
  readonly store: ImportStore;
  readonly accounts: { find(who: AccountRef): Promise<Account | null> };
  readonly roster: { takenEmails(tenantId: string, emails: readonly string[]): Promise<ReadonlySet<string>> };
  readonly invitations: Pick<Invitations, 'invite'>;
  readonly outbox: { enqueue(...jobs: readonly NewJob[]): Promise<void> };
  readonly clock: Clock;
  readonly random: Random;
}

/** People of one step: well below the time that a job has. */
const STEP = 20;
/** How long a list is kept that nobody starts, and the report of one that ran; milliseconds. It holds addresses. */
const PREVIEW_MS = 60 * 60 * 1000;
const REPORT_MS = 7 * 24 * 60 * 60 * 1000;
/** When it is looked whether the start broke off; milliseconds. */
const LOOK_AFTER_MS = 30_000;

/** @returns those whom a list invites */
export const wantedOf = ({ rows }: Pick<Import, 'rows'>): ImportRow[] =>
  rows.filter(({ problem }) => problem === null);

export type Imports = ReturnType<typeof createImports>;

/**
 * Invites the people of a list, each by the very function that invites one. In steps, each a job that may run twice: the
 * id of each account follows from the list and its row, so a process that dies is followed by any other, and nobody is
 * invited twice.
 */
export function createImports(ports: ImportPorts) {
  const { store, accounts, roster, invitations, outbox, clock, random } = ports;

  const jobOf = ({ importId, tenantId }: Import, step: string, dueAt?: Date): NewJob<'invite-many'> => ({
    id: `invite-many:${importId}:${step}`,
    kind: 'invite-many',
    tenantId,
    lane: 'invite-many',
    payload: { importId, ...(dueAt ? { look: true } : {}) },
    ...(dueAt ? { dueAt } : {}),
  });

  async function inviteOne(one: Import, { line, email, name, role, team }: ImportRow, by: Account) {
    const { tenantId, accountId, importId, reference, source } = one;
    const editor = { kind: 'person', who: { tenantId, accountId } } as const;
    try {
      await invitations.invite(
        tenantId,
        { email, name, roles: [role], team },
        {
          occasion: { editor, reference, source },
          mayGive: (roles: readonly Role[]) => mayGiveRoles(by, roles),
          once: `import:${importId}:${line}`,
        },
      );
      return 'invited';
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (error.detail === 'email_taken') return 'taken';
      if (error.detail === 'higher_role') return 'role-above';
      throw error;
    }
  }

  /** @throws DomainError not_found for a list of somebody else */
  async function find({ tenantId, accountId }: AccountRef, importId: string): Promise<Import> {
    const one = await store.find(importId);
    const mine = one?.tenantId === tenantId && one.accountId === accountId;
    if (!one || !mine || one.expiresAt <= clock()) throw new DomainError('not_found');
    return one;
  }

  return {
    find,
    findRunning: (who: AccountRef) => store.findRunning(who),

    /** Keeps a list, with what is wrong with it, until somebody starts it. Invites nobody. */
    async preview(
      by: Account,
      text: string,
      { reference, source }: Omit<Occasion, 'editor'>,
    ): Promise<{ ok: true; importId: string } | { ok: false; problem: ListProblem }> {
      const read = readList(text);
      if (!read.ok) return read;
      const { tenantId, accountId } = by;
      const emails = wantedOf(read).map(({ email }) => email);
      const taken = await roster.takenEmails(tenantId, emails);
      const rows = read.rows.map((row): ImportRow => {
        if (row.problem !== null) return row;
        if (!mayGiveRoles(by, [row.role])) return { ...row, problem: 'role-above' };
        return taken.has(row.email) ? { ...row, problem: 'taken' } : row;
      });
      const importId = randomId(random);
      const expiresAt = new Date(clock().getTime() + PREVIEW_MS);
      const kept = { state: 'preview', rows, outcomes: [], reference, source, expiresAt } as const;
      await store.insert({ importId, tenantId, accountId, ...kept });
      return { ok: true, importId };
    },

    /** Begins to invite; starting it twice is once. @throws DomainError not_found */
    async start(
      who: AccountRef,
      importId: string,
      { reference, source }: Omit<Occasion, 'editor'>,
    ): Promise<void> {
      const one = await find(who, importId);
      if (one.state !== 'preview') return;
      const now = clock().getTime();
      // Queued before the write that it looks after, so that a process may die right behind that.
      await outbox.enqueue(jobOf(one, 'look', new Date(now + LOOK_AFTER_MS)));
      const expiresAt = new Date(now + REPORT_MS);
      if (await store.start(importId, { reference, source, expiresAt }))
        await outbox.enqueue(jobOf(one, '0'));
    },

    /** The outbox's part: the next few people, by the roles that whoever invites has now (SECURITY DR-53). */
    async step({ importId, look }: JobPayloads['invite-many']): Promise<void> {
      const one = await store.find(importId);
      if (one?.state !== 'running' || (look && one.outcomes.length > 0)) return;
      const by = await accounts.find(one);
      const may = by?.state === 'active' && refusalOf(by, 'invite-agent', null) === null;
      const rest = wantedOf(one).slice(one.outcomes.length);
      const outcomes: RowOutcome[] = may ? [] : rest.map(() => 'stopped');
      if (may) for (const row of rest.slice(0, STEP)) outcomes.push(await inviteOne(one, row, by));
      const done = outcomes.length === rest.length;
      await store.advance(one, outcomes, done);
      if (!done) await outbox.enqueue(jobOf(one, String(one.outcomes.length + outcomes.length)));
    },
  };
}
