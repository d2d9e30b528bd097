import type { Account } from '../accounts/account.ts';
import type { AccountChanges } from '../accounts/accounts.ts';
import type { Audit, AuditEntry } from '../audit/audit.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { epochSeconds, type Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { owing, type ChangeMail, type ChangeNotices } from '../notifications/owed-mails.ts';
import { entryOf } from '../accounts/actor.ts';
import type { FreshProof, FreshProofStore } from './fresh-proof.ts';
import type { Visit } from './visit.ts';

export interface ChangePorts {
  readonly accounts: { save(account: Account, changes: AccountChanges): Promise<Account | null> };
  readonly store: Pick<FreshProofStore, 'carry'>;
  readonly sessions: {
    /** Has what is dead of an account tidied up in a while, whatever becomes of this request. */
    tidyLater(who: AccountRef, reason: string): Promise<void>;
    /** Ends every session but that of `keptUid`, with what was given in them, and tells their apps. */
    endAll(who: AccountRef, keptUid: string | undefined): Promise<void>;
  };
  readonly audit: Audit;
  readonly notifications: ChangeNotices;
  readonly clock: Clock;
}

/** Who changes something, what allows it, and what they had before them. */
export interface Change {
  readonly visit: Visit;
  readonly proof: FreshProof;
  /** The account's `credVersion` on the page that the form is from. */
  readonly version: number;
}

export interface Effect {
  readonly changes: AccountChanges;
  readonly entries: readonly (Pick<AuditEntry, 'event'> & Partial<AuditEntry>)[];
  readonly mails: readonly ChangeMail[];
  /** Where it signs the person out: everywhere else, or here as well. */
  readonly ends: 'others' | 'all' | null;
}

export type Commit = ReturnType<typeof createCommit>;

/** The one way in which people change their account: one conditional write, told before it, followed up after it. */
export function createCommit({ accounts, store, sessions, audit, notifications, clock }: ChangePorts) {
  /**
   * The log is told before the write, so that nothing is true that could not be recorded (rule log-first); should
   * another change have been faster, the log is told that as well.
   * @throws DomainError changed_meanwhile
   */
  return async function commit({ visit, proof, version }: Change, effect: Effect): Promise<Account> {
    const { account, by, sessionUid } = visit;
    if (version !== account.credVersion) throw new DomainError('changed_meanwhile');
    const how = { provedBy: proof.method };
    const entries = effect.entries.map((entry) =>
      entryOf(account, by, { ...entry, details: { ...entry.details, ...how } }),
    );
    for (const entry of entries) await audit.record(entry);

    // Should we die right after the write: what it ends is dead by it, and its apps are told all the same.
    if (effect.ends) await sessions.tidyLater(account, 'own_change');
    const ended = {
      validFrom: Math.max(epochSeconds(clock()), account.validFrom),
      keptSessionUid: effect.ends === 'others' ? sessionUid : null,
    };
    const owed = effect.mails.map((mail) => owing(mail));
    const changes = { ...effect.changes, ...(effect.ends ? ended : {}), owed };
    const saved = await accounts.save(account, changes);
    if (!saved) {
      for (const entry of entries)
        await audit.record({ ...entry, result: 'refused', reason: 'changed_meanwhile' });
      throw new DomainError('changed_meanwhile');
    }

    await store.carry(proof, saved.credVersion);
    await notifications.tell(account, owed);
    if (effect.ends) await sessions.endAll(account, effect.ends === 'others' ? sessionUid : undefined);
    return saved;
  };
}
