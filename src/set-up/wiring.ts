import type { AccountCommit } from '../accounts/commit.ts';
import { accountKey, type AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { systemRandom } from '../core/random.ts';
import { createMailedCodes } from '../second-factor/mailed-codes.ts';
import { createNewLists } from '../second-factor/new-lists.ts';
import { createSetUps } from './set-ups.ts';
import type { Stores } from '../stores.ts';

/** Wires what sets up methods and recovery codes, wherever its pages are part of. */
export function createSetUpParts({
  stores,
  commit,
  clock,
}: {
  readonly stores: Stores;
  readonly commit: AccountCommit;
  readonly clock: Clock;
}) {
  const { accounts, operations } = stores;
  const { audit } = operations;

  // A list of recovery codes costs the same, whether it begins a set-up or takes the place of another.
  const lists = {
    recovery: { newCodes: stores.newRecoveryCodes, makeSet: stores.makeRecoverySet },
    vault: stores.vault,
    reserve: (who: AccountRef) => stores.attempts.reserve('enrol', accountKey(who)),
    clock,
    random: systemRandom,
  };
  const newLists = createNewLists({ store: stores.newCodes, ...lists });
  const setUps = createSetUps({
    store: stores.setUps,
    accounts,
    commit,
    enrolments: stores.enrolments,
    ...lists,
    audit,
  });
  const mailedCodes = createMailedCodes({
    limits: {
      send: (who) => stores.attempts.reserve('enrolment-mail', accountKey(who)),
      guess: (who) => stores.attempts.reserve('enrolment-code', accountKey(who)),
      forgive: (who) => stores.attempts.clear(['enrolment-code'], accountKey(who)),
    },
    vault: stores.vault,
    notifications: operations.notifications,
    audit,
    clock,
    random: systemRandom,
  });
  return { newLists, setUps, mailedCodes };
}
