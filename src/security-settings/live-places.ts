import type { Account } from '../accounts/account.ts';
import { isProvedBy, levelOrOne } from '../core/assurance.ts';
import type { Clock } from '../core/clock.ts';
import { METHOD_IDS, type MethodId } from '../core/method-ids.ts';
import { isAlive } from '../tenants/standing.ts';
import type { Tenant } from '../tenants/tenant.ts';

/** A session as its store knows it. */
export interface KnownSession {
  readonly uid: string;
  readonly acr: string | undefined;
  readonly amr: readonly string[];
  /** Seconds since the epoch, both. */
  readonly authTime: number;
  readonly lastUsedAt: number;
  /** Browser and system in words; null = not recognised. */
  readonly device: string | null;
  /** By client id. */
  readonly authorizations: Readonly<Record<string, unknown>>;
}

/** A browser in which somebody is signed in. */
export interface Place {
  readonly uid: string;
  readonly here: boolean;
  readonly device: string | null;
  /** What was proved besides the password. */
  readonly methods: readonly MethodId[];
  readonly signedInAt: Date;
  readonly lastUsedAt: Date;
  /** Names of the apps, in alphabetical order. */
  readonly apps: readonly string[];
}

export interface LivePlacePorts {
  readonly sessions: { ofAccount(accountId: string): Promise<readonly KnownSession[]> };
  /** @returns null for an app that is gone */
  readonly appName: (clientId: string) => Promise<string | null>;
  readonly clock: Clock;
}

const momentOf = (seconds: number) => new Date(seconds * 1000);

export type LivePlaces = ReturnType<typeof createLivePlaces>;

/** Where people are signed in, told alike to themselves and to those in charge of them. */
export function createLivePlaces({ sessions, appName, clock }: LivePlacePorts) {
  async function placeOf(session: KnownSession, here: boolean): Promise<Place> {
    const { uid, device, amr, authTime, lastUsedAt, authorizations } = session;
    const names = await Promise.all(Object.keys(authorizations).map(appName));
    const methods = METHOD_IDS.filter((id) => isProvedBy(id, amr));
    return {
      uid,
      here,
      device,
      methods,
      signedInAt: momentOf(authTime),
      lastUsedAt: momentOf(lastUsedAt),
      apps: names.filter((name) => name !== null).sort(),
    };
  }

  /**
   * Those that count at this moment: what account or policy have ended is only not tidied up yet.
   * @param hereUid the session that asks, which comes first; absent = none of them does
   * @returns by last use, the latest first
   */
  return async function livePlaces(
    { account, tenant }: { readonly account: Account; readonly tenant: Pick<Tenant, 'policy'> },
    hereUid?: string,
  ): Promise<Place[]> {
    const now = clock();
    const live = (await sessions.ofAccount(account.accountId)).filter(({ acr, authTime, uid: sessionUid }) =>
      isAlive(tenant.policy, account, { level: levelOrOne(acr), authTime, sessionUid }, now),
    );
    const places = await Promise.all(live.map((session) => placeOf(session, session.uid === hereUid)));
    const order = (one: Place) => (one.here ? Infinity : one.lastUsedAt.getTime());
    return places.sort((a, b) => (order(a) === order(b) ? 0 : order(b) - order(a)));
  };
}
