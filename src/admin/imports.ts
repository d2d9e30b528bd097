import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { randomId, type Random } from '../core/random.ts';
import type { JobPayloads, NewJob } from '../outbox/jobs.ts';
import { readList, readRows, type GivenRow, type ImportRow, type ListProblem } from './import-rows.ts';
import type { Invitations, InviteBy } from './invitations.ts';
import type { Inviter } from './inviters.ts';
import { nameOf, type Editor, type Occasion } from './occasion.ts';

/** What became of one person of a list. `too-often`: they were mailed enough for this hour. `stopped`: who invites may not any more. */
export type RowOutcome = 'invited' | 'taken' | 'role-above' | 'too-often' | 'stopped';

/** A list of people who are invited together. */
export interface Import {
  readonly importId: string;
  readonly tenantId: string;
  /** Who invites them; nobody else sees it. */
  readonly editor: Editor;
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
  /** @returns false when the id is taken */
  insert(one: Import): Promise<boolean>;
  find(importId: string): Promise<Import | null>;
  /** One conditional write: true for the one caller who starts it. */
  start(importId: string, by: { reference: string; source: string; expiresAt: Date }): Promise<boolean>;
  /** One conditional write on how far it has come; false = another one did this step. */
  advance(one: Import, outcomes: readonly RowOutcome[], done: boolean): Promise<boolean>;
  /** One of somebody's that is running. */
  findRunning(who: AccountRef): Promise<Import | null>;
}

