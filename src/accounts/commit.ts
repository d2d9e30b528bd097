import type { Audit } from '../audit/audit.ts';
import { recorded, type RecordedWrite } from '../audit/recorded.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { epochSeconds, type Clock } from '../core/clock.ts';
import type { ChangeNotices, OwedMail } from '../notifications/owed-mails.ts';
import type { Account, Rescue } from './account.ts';
import type { AccountChanges, Accounts } from './accounts.ts';

export interface AccountCommitPorts {
  readonly accounts: Pick<Accounts, 'save' | 'insert' | 'removeInvited' | 'giveRescueCode'>;
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

/** What a change may do to an account. Each is one conditional write; what it owes and ends is part of it. */
export interface AccountWrites {
  /** As `Accounts.save`; `owed`, and with `ends` `validFrom` and `keptSessionUid`, are set here. */
  save(account: Account, changes: Omit<AccountChanges, 'owed'>): Promise<Account | null>;
  insert(account: Account): Promise<boolean>;
  removeInvited(account: Account): Promise<boolean>;
  giveRescueCode(account: Account, rescue: Rescue): Promise<boolean>;
}

/** A change of one account: what the log is told, the write, and what follows from it. */
export interface AccountChange<Saved> extends Omit<RecordedWrite<Saved>, 'write'> {
  readonly who: AccountRef;
  readonly write: (writes: AccountWrites) => Promise<Saved | null | false>;
  /** What the owner is told by mail. */
  readonly mails?: readonly OwedMail[];
  /** It signs the owner out of everything but the session `keptUid`; null = of everything. Absent = of nothing. */
  readonly ends?: { readonly reason: string; readonly keptUid: string | null } | null;
}

export type AccountCommit = <Saved>(change: AccountChange<Saved>) => Promise<Saved | null>;

/**
 * For those who have no provider at hand, as the command line: what they end is dead by the write itself, and a server
 * tidies up.
 */
export const NO_SESSIONS: AccountCommitPorts['sessions'] = {
  tidyLater: () => Promise.resolve(),
  endAll: () => Promise.resolve(),
};

/**
 * The one way in which accounts change: the log is told, one conditional write decides, a loss is logged, the owner is
 * told, sessions end. Only writes that change nothing about how a person signs in go past it.
 */
export function createAccountCommit(ports: AccountCommitPorts): AccountCommit {
  const { accounts, sessions, audit, notifications, clock } = ports;

  /** @returns what was written; null when the account was changed meanwhile, and nothing was */
  return async function commit({ who, entries, write, mails = [], ends = null, lost }) {
    const writes: AccountWrites = {
      save(account, changes) {
        const validFrom = Math.max(epochSeconds(clock()), account.validFrom);
        const ended = ends ? { validFrom, keptSessionUid: ends.keptUid } : {};
        return accounts.save(account, { ...changes, ...ended, owed: mails });
      },
      insert: (account) => accounts.insert(account),
      removeInvited: (account) => accounts.removeInvited(account),
      giveRescueCode: (account, rescue) => accounts.giveRescueCode(account, { rescue, owed: mails }),
    };
    // Should we die right after the write: what it ends is dead by it, and its apps are told all the same.
    if (ends) await sessions.tidyLater(who, ends.reason);
    const saved = await recorded(audit, {
      entries,
      write: () => write(writes),
      ...(lost === undefined ? {} : { lost }),
    });
    if (saved === null) return null;
    await notifications.tell(who, mails);
    if (ends) await sessions.endAll(who, ends.keptUid ?? undefined);
    return saved;
  };
}
