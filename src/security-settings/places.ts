import type { Account } from '../accounts/account.ts';
import type { Audit } from '../audit/audit.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { DomainError } from '../core/errors.ts';
import { entryOf } from '../accounts/actor.ts';
import type { Change, Commit } from './changes.ts';
import type { FreshProof } from './fresh-proof.ts';
import type { LivePlaces, Place } from './live-places.ts';
import type { Visit } from './visit.ts';

export interface PlacePorts {
  readonly live: LivePlaces;
  /** Ends one session with what was given in it, and tells its apps. */
  readonly end: (who: AccountRef, sessionUid: string) => Promise<void>;
  readonly commit: Commit;
  readonly audit: Audit;
}

export type Places = ReturnType<typeof createPlaces>;

/** Where somebody is signed in, and ending it there. */
export function createPlaces({ live, end, commit, audit }: PlacePorts) {
  /** This browser first, then by last use. */
  const list = (visit: Visit): Promise<Place[]> => live(visit, visit.sessionUid);

  return {
    list,

    /** How many there are, this one included. */
    count: async (visit: Visit): Promise<number> => (await list(visit)).length,

    /**
     * Ends one of the others.
     * @throws DomainError not_found for anybody else's; refused for this one, which ends by signing out
     */
    async end({ visit, proof }: { visit: Visit; proof: FreshProof }, uid: string): Promise<void> {
      const { account, by, sessionUid } = visit;
      if (uid === sessionUid) throw new DomainError('refused', { detail: 'this is the own session' });
      const session = (await list(visit)).find((one) => one.uid === uid);
      if (!session) throw new DomainError('not_found');
      const details = { device: session.device, provedBy: proof.method };
      await audit.record(entryOf(account, by, { event: 'session_ended', details }));
      await end(account, uid);
    },

    /** Ends all others: with one write of the account, so that none can slip through that begins meanwhile. */
    endOthers: (change: Change): Promise<Account> =>
      commit(change, {
        changes: {},
        entries: [{ event: 'sessions_ended' }],
        mails: [],
        ends: 'others',
      }),
  };
}
