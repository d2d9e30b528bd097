import type { AccountRef } from '../core/account-ref.ts';
import { levelOrOne } from '../core/assurance.ts';
import type { Clock } from '../core/clock.ts';
import { isAlive, type Person } from '../tenants/standing.ts';
import type { Policy } from '../tenants/tenant.ts';
import { judge, type HeldStore } from './held.ts';
import { isOwnClient } from './own-client.ts';
import type { ProviderStore } from './provider-data.ts';
import type { OwedLogout } from './provider.ts';

type Standing = AccountRef & Person;

/** Sessions of a tenant that have not expired. */
export interface Seen {
  /** Whose they are, each once. */
  readonly accountIds: readonly string[];
  /** Which of these people have one that counts. */
  counting(policy: Policy, people: readonly Standing[]): ReadonlySet<string>;
}

/** Who is signed in, and the end of what does not count any more: for many people of one tenant at once. */
export interface Presence {
  /**
   * Apps that these people are signed in to now, by account id: by a session, or by a refresh token that outlives it.
   * Whoever is signed in nowhere is left out; our own pages are no app.
   */
  of(policy: Policy, people: readonly Standing[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Who of a tenant has a session, found by these and not by the people. */
  seen(tenantId: string): Promise<Seen>;
  /**
   * Deletes what `policy` and the accounts have ended, and nothing else. Can be done again at any time; what a first
   * try has left over, a second one finds.
   */
  endDead(policy: Policy, people: readonly Standing[]): Promise<void>;
}

/** @param owe keeps logout tokens for delivery. Told first: once the sessions are gone nobody knows of them any more */
export function createPresence(ports: {
  readonly held: HeldStore;
  readonly store: Pick<ProviderStore, 'revokeGrants'>;
  readonly owe: (logouts: readonly OwedLogout[]) => Promise<void>;
  readonly clock: Clock;
}): Presence {
  const { held, store, owe, clock } = ports;

  async function judged(policy: Policy, people: readonly Standing[]) {
    const byId = new Map(people.map((person) => [person.accountId, person]));
    return judge(await held.of([...byId.keys()]), byId, policy, clock());
  }

  return {
    async of(policy, people) {
      const { present } = await judged(policy, people);
      const apps = (clients: ReadonlySet<string>) =>
        [...clients].filter((clientId) => !isOwnClient(clientId)).sort();
      return new Map([...present].map(([accountId, clients]) => [accountId, apps(clients)]));
    },

    async seen(tenantId) {
      const sessions = Map.groupBy(await held.ofTenant(tenantId), ({ accountId }) => accountId);
      const now = clock();
      const counts = (policy: Policy, person: Standing) =>
        sessions
          .get(person.accountId)
          ?.some(({ acr, authTime, uid: sessionUid }) =>
            isAlive(policy, person, { level: levelOrOne(acr), authTime, sessionUid }, now),
          ) ?? false;
      return {
        accountIds: [...sessions.keys()],
        counting: (policy, people) =>
          new Set(people.filter((one) => counts(policy, one)).map(({ accountId }) => accountId)),
      };
    },

    async endDead(policy, people) {
      const { deadSessions, deadGrantIds, owed } = await judged(policy, people);
      await owe(owed);
      await held.endSessions(deadSessions.map(({ rowId }) => rowId));
      await store.revokeGrants(deadGrantIds);
    },
  };
}