export interface ImportPorts {
  readonly store: ImportStore;
  /** What whoever began may give now; null = they may invite nobody any more. */
  readonly inviterOf: (one: Pick<Import, 'tenantId' | 'editor'>) => Promise<Inviter | null>;
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

/** Who invites many, in which tenant. */
export interface ImportBy extends Pick<InviteBy, 'occasion' | 'mayGive'> {
  readonly tenantId: string;
}

/** Names the invitation of one row, the same at every try. */
export const onceOfRow = ({ importId }: Pick<Import, 'importId'>, { line }: Pick<ImportRow, 'line'>) =>
  `import:${importId}:${line}`;

const isSameEditor = (one: Editor, other: Editor) => one.kind === other.kind && nameOf(one) === nameOf(other);

/** What was asked for, without what is there by now. */
const askedOf = (rows: readonly ImportRow[]) =>
  rows.map(({ email, name, role, team }) => ({ email, name, role, team }));

export type Imports = ReturnType<typeof createImports>;

/**
 * Invites the people of a list, each by the very function that invites one. In steps, each a job that may run twice: the
 * id of each account follows from the list and its row, so a process that dies is followed by any other, and nobody is
 * invited twice.
 */
export function createImports(ports: ImportPorts) {
  const { store, inviterOf, roster, invitations, outbox, clock, random } = ports;

  const jobOf = ({ importId, tenantId }: Import, step: string, dueAt?: Date): NewJob<'invite-many'> => ({
    id: `invite-many:${importId}:${step}`,
    kind: 'invite-many',
    tenantId,
    lane: 'invite-many',
    payload: { importId, ...(dueAt ? { look: true } : {}) },
    ...(dueAt ? { dueAt } : {}),
  });

  async function inviteOne(one: Import, row: ImportRow, { mayGive }: Inviter): Promise<RowOutcome> {
    const { tenantId, editor, reference, source } = one;
    const { email, name, role, team } = row;
    const by = { occasion: { editor, reference, source }, mayGive, once: onceOfRow(one, row) };
    try {
      await invitations.invite(tenantId, { email, name, roles: [role], team }, by);
      return 'invited';
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (error.detail === 'email_taken') return 'taken';
      if (error.detail === 'higher_role') return 'role-above';
      if (error.code === 'too_many_attempts') return 'too-often';
      throw error;
    }
  }

  /** @throws DomainError not_found for a list of somebody else */
  async function find(by: Pick<ImportBy, 'tenantId' | 'occasion'>, importId: string): Promise<Import> {
    const one = await store.find(importId);
    const mine = one?.tenantId === by.tenantId && isSameEditor(one.editor, by.occasion.editor);
    if (!one || !mine || one.expiresAt <= clock()) throw new DomainError('not_found');
    return one;
  }

  /** Marks those who cannot be invited, though their rows are fine. */
  async function judge({ tenantId, mayGive }: ImportBy, rows: readonly ImportRow[]): Promise<ImportRow[]> {
    const emails = wantedOf({ rows }).map(({ email }) => email);
    const taken = await roster.takenEmails(tenantId, emails);
    return rows.map((row): ImportRow => {
      if (row.problem !== null) return row;
      if (!mayGive([row.role])) return { ...row, problem: 'role-above' };
      return taken.has(row.email) ? { ...row, problem: 'taken' } : row;
    });
  }

  /** @param keptMs how long it is kept, unless it is started; milliseconds */
  function draft(
    { tenantId, occasion }: ImportBy,
    importId: string,
    rows: readonly ImportRow[],
    keptMs: number,
  ) {
    const expiresAt = new Date(clock().getTime() + keptMs);
    const one: Import = { importId, tenantId, ...occasion, state: 'preview', rows, outcomes: [], expiresAt };
    return one;
  }

  async function startNow(one: Import, { reference, source }: Occasion): Promise<void> {
    if (one.state !== 'preview') return;
    const now = clock().getTime();
    // Queued before the write that it looks after, so that a process may die right behind that.
    await outbox.enqueue(jobOf(one, 'look', new Date(now + LOOK_AFTER_MS)));
    const expiresAt = new Date(now + REPORT_MS);
    if (await store.start(one.importId, { reference, source, expiresAt }))
      await outbox.enqueue(jobOf(one, '0'));
  }

  return {
    find,
    findRunning: (who: AccountRef) => store.findRunning(who),

    /** Keeps a list, with what is wrong with it, until somebody starts it. Invites nobody. */
    async preview(
      by: ImportBy,
      text: string,
    ): Promise<{ ok: true; importId: string } | { ok: false; problem: ListProblem }> {
      const read = readList(text);
      if (!read.ok) return read;
      const importId = randomId(random);
      await store.insert(draft(by, importId, await judge(by, read.rows), PREVIEW_MS));
      return { ok: true, importId };
    },

    /** What would become of these people. Keeps nothing. */
    check: (by: ImportBy, people: readonly GivenRow[]): Promise<ImportRow[]> => judge(by, readRows(people)),

    /** Begins to invite; starting it twice is once. @throws DomainError not_found */
    async start(by: ImportBy, importId: string): Promise<void> {
      await startNow(await find(by, importId), by.occasion);
    },

    /**
     * Begins to invite these people, but for those whom something is wrong with.
     * @param once the same for a request that is sent again, which then begins nothing; null = every call is a new one
     * @throws DomainError refused (`key_used`) when another list was sent with it
     */
    async begin(by: ImportBy, people: readonly GivenRow[], once: string | null): Promise<Import> {
      const { tenantId, occasion } = by;
      const key = JSON.stringify(['import', tenantId, occasion.editor.kind, nameOf(occasion.editor), once]);
      const importId =
        once === null ? randomId(random) : createHash('sha256').update(key).digest('base64url');
      const rows = await judge(by, readRows(people));
      await store.insert(draft(by, importId, rows, REPORT_MS));
      const one = await find(by, importId);
      if (!isDeepStrictEqual(askedOf(one.rows), askedOf(rows)))
        throw new DomainError('refused', { detail: 'key_used' });
      await startNow(one, occasion);
      return find(by, importId);
    },

    /** The outbox's part: the next few people, by the roles that whoever invites has now (rule roles-now). */
    async step({ importId, look }: JobPayloads['invite-many']): Promise<void> {
      const one = await store.find(importId);
      if (one?.state !== 'running' || (look && one.outcomes.length > 0)) return;
      const by = await inviterOf(one);
      const rest = wantedOf(one).slice(one.outcomes.length);
      const outcomes: RowOutcome[] = by ? [] : rest.map(() => 'stopped');
      if (by) for (const row of rest.slice(0, STEP)) outcomes.push(await inviteOne(one, row, by));
      const done = outcomes.length === rest.length;
      await store.advance(one, outcomes, done);
      if (!done) await outbox.enqueue(jobOf(one, String(one.outcomes.length + outcomes.length)));
    },
  };
}
