import type { Account } from '../accounts/account.ts';
import type { Clock } from '../core/clock.ts';
import type { Change, Commit } from './changes.ts';

export type NotMe = ReturnType<typeof createNotMe>;

/** "This was not me": somebody else acts in the person's name. */
export function createNotMe({ commit, clock }: { readonly commit: Commit; readonly clock: Clock }) {
  /**
   * Signs out everywhere, this browser included, and gives the password up: whoever proves everything at the next
   * sign-in chooses another one, and before that nothing else answers. One write.
   * @throws DomainError changed_meanwhile
   */
  return function report(change: Change): Promise<Account> {
    const { account, by } = change.visit;
    const at = clock();
    const { password } = account;
    return commit(change, {
      changes: { password: password && { ...password, exposedAt: at } },
      entries: [{ event: 'reported_not_me' }],
      mails: [{ kind: 'not-me', at, device: by.device }],
      ends: 'all',
    });
  };
}
