import { refOf, type AccountRef } from '../core/account-ref.ts';
import { DomainError } from '../core/errors.ts';
import { randomId } from '../core/random.ts';
import { entryOf, type Actor } from '../accounts/actor.ts';
import type { SetUpPorts, Whose } from './ports.ts';
import { isOpen, needsCodes, ownerKey, SET_UP_SECONDS, type PendingCodes, type SetUp } from './set-up.ts';

/** Codes for the page that shows them, and for its file. */
export interface CodeSheet {
  readonly id: string;
  /** In their normal form, in the order that they are numbered in. */
  readonly codes: readonly string[];
  readonly madeAt: Date;
  readonly again: boolean;
}

const contextOf = ({ tenantId, accountId }: AccountRef, id: string) =>
  `codes-new1|${tenantId}|${accountId}|${id}`;

/** The beginning of a set-up: recovery codes are made, shown once, and saved by the person. */
export function setUpCodes(ports: SetUpPorts) {
  const { store, recovery, vault, audit, clock } = ports;

  async function find({ owner, account }: Whose): Promise<SetUp | null> {
    const now = clock();
    const setUp = await store.find(ownerKey(owner), now);
    return setUp && isOpen(setUp, account, now) ? setUp : null;
  }

  async function begin({ owner, account }: Whose, by: Actor, codes: { again: boolean; shown: boolean }) {
    const begun = await ports.reserve(account);
    if (!begun.ok) {
      const { retryAfterSeconds } = begun;
      throw new DomainError('too_many_attempts', { retryAfterSeconds, detail: 'set-up' });
    }
    const id = randomId(ports.random);
    const plain = needsCodes(account) ? recovery.newCodes() : null;
    const pending: PendingCodes | null = plain && {
      ...codes,
      sealed: vault.seal(plain.join(' '), contextOf(account, id)),
      set: await recovery.makeSet(plain),
    };
    const setUp: SetUp = {
      ...refOf(account),
      owner: ownerKey(owner),
      id,
      credVersion: account.credVersion,
      codes: pending,
      challenge: null,
      proved: null,
      expiresAt: new Date(clock().getTime() + SET_UP_SECONDS * 1000),
    };
    await audit.record(entryOf(account, by, { event: 'set_up_started', details: { first: plain !== null } }));
    await store.put(setUp);
    return setUp;
  }

  function sheetOf({ id, codes, ...who }: SetUp): CodeSheet | null {
    if (!codes || codes.sealed === null) return null;
    const plain = vault.open(codes.sealed, contextOf(who, id)).split(' ');
    return { id, codes: plain, madeAt: codes.set.madeAt, again: codes.again };
  }

  return {
    find,

    /** Begins, in place of whatever was under way. @throws DomainError too_many_attempts, busy */
    async start(whose: Whose, by: Actor): Promise<SetUp> {
      const earlier = await find(whose);
      return begin(whose, by, { again: earlier?.codes?.shown ?? false, shown: false });
    },

    /**
     * The codes for their page. They are shown once: whoever comes to the page again, by whatever way, gets new ones.
     * @returns null when there is no set-up, or one without codes
     */
    async openCodes(whose: Whose, by: Actor): Promise<CodeSheet | null> {
      const setUp = await find(whose);
      if (!setUp?.codes) return null;
      const first = setUp.codes.sealed !== null && (await store.markShown(setUp));
      return sheetOf(first ? setUp : await begin(whose, by, { again: true, shown: true }));
    },

    /**
     * The same codes once more, for the page that has them: its file, and the page itself when the tick was missing.
     * @param id of the codes that the page shows
     * @returns null when they are not those of the set-up, or the person has said that they are saved
     */
    async sameCodes(whose: Whose, id: string): Promise<CodeSheet | null> {
      const setUp = await find(whose);
      return setUp?.id === id ? sheetOf(setUp) : null;
    },

    /**
     * The person has saved the codes of `id`. They are forgotten here, but for their digests.
     * @returns false when they are not those of the set-up
     */
    async acknowledge(whose: Whose, id: string): Promise<boolean> {
      const setUp = await find(whose);
      return setUp?.id === id && setUp.codes !== null && store.acknowledge(setUp);
    },
  };
}
