import { levelOrOne } from '../core/assurance.ts';
import { isAlive, type Credential, type Person } from '../tenants/standing.ts';
import type { Policy } from '../tenants/tenant.ts';
import type { OwedLogout } from './provider.ts';

/** A session as far as it is judged and ended without its browser. */
export interface HeldSession {
  /** Names the document: a successor with another id keeps the `uid`, and must not be taken for it. */
  readonly rowId: string;
  readonly uid: string;
  readonly accountId: string;
  readonly acr: string | undefined;
  readonly authTime: number;
  readonly authorizations: Readonly<
    Record<string, { readonly sid?: string | undefined; readonly grantId?: string | undefined }>
  >;
}

/** A refresh token with `offline_access` that was not used yet. All others end with their session, and say nothing more. */
export interface OfflineToken {
  readonly grantId: string;
  readonly accountId: string;
  readonly clientId: string;
  readonly acr: string | undefined;
  readonly authTime: number;
  readonly sessionUid: string | undefined;
  readonly sid: string | undefined;
  /** When the first of its line was given; seconds since the epoch. */
  readonly givenAt: number;
}

/** Everything by which some people are signed in anywhere. Codes and access tokens hang on the grants of these. */
export interface Held {
  readonly sessions: readonly HeldSession[];
  readonly offlineTokens: readonly OfflineToken[];
}

/** A session of somebody, as far as it is judged. */
export type SeenSession = Pick<HeldSession, 'uid' | 'accountId' | 'acr' | 'authTime'>;

export interface HeldStore {
  /** Sessions of a tenant that have not expired and were not ended. */
  ofTenant(tenantId: string): Promise<readonly SeenSession[]>;
  /** What has not expired and was not ended. A handful of commands, however many people are asked about. */
  of(accountIds: readonly string[]): Promise<Held>;
  /** Ends sessions by their `rowId`. */
  endSessions(rowIds: readonly string[]): Promise<void>;
}

/** What some people hold, parted by what account and policy say of it. */
export interface Judgement {
  /** Apps that each person is signed in to, by account id; somebody with a session and no app has an empty set. */
  readonly present: ReadonlyMap<string, ReadonlySet<string>>;
  readonly deadSessions: readonly HeldSession[];
  /** Grants by which nothing is held any more that counts. */
  readonly deadGrantIds: readonly string[];
  /** Apps to be told, each once a session of theirs. */
  readonly owed: readonly OwedLogout[];
}

const keyOf = (clientId: string, sid: string) => JSON.stringify([clientId, sid]);

function part<T>(all: readonly T[], test: (one: T) => boolean): [yes: T[], no: T[]] {
  const { yes = [], no = [] } = Object.groupBy(all, (one) => (test(one) ? 'yes' : 'no'));
  return [yes, no];
}

/** @param people by account id; whoever is not among them does not exist any more */
export function judge(
  { sessions, offlineTokens }: Held,
  people: ReadonlyMap<string, Person>,
  policy: Policy,
  now: Date,
): Judgement {
  const counts = (
    { accountId, acr, authTime }: HeldSession | OfflineToken,
    more: Pick<Credential, 'sessionUid' | 'givenAt'>,
  ): boolean => {
    const person = people.get(accountId);
    return (
      person !== undefined && isAlive(policy, person, { level: levelOrOne(acr), authTime, ...more }, now)
    );
  };
  const [live, deadSessions] = part(sessions, (session) => counts(session, { sessionUid: session.uid }));
  const [liveTokens, deadTokens] = part(offlineTokens, (token) => counts(token, token));

  const clientsOf = (all: readonly HeldSession[]) =>
    all.flatMap(({ accountId, authorizations }) =>
      Object.entries(authorizations).map(([clientId, { sid, grantId }]) => ({
        accountId,
        clientId,
        sid,
        grantId,
      })),
    );
  const kept = [...clientsOf(live), ...liveTokens];
  const ended = [...clientsOf(deadSessions), ...deadTokens];

  const present = new Map<string, Set<string>>(live.map(({ accountId }) => [accountId, new Set()]));
  for (const { accountId, clientId } of kept) {
    present.set(accountId, (present.get(accountId) ?? new Set()).add(clientId));
  }
  const keptGrants = new Set(kept.map(({ grantId }) => grantId));
  const keptSids = new Set(kept.map(({ clientId, sid }) => keyOf(clientId, sid ?? '')));
  const owed = new Map<string, OwedLogout>();
  for (const { accountId, clientId, sid } of ended) {
    const key = keyOf(clientId, sid ?? '');
    if (sid !== undefined && !keptSids.has(key)) owed.set(key, { clientId, accountId, sid });
  }
  const grantIds = new Set(ended.flatMap(({ grantId }) => (grantId === undefined ? [] : [grantId])));
  return {
    present,
    deadSessions,
    deadGrantIds: [...grantIds].filter((grantId) => !keptGrants.has(grantId)),
    owed: [...owed.values()],
  };
}
