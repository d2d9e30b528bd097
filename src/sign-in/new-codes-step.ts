import type { Account, RecoverySet } from '../accounts/account.ts';
import type { AccountCommit } from '../accounts/commit.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { owing } from '../notifications/owed-mails.ts';
import type { NewLists, ShownCodes } from '../second-factor/new-lists.ts';
import { entryOf, type Actor } from '../accounts/actor.ts';
import type { SignInRequest } from './sign-in.ts';
import type { SignIns, SignInStore } from './sign-ins.ts';
import type { Situation } from './situation.ts';

export interface NewCodesPorts {
  readonly store: SignInStore;
  readonly signIns: SignIns;
  readonly commit: AccountCommit;
  readonly lists: NewLists;
  readonly clock: Clock;
}

export type NewCodesStep = ReturnType<typeof createNewCodesStep>;

const ownerOf = (uid: string) => `sign-in:${uid}`;

/** A new list of recovery codes inside the sign-in that has used one; after the last one there is no way round. */
export function createNewCodesStep(ports: NewCodesPorts) {
  const { store, signIns, commit, lists, clock } = ports;

  /** Whose list it is, while the sign-in is at this step. */
  const atStep = ({ step, account }: Situation) => (step.kind === 'recovery-used' ? account : null);

  /** The one write that makes the list live. */
  async function replace(account: Account, set: RecoverySet, by: Actor, keptUid: string | null) {
    const saved = await commit({
      who: account,
      entries: [
        entryOf(account, by, { event: 'recovery_codes_made', details: { provedBy: 'recovery-code' } }),
      ],
      mails: [owing({ kind: 'recovery-codes-made', at: clock(), device: by.device })],
      ends: { reason: 'own_change', keptUid },
      write: ({ save }) => save(account, { recovery: set }),
    });
    if (!saved) throw new DomainError('changed_meanwhile');
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
      const set = await lists.make(account, ownerOf(signIn.uid));
      // The sign-in will find its account changed, and must know that it was itself.
      if (!(await store.move(signIn, { expectsCodes: set.salt }))) throw new DomainError('changed_meanwhile');
      const session = request.session?.accountId === account.accountId ? request.session.uid : null;
      await replace(account, set, by, session);
      return true;
    },

    /** @returns as `NewLists.show` */
    async show(situation: Situation): Promise<ShownCodes | null> {
      const account = atStep(situation);
      return account && lists.show(account, ownerOf(situation.signIn.uid));
    },

    /** @returns as `NewLists.same` */
    async same(situation: Situation, id: string): Promise<ShownCodes | null> {
      const account = atStep(situation);
      return account && lists.same(account, ownerOf(situation.signIn.uid), id);
    },

    /**
     * The person has saved them: they are forgotten, and the sign-in goes on.
     * @returns false when the page is out of date
     */
    async saved(situation: Situation, id: string): Promise<boolean> {
      const account = atStep(situation);
      if (!account || !(await lists.same(account, ownerOf(situation.signIn.uid), id))) return false;
      await store.move(situation.signIn, { untoldCodesLeft: null });
      await lists.forget(account);
      return true;
    },
  };
}
