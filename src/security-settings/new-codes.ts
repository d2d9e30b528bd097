import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import type { NewLists, ShownCodes } from '../second-factor/new-lists.ts';
import type { Change, Commit } from './changes.ts';
import type { Visit } from './visit.ts';

export interface NewCodesPorts {
  readonly lists: NewLists;
  readonly commit: Commit;
  readonly clock: Clock;
}

export type NewCodes = ReturnType<typeof createNewCodes>;

/** A new list of recovery codes in place of the old one, which dies by the same write. */
export function createNewCodes({ lists, commit, clock }: NewCodesPorts) {
  return {
    /** Makes a list. @throws DomainError changed_meanwhile, too_many_attempts, busy */
    async make(change: Change): Promise<void> {
      const { account, by, sessionUid } = change.visit;
      // Fifteen digests are too much work for a form that is out of date.
      if (change.version !== account.credVersion) throw new DomainError('changed_meanwhile');
      const set = await lists.make(account, sessionUid);
      await commit(change, {
        changes: { recovery: set },
        entries: [{ event: 'recovery_codes_made' }],
        mails: [{ kind: 'recovery-codes-made', at: clock(), device: by.device }],
        ends: 'others',
      });
    },

    /** @returns as `NewLists.show` */
    show: ({ account, sessionUid }: Visit): Promise<ShownCodes | null> => lists.show(account, sessionUid),

    /** @returns as `NewLists.same` */
    same: ({ account, sessionUid }: Visit, id: string): Promise<ShownCodes | null> =>
      lists.same(account, sessionUid, id),

    /** The person has saved them. */
    async saved(visit: Visit, id: string): Promise<void> {
      const { account, sessionUid } = visit;
      if (await lists.same(account, sessionUid, id)) await lists.forget(account);
    },
  };
}
