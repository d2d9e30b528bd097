import type { Account, RecoverySet } from '../accounts/account.ts';
import type { AccountChanges } from '../accounts/accounts.ts';
import type { Reservation } from '../attempts/attempts.ts';
import type { Audit } from '../audit/audit.ts';
import { refOf, type AccountRef } from '../core/account-ref.ts';
import { epochSeconds, type Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { randomId, type Random } from '../core/random.ts';
import type { Notifications } from '../notifications/notifications.ts';
import { entryOf, type Actor } from '../second-factor/set-up-ports.ts';
import type { SignIn, SignInRequest } from './sign-in.ts';
import type { SignIns, SignInStore, Situation } from './sign-ins.ts';

/** How long the page of new codes can be gone on from; seconds. A sign-in around it may be shorter. */
const SHOWN_SECONDS = 10 * 60;

/** Codes on their way to the one page that shows them. */
interface SealedCodes extends AccountRef {
  readonly salt: string;
  readonly id: string;
  /** Whose page it is: the session of own pages, or `sign-in:<uid>`. */
  readonly sessionUid: string;
  readonly sealed: string;
  readonly madeAt: Date;
  readonly shown: boolean;
  readonly expiresAt: Date;
}

/** Codes for their page and its file. */
export interface NewList {
  readonly id: string;
  /** In their normal form, in the order that they are numbered in. */
  readonly codes: readonly string[];
  readonly madeAt: Date;
}

export interface NewCodesPorts {
  readonly store: SignInStore;
  readonly signIns: SignIns;
  readonly accounts: { save(account: Account, changes: AccountChanges): Promise<Account | null> };
  /** Where codes wait, sealed. Each method is one read or one conditional write. */
  readonly sealed: {
    find(salt: string, now: Date): Promise<SealedCodes | null>;
    insert(codes: SealedCodes): Promise<void>;
    /** @returns true for the one caller who may show them */
    markShown(salt: string): Promise<boolean>;
    remove(salt: string): Promise<void>;
  };
  readonly recovery: {
    newCodes(): string[];
    /** @throws DomainError busy */
    makeSet(codes: readonly string[]): Promise<RecoverySet>;
  };
  readonly vault: {
    seal(plain: string, context: string): string;
    open(sealed: string, context: string): string;
  };
  /** Reserves one of the lists that a person may have made (SECURITY DR-11, enrol). */
  readonly reserve: (who: AccountRef) => Promise<Reservation>;
  readonly sessions: {
    tidyLater(who: AccountRef, reason: string): Promise<void>;
    /** Ends every session but that one, with what was given in it, and tells their apps. */
    endAll(who: AccountRef, keptUid: string | undefined): Promise<void>;
  };
  readonly audit: Audit;
  readonly notifications: Notifications;
  readonly clock: Clock;
  readonly random: Random;
}

export type NewCodesStep = ReturnType<typeof createNewCodesStep>;

const ownerOf = (uid: string) => `sign-in:${uid}`;
const contextOf = ({ tenantId, accountId }: AccountRef, salt: string) =>
  `codes-in-sign-in1|${tenantId}|${accountId}|${salt}`;

/** A6 - a new list of recovery codes inside the sign-in that has used one; after the last one there is no way round. */
export function createNewCodesStep(ports: NewCodesPorts) {
  const { store, signIns, accounts, sealed, recovery, vault, sessions, audit, notifications, clock } = ports;

  async function waiting({ signIn, account, step }: Situation): Promise<SealedCodes | null> {
    if (step.kind !== 'recovery-used' || !account?.recovery) return null;
    const codes = await sealed.find(account.recovery.salt, clock());
    const mine = codes?.accountId === account.accountId && codes.sessionUid === ownerOf(signIn.uid);
    return codes && mine ? codes : null;
  }

  const open = (codes: SealedCodes): NewList => ({
    id: codes.id,
    codes: vault.open(codes.sealed, contextOf(codes, codes.salt)).split(' '),
    madeAt: codes.madeAt,
  });

  /** @returns the stored form of a list that waits for its page */
  async function makeList(signIn: SignIn, account: Account): Promise<RecoverySet> {
    const begun = await ports.reserve(account);
    if (!begun.ok) {
      const { retryAfterSeconds } = begun;
      throw new DomainError('too_many_attempts', { retryAfterSeconds, detail: 'recovery codes' });
    }
    const plain = recovery.newCodes();
    const set = await recovery.makeSet(plain);
    const { salt, madeAt } = set;
    await sealed.insert({
      ...refOf(account),
      salt,
      id: randomId(ports.random),
      sessionUid: ownerOf(signIn.uid),
      sealed: vault.seal(plain.join(' '), contextOf(account, salt)),
      madeAt,
      shown: false,
      expiresAt: new Date(clock().getTime() + SHOWN_SECONDS * 1000),
    });
    return set;
  }

  /** The one write that makes the list live, told before it and followed up after it. */
  async function replace(account: Account, set: RecoverySet, by: Actor, keptUid: string | null) {
    const entry = entryOf(account, by, {
      event: 'recovery_codes_made',
      details: { provedBy: 'recovery-code' },
    });
    await audit.record(entry);
    // Should we die right after the write: what it ends is dead by it, and its apps are told all the same.
    await sessions.tidyLater(account, 'own_change');
    const at = clock();
    const validFrom = Math.max(epochSeconds(at), account.validFrom);
    if (!(await accounts.save(account, { recovery: set, validFrom, keptSessionUid: keptUid }))) {
      await audit.record({ ...entry, result: 'refused', reason: 'changed_meanwhile' });
      throw new DomainError('changed_meanwhile');
    }
    const mail = { kind: 'recovery-codes-made', at, device: by.device } as const;
    await notifications.notify(refOf(account), mail);
    await sessions.endAll(account, keptUid ?? undefined);
  }

  return {
    /**
     * Puts a new list in the place of the old one, which dies by it; whatever else the person is signed in to, in
     * other browsers, ends.
     * @returns false when the sign-in is at another step
     * @throws DomainError changed_meanwhile, too_many_attempts, busy
     */
    async make(request: SignInRequest, by: Actor): Promise<boolean> {
      const { signIn, account, step } = await signIns.situation(request);
      if (step.kind !== 'recovery-used' || !account) return false;
      const set = await makeList(signIn, account);
      // The sign-in will find its account changed, and must know that it was itself.
      if (!(await store.move(signIn, { expectsCodes: set.salt }))) throw new DomainError('changed_meanwhile');
      const session = request.session?.accountId === account.accountId ? request.session.uid : null;
      await replace(account, set, by, session);
      return true;
    },

    /** The new codes for their page, once. @returns null when there are none, or they were shown */
    async show(situation: Situation): Promise<NewList | null> {
      const codes = await waiting(situation);
      return codes && (await sealed.markShown(codes.salt)) ? open(codes) : null;
    },

    /** The same codes for the page that shows them: its file, or the page itself when its tick was missing. */
    async same(situation: Situation, id: string): Promise<NewList | null> {
      const codes = await waiting(situation);
      return codes?.id === id && codes.shown ? open(codes) : null;
    },

    /**
     * The person has saved them: they are forgotten here, and the sign-in goes on.
     * @returns false when the page is out of date
     */
    async saved(situation: Situation, id: string): Promise<boolean> {
      const codes = await waiting(situation);
      if (codes?.id !== id || !codes.shown) return false;
      await store.move(situation.signIn, { untoldCodesLeft: null });
      await sealed.remove(codes.salt);
      return true;
    },
  };
}
