import type { Account, RecoverySet } from '../accounts/account.ts';
import type { Reservation } from '../attempts/attempts.ts';
import { refOf, type AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { randomId, type Random } from '../core/random.ts';

/** How long the page of new codes can be gone on from; seconds. A sign-in around it may be shorter. */
const SHOWN_SECONDS = 10 * 60;

/** Codes on their way to the one page that shows them. */
export interface SealedCodes extends AccountRef {
  /** Of the set that they are: what is not the account's live set is never shown. */
  readonly salt: string;
  /** What forms and the file's address call them. */
  readonly id: string;
  /** Whose page it is: the uid of a session or of a sign-in. */
  readonly owner: string;
  readonly sealed: string;
  readonly madeAt: Date;
  readonly shown: boolean;
  readonly expiresAt: Date;
}

/** Where they wait. Each method is one read or one conditional write. */
export interface SealedCodesStore {
  find(salt: string, now: Date): Promise<SealedCodes | null>;
  insert(codes: SealedCodes): Promise<void>;
  /** @returns true for the one caller who may show them */
  markShown(salt: string): Promise<boolean>;
  remove(salt: string): Promise<void>;
}

/** Codes for their page and its file. */
export interface ShownCodes {
  readonly id: string;
  /** In their normal form, in the order that they are numbered in. */
  readonly codes: readonly string[];
  readonly madeAt: Date;
}

export interface NewListPorts {
  readonly store: SealedCodesStore;
  readonly recovery: {
    newCodes(): string[];
    /** @throws DomainError busy */
    makeSet(codes: readonly string[]): Promise<RecoverySet>;
  };
  readonly vault: {
    seal(plain: string, context: string): string;
    open(sealed: string, context: string): string;
  };
  /** Reserves one of the lists that a person may have made; shared with set-ups (rule budgets). */
  readonly reserve: (who: AccountRef) => Promise<Reservation>;
  readonly clock: Clock;
  readonly random: Random;
}

export type NewLists = ReturnType<typeof createNewLists>;

const contextOf = ({ tenantId, accountId, salt }: Pick<SealedCodes, 'tenantId' | 'accountId' | 'salt'>) =>
  `new-codes1|${tenantId}|${accountId}|${salt}`;

/** New lists of recovery codes in place of live ones: shown once, to whom they were made for (rule recovery-codes). */
export function createNewLists({ store, recovery, vault, reserve, clock, random }: NewListPorts) {
  /** Those of the set that is live now, if they were made for this owner. */
  async function waiting(account: Account, owner: string): Promise<SealedCodes | null> {
    if (!account.recovery) return null;
    const codes = await store.find(account.recovery.salt, clock());
    return codes?.accountId === account.accountId && codes.owner === owner ? codes : null;
  }

  const open = (codes: SealedCodes): ShownCodes => ({
    id: codes.id,
    codes: vault.open(codes.sealed, contextOf(codes)).split(' '),
    madeAt: codes.madeAt,
  });

  return {
    /**
     * Makes a list that waits for its page. Kept before it is live: should we die in between, nobody has codes that
     * were never shown.
     * @returns its stored form, for the write that makes it live
     * @throws DomainError too_many_attempts, busy
     */
    async make(account: Account, owner: string): Promise<RecoverySet> {
      const begun = await reserve(account);
      if (!begun.ok) {
        const { retryAfterSeconds } = begun;
        throw new DomainError('too_many_attempts', { retryAfterSeconds, detail: 'recovery codes' });
      }
      const plain = recovery.newCodes();
      const set = await recovery.makeSet(plain);
      const { salt, madeAt } = set;
      await store.insert({
        ...refOf(account),
        salt,
        id: randomId(random),
        owner,
        sealed: vault.seal(plain.join(' '), contextOf({ ...account, salt })),
        madeAt,
        shown: false,
        expiresAt: new Date(clock().getTime() + SHOWN_SECONDS * 1000),
      });
      return set;
    },

    /** The new codes for their page, once. @returns null when there are none, or they were shown */
    async show(account: Account, owner: string): Promise<ShownCodes | null> {
      const codes = await waiting(account, owner);
      return codes && (await store.markShown(codes.salt)) ? open(codes) : null;
    },

    /** The same codes for the page that shows them: its file, or the page itself when its tick was missing. */
    async same(account: Account, owner: string, id: string): Promise<ShownCodes | null> {
      const codes = await waiting(account, owner);
      return codes?.id === id && codes.shown ? open(codes) : null;
    },

    /** The person has saved them: they are forgotten here. */
    async forget({ recovery: live }: Account): Promise<void> {
      if (live) await store.remove(live.salt);
    },
  };
}
