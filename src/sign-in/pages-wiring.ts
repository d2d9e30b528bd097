import type Router from '@koa/router';
import type { Account } from '../accounts/account.ts';
import type { AccountCommit } from '../accounts/commit.ts';
import type { Clock } from '../core/clock.ts';
import type { Row } from '../http/rows.ts';
import { isOwnClient } from '../provider/own-client.ts';
import type { NewLists } from '../second-factor/new-lists.ts';
import type { Journey } from './journey-routes.ts';
import { newCodesRows } from './new-codes-routes.ts';
import { createNewCodesStep } from './new-codes-step.ts';
import { newPasswordRows } from './new-password-routes.ts';
import { createNewPasswordStep } from './new-password-step.ts';
import { removalRoutes } from './removal-routes.ts';
import type { SignInRequest } from './sign-in.ts';
import type { SignIns } from './sign-ins.ts';
import type { Stores } from '../stores.ts';

export interface RecoveryRows {
  readonly stores: Stores;
  readonly commit: AccountCommit;
  readonly newLists: NewLists;
  readonly signIns: SignIns;
  readonly journey: Journey;
  /** Forgets wrong guesses of somebody. */
  readonly forgive: (account: Account) => Promise<void>;
  readonly clock: Clock;
}

/** How long a proof opens the removal of what was lost; milliseconds (rule fresh-proof). */
const FRESH_MS = 10 * 60 * 1000;

/** Wires what follows on a recovery code, and on a password that is exposed. */
export function recoveryRows(ports: RecoveryRows): Row<SignInRequest>[] {
  const { stores, commit, signIns, journey, clock } = ports;
  const newCodes = createNewCodesStep({
    store: stores.signIns,
    signIns,
    commit,
    lists: ports.newLists,
    clock,
  });
  const newPassword = createNewPasswordStep({
    signIns,
    commit,
    passwords: stores.passwords,
    forgive: ports.forgive,
    clock,
  });
  return [
    ...newPasswordRows({ journey, signIns, newPassword }),
    ...newCodesRows({ journey, signIns, newCodes, showCode: stores.showRecoveryCode }),
  ];
}

/** Wires the way from a recovery code to what was lost. */
export const removalPages = (stores: Pick<Stores, 'freshProofs'>): Router =>
  removalRoutes({
    async allow({ at, clientId, ...rest }) {
      const proof = {
        ...rest,
        method: 'recovery-code',
        credentialId: null,
        at: new Date(at * 1000),
      } as const;
      const cameFrom = isOwnClient(clientId) ? null : clientId;
      await stores.freshProofs.put(proof, new Date(proof.at.getTime() + FRESH_MS), { cameFrom });
    },
  });
