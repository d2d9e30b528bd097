import { createHash } from 'node:crypto';
import type { Account } from '../accounts/account.ts';
import type { AccountCommit, AccountWrites } from '../accounts/commit.ts';
import type { Audit, AuditEntry } from '../audit/audit.ts';
import type { AuditEvent } from '../audit/events.ts';
import { refOf, type AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { randomId, tokenDigest } from '../core/random.ts';
import { owing } from '../notifications/owed-mails.ts';
import type { NewJob } from '../outbox/jobs.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { nameOf, type Occasion } from './occasion.ts';
import type { Reset, ResetStore } from './reset.ts';

export interface ResetPorts {
  readonly store: ResetStore;
  readonly accounts: {
    find(who: AccountRef): Promise<Account | null>;
  };
  readonly commit: AccountCommit;
  readonly tenants: { findFresh(tenantId: string): Promise<Tenant | null> };
  /** One mail more to somebody of whom it is asked. @throws DomainError too_many_attempts */
  readonly makeRoom: (who: AccountRef) => Promise<void>;
  /** Whether whoever asked may have it still. */
  readonly mayStill: (askedBy: string, who: AccountRef) => Promise<boolean>;
  readonly outbox: { enqueue(...jobs: readonly NewJob[]): Promise<void> };
  /** Tells the person that it was asked; `effectiveAt` null = when somebody agrees. */
  readonly tellAsked: (reset: Reset) => Promise<void>;
  readonly audit: Audit;
  readonly clock: Clock;
}

const DELAY_MS = 24 * 60 * 60 * 1000;
/** How long an answer of a second person is waited for, and how long a reset is remembered; milliseconds. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
/** When it is looked whether a reset has broken off between two writes; milliseconds. */
const LOOK_AFTER_MS = 30_000;
/** How often a write is tried again that somebody else was faster than. */
const TRIES = 5;

/** Takes away what somebody cannot use any more. Who may ask and approve is decided before (`permissions.ts`). */
export function createResets(ports: ResetPorts) {
  const { store, accounts, commit, tenants, makeRoom, mayStill, outbox, tellAsked, audit, clock } = ports;

  /** @param not why it was not done after all; null = it is done */
  function entryOf(
    event: AuditEvent,
    { tenantId, accountId, resetId, reason }: Reset,
    occasion: Occasion | null,
    not: string | null = null,
  ): AuditEntry {
    const editor = occasion?.editor;
    return {
      event,
      tenantId,
      actor: editor?.kind === 'person' ? editor.who : null,
      subject: { tenantId, accountId },
      result: not === null ? 'ok' : 'refused',
      reason: not ?? reason,
      details: { reset: resetId, ...(editor?.kind === 'client' ? { client: editor.clientId } : {}) },
      reference: occasion?.reference ?? null,
      source: occasion?.source ?? null,
    };
  }
  const record = (...told: Parameters<typeof entryOf>) => audit.record(entryOf(...told));

  /** Takes methods and codes away. @returns false when it never won; true also when there is nobody any more */
  async function strip(who: AccountRef, save: AccountWrites['save']): Promise<boolean> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const account = await accounts.find(who);
      if (!account) return true;
      if (await save(account, { methods: [], recovery: null, owesMethod: true })) return true;
    }
    return false;
  }

  /** Can be done again, should it break off: the last write is the one that says it is done. */
  async function carryOut(reset: Reset, occasion: Occasion | null): Promise<Reset> {
    const mail = { kind: 'reset-done', at: clock(), device: null } as const;
    const stripped = await commit({
      who: refOf(reset),
      entries: [entryOf('two_factor_reset_done', reset, occasion)],
      mails: [owing(mail, `reset-done:${reset.resetId}`)],
      // Nothing of before is worth anything.
      ends: { reason: 'two_factor_reset', keptUid: null },
      write: ({ save }) => strip(reset, save),
    });
    if (!stripped) throw new DomainError('changed_meanwhile');
    const done = await store.move(reset.resetId, ['approved'], 'done');
    return done ?? { ...reset, state: 'done' };
  }

  /** Queued before the write that it looks after, so that a process may die right behind that. */
  async function lookAgain({ resetId, tenantId }: Reset, at: Date): Promise<void> {
    await outbox.enqueue({
      id: `two-factor-reset:${resetId}:${randomId()}`,
      kind: 'two-factor-reset',
      tenantId,
      lane: 'two-factor-reset',
      payload: { resetId },
      dueAt: new Date(Math.max(at.getTime(), clock().getTime() + LOOK_AFTER_MS)),
    });
  }

  /** @returns the reset that the link in a mail is about: `resetId.linkSecret` */
  async function findByLink(link: string): Promise<Reset | null> {
    const [resetId = '', secret] = link.split('.');
    const reset = await store.find(resetId);
    // Digests, because how long it takes to compare those tells nothing of the secret.
    const same = secret !== undefined && reset && tokenDigest(reset.linkSecret) === tokenDigest(secret);
    return same ? reset : null;
  }

  /** @throws DomainError not_found for a reset of somebody else */
  async function find({ tenantId, accountId }: AccountRef, resetId: string): Promise<Reset> {
    const reset = await store.find(resetId);
    if (reset?.tenantId !== tenantId || reset.accountId !== accountId) throw new DomainError('not_found');
    return reset;
  }

  /** Ends the waiting, told before it. @throws DomainError changed_meanwhile when it waits no more */
  async function decide(
    reset: Reset,
    to: 'approved' | 'cancelled',
    occasion: Occasion | null,
  ): Promise<Reset> {
    const event = `two_factor_reset_${to}` as const;
    if (reset.state !== 'waiting') throw new DomainError('changed_meanwhile');
    await record(event, reset, occasion);
    if (to === 'approved') await lookAgain(reset, clock());
    const moved = await store.move(reset.resetId, ['waiting'], to);
    if (moved) return moved;
    await record(event, reset, occasion, 'changed_meanwhile');
    throw new DomainError('changed_meanwhile');
  }

  /** @throws DomainError refused (`key_used`) when it was another request */
  function sentAgain(before: Reset, reason: string): Reset {
    if (before.reason !== reason) throw new DomainError('refused', { detail: 'key_used' });
    return before;
  }

  return {
    find,

    /** The one that waits, or is being carried out. */
    open: (who: AccountRef): Promise<Reset | null> => store.findOpen(who),

    /**
     * Asks for it, in the way that the tenant wants: at once, in 24 hours, or when a second person agrees.
     * @param once the same for a request that is sent again; null = every call is a new one
     * @throws DomainError refused (`reset_waiting`) while another one is open, (`key_used`) when `once` came with
     * another reason; too_many_attempts
     */
    async ask(
      who: AccountRef,
      { reason, once }: { readonly reason: string; readonly once: string | null },
      occasion: Occasion,
    ): Promise<Reset> {
      const { tenantId, accountId } = who;
      const tenant = await tenants.findFresh(tenantId);
      if (!tenant) throw new DomainError('not_found');
      const { resetApproval } = tenant.policy;
      const askedBy = nameOf(occasion.editor);
      const key = JSON.stringify([tenantId, accountId, askedBy, once]);
      const now = clock().getTime();
      const reset: Reset = {
        tenantId,
        accountId,
        resetId: once === null ? randomId() : createHash('sha256').update(key).digest('base64url'),
        linkSecret: randomId(),
        state: resetApproval === 'at-once' ? 'approved' : 'waiting',
        askedBy,
        reason,
        effectiveAt:
          resetApproval === 'second-admin'
            ? null
            : new Date(resetApproval === 'delay' ? now + DELAY_MS : now),
        expiresAt: new Date(now + KEPT_MS),
      };
      const same = once === null ? null : await store.find(reset.resetId);
      if (same) return sentAgain(same, reason);
      await makeRoom(who);
      await record('two_factor_reset_asked', reset, occasion);
      await lookAgain(reset, clock());
      if (resetApproval === 'delay') await lookAgain(reset, new Date(now + DELAY_MS));
      if (!(await store.insert(reset))) {
        await record('two_factor_reset_asked', reset, occasion, 'reset_waiting');
        const before = await store.find(reset.resetId);
        if (before) return sentAgain(before, reason);
        throw new DomainError('refused', { detail: 'reset_waiting' });
      }
      if (reset.state === 'approved') return carryOut(reset, occasion);
      await tellAsked(reset);
      return reset;
    },

    /** A second person agrees. @throws DomainError not_found, forbidden (`yourself`), changed_meanwhile */
    async approve(who: AccountRef, resetId: string, occasion: Occasion): Promise<Reset> {
      const reset = await find(who, resetId);
      if (reset.effectiveAt !== null) throw new DomainError('refused', { detail: 'not_by_approval' });
      if (reset.askedBy === nameOf(occasion.editor))
        throw new DomainError('forbidden', { detail: 'yourself' });
      if (reset.expiresAt <= clock()) throw new DomainError('changed_meanwhile');
      return carryOut(await decide(reset, 'approved', occasion), occasion);
    },

    /** @throws DomainError not_found; changed_meanwhile when there is nothing to stop any more */
    async cancel(who: AccountRef, resetId: string, occasion: Occasion): Promise<Reset> {
      return decide(await find(who, resetId), 'cancelled', occasion);
    },

    /** By the link in the mail: whoever has it may stop it. @throws DomainError not_found, changed_meanwhile */
    async cancelByLink(link: string, occasion: Omit<Occasion, 'editor'>): Promise<Reset> {
      const reset = await findByLink(link);
      if (!reset) throw new DomainError('not_found');
      const editor = { kind: 'person', who: refOf(reset) } as const;
      return decide(reset, 'cancelled', { ...occasion, editor });
    },

    /** Whether there is something to stop. */
    isWaiting: async (link: string): Promise<boolean> => (await findByLink(link))?.state === 'waiting',

    /** The outbox's part: what became due, or broke off before. */
    async due(resetId: string): Promise<void> {
      const reset = await store.find(resetId);
      if (!reset) return;
      const isDue = reset.effectiveAt !== null && reset.effectiveAt <= clock();
      if (isDue && reset.state === 'waiting' && !(await mayStill(reset.askedBy, reset)))
        return void (await decide(reset, 'cancelled', null));
      const approved = await store.move(resetId, isDue ? ['waiting', 'approved'] : ['approved'], 'approved');
      if (approved) await carryOut(approved, null);
      // Nothing is taken from somebody who was not told that it is about to be; told twice, it is told once.
      else if (reset.state === 'waiting') await tellAsked(reset);
    },
  };
}
