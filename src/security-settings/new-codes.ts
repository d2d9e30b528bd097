import type { RecoverySet } from '../accounts/account.ts';
import type { Reservation } from '../attempts/attempts.ts';
import { refOf, type AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { randomId, type Random } from '../core/random.ts';
import type { Change, Commit } from './changes.ts';
import type { Visit } from './visit.ts';

/** How long the page of new codes can be gone on from; seconds. */
const SHOWN_SECONDS = 10 * 60;

/** Codes on their way to the one page that shows them. */
export interface SealedCodes extends AccountRef {
  /** Of the set that they are: what is not the account's live set is never shown. */
  readonly salt: string;
  /** What forms and the file's address call them. */
  readonly id: string;
  readonly sessionUid: string;
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

export interface NewCodesPorts {
  readonly store: SealedCodesStore;
  readonly commit: Commit;
  readonly recovery: {
    newCodes(): string[];
    /** @throws DomainError busy */
    makeSet(codes: readonly string[]): Promise<RecoverySet>;
  };
  readonly vault: {
    seal(plain: string, context: string): string;
    open(sealed: string, context: string): string;
  };
  /** Reserves one of the lists that a person may have made; shared with set-ups (SECURITY DR-11). */
  readonly reserve: (who: AccountRef) => Promise<Reservation>;
  readonly clock: Clock;
  readonly random: Random;
}

const contextOf = ({ tenantId, accountId, salt }: Pick<SealedCodes, 'tenantId' | 'accountId' | 'salt'>) =>
  `codes-again1|${tenantId}|${accountId}|${salt}`;

export type NewCodes = ReturnType<typeof createNewCodes>;

/** C5 - a new list of recovery codes in place of the old one, which dies by the same write. */
export function createNewCodes(ports: NewCodesPorts) {
  const { store, commit, recovery, vault, clock, random } = ports;

  /** Those of the set that is live now, if they were made in this session. */
  async function waiting({ account, sessionUid }: Visit): Promise<SealedCodes | null> {
    if (!account.recovery) return null;
    const codes = await store.find(account.recovery.salt, clock());
    const mine = codes?.accountId === account.accountId && codes.sessionUid === sessionUid;
    return codes && mine ? codes : null;
  }

  const open = (codes: SealedCodes): ShownCodes => ({
    id: codes.id,
    codes: vault.open(codes.sealed, contextOf(codes)).split(' '),
    madeAt: codes.madeAt,
  });

  return {
    /** Makes a list. @throws DomainError changed_meanwhile, too_many_attempts, busy */
    async make(change: Change): Promise<void> {
      const { account, by, sessionUid } = change.visit;
      // Fifteen digests are too much work for a form that is out of date.
      if (change.version !== account.credVersion) throw new DomainError('changed_meanwhile');
      const begun = await ports.reserve(account);
      if (!begun.ok) {
        const { retryAfterSeconds } = begun;
        throw new DomainError('too_many_attempts', { retryAfterSeconds, detail: 'recovery codes' });
      }
      const plain = recovery.newCodes();
      const set = await recovery.makeSet(plain);
      const { salt, madeAt } = set;
      const at = clock();
      // Kept before they are live: should we die in between, nobody has codes that were never shown.
      await store.insert({
        ...refOf(account),
        salt,
        id: randomId(random),
        sessionUid,
        sealed: vault.seal(plain.join(' '), contextOf({ ...account, salt })),
        madeAt,
        shown: false,
        expiresAt: new Date(at.getTime() + SHOWN_SECONDS * 1000),
      });
      await commit(change, {
        changes: { recovery: set },
        entries: [{ event: 'recovery_codes_made' }],
        mails: [{ kind: 'recovery-codes-made', at, device: by.device }],
        ends: 'others',
      });
    },

    /** The new codes for their page, once. @returns null when there are none, or they were shown */
    async show(visit: Visit): Promise<ShownCodes | null> {
      const codes = await waiting(visit);
      return codes && (await store.markShown(codes.salt)) ? open(codes) : null;
    },

    /** The same codes for the page that shows them: its file, or the page itself when its tick was missing. */
    async same(visit: Visit, id: string): Promise<ShownCodes | null> {
      const codes = await waiting(visit);
      return codes?.id === id && codes.shown ? open(codes) : null;
    },

    /** The person has saved them: they are forgotten here. */
    async saved(visit: Visit, id: string): Promise<void> {
      const codes = await waiting(visit);
      if (codes?.id === id) await store.remove(codes.salt);
    },
  };
}
