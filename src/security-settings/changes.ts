import type { Account } from '../accounts/account.ts';
import type { AccountChanges } from '../accounts/accounts.ts';
import type { AccountCommit } from '../accounts/commit.ts';
import type { AuditEntry } from '../audit/audit.ts';
import { DomainError } from '../core/errors.ts';
import { owing, type ChangeMail } from '../notifications/owed-mails.ts';
import { entryOf } from '../accounts/actor.ts';
import type { FreshProof, FreshProofStore } from './fresh-proof.ts';
import type { Visit } from './visit.ts';

export interface ChangePorts {
  readonly commit: AccountCommit;
  readonly store: Pick<FreshProofStore, 'carry'>;
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

/** How people change their own account: what they proved stands in the log, and goes on counting after it. */
export function createCommit({ commit, store }: ChangePorts) {
  /** @throws DomainError changed_meanwhile */
  return async function commitOwn({ visit, proof, version }: Change, effect: Effect): Promise<Account> {
    const { account, by, sessionUid } = visit;
    if (version !== account.credVersion) throw new DomainError('changed_meanwhile');
    const how = { provedBy: proof.method };
    const keptUid = effect.ends === 'others' ? sessionUid : null;
    const saved = await commit({
      who: account,
      entries: effect.entries.map((entry) =>
        entryOf(account, by, { ...entry, details: { ...entry.details, ...how } }),
      ),
      mails: effect.mails.map((mail) => owing(mail)),
      ends: effect.ends && { reason: 'own_change', keptUid },
      async write({ save }) {
        const now = await save(account, effect.changes);
        if (now) await store.carry(proof, now.credVersion);
        return now;
      },
    });
    if (!saved) throw new DomainError('changed_meanwhile');
    return saved;
  };
}
