import type { Account } from './accounts/account.ts';
import type { AccountRef } from './core/account-ref.ts';
import type { Clock } from './core/clock.ts';
import { randomId } from './core/random.ts';
import type { Operations } from './operations.ts';
import type { Clients } from './provider/clients.ts';
import type { OwedLogout } from './provider/provider.ts';
import type { Sessions } from './provider/sessions.ts';

/**
 * Queues the logout token that is owed to an app; one that does not listen is owed none. A slow app holds up nobody's
 * sign-out: the outbox sends and tries again.
 */
export function logoutQueue(ports: {
  readonly accounts: { findById(accountId: string): Promise<Account | null> };
  readonly clients: Pick<Clients, 'find'>;
  readonly outbox: Operations['outbox'];
}) {
  return async ({ clientId, accountId, sid }: OwedLogout): Promise<void> => {
    const [account, client] = await Promise.all([
      ports.accounts.findById(accountId),
      ports.clients.find(clientId),
    ]);
    const uri = client?.metadata.backchannel_logout_uri;
    if (!account || uri === undefined) return;
    await ports.outbox.enqueue({
      id: `logout:${clientId}:${sid}`,
      kind: 'logout-token',
      tenantId: account.tenantId,
      lane: new URL(uri).host,
      payload: { clientId, accountId, sid },
    });
  };
}

export interface SignOutPorts {
  readonly sessions: Pick<Sessions, 'end' | 'endAll'>;
  readonly outbox: Operations['outbox'];
  /** Has an app told that somebody is signed out. */
  readonly owe: (logout: OwedLogout) => Promise<void>;
  readonly clock: Clock;
}

export type SignOuts = ReturnType<typeof createSignOuts>;

/** By then the write that is tidied up after has landed, or never will; milliseconds. */
const TIDY_AFTER_MS = 15_000;

/** Ends what people are signed in to, and has the apps of it told: for whatever part changes how they sign in. */
export function createSignOuts({ sessions, outbox, owe, clock }: SignOutPorts) {
  const tell = async (owed: readonly OwedLogout[]) => void (await Promise.all(owed.map(owe)));
  return {
    /** Has what is dead of an account tidied up in a while, whatever becomes of this request. */
    tidyLater: ({ tenantId, accountId }: AccountRef, reason: string): Promise<void> =>
      outbox.enqueue({
        id: `clean-up:${randomId()}`,
        kind: 'clean-up',
        tenantId,
        lane: 'clean-up',
        payload: { accountId, reason },
        dueAt: new Date(clock().getTime() + TIDY_AFTER_MS),
      }),

    /** @param keptUid the session that stays; absent = none does */
    async endAll(who: AccountRef, keptUid?: string): Promise<void> {
      await tell(await sessions.endAll(who, { except: keptUid }));
    },

    /** Ends one session. */
    async end(who: AccountRef, uid: string): Promise<void> {
      await tell(await sessions.end(who, uid));
    },
  };
}
