import type { Account } from '../accounts/account.ts';
import type { Audit } from '../audit/audit.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { levelOrOne } from '../core/assurance.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import type { MethodId } from '../core/method-ids.ts';
import { entryOf } from '../second-factor/set-up-ports.ts';
import { isAlive } from '../tenants/standing.ts';
import type { Change, Commit } from './changes.ts';
import type { FreshProof } from './fresh-proof.ts';
import type { Visit } from './visit.ts';

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

export interface PlacePorts {
  readonly sessions: {
    ofAccount(accountId: string): Promise<readonly KnownSession[]>;
    /** Ends one session with what was given in it, and tells its apps. */
    end(who: AccountRef, sessionUid: string): Promise<void>;
  };
  /** @returns null for an app that is gone */
  readonly appName: (clientId: string) => Promise<string | null>;
  readonly commit: Commit;
  readonly audit: Audit;
  readonly clock: Clock;
}

/** Which method a proof of a session came from (`amr`, DESIGN 3). */
const METHOD_OF: Readonly<Record<string, MethodId>> = {
  hwk: 'security-key',
  pop: 'security-key',
  otp: 'authenticator-app',
  recovery_code: 'recovery-code',
};

const momentOf = (seconds: number) => new Date(seconds * 1000);

export type Places = ReturnType<typeof createPlaces>;

/** C6 - where somebody is signed in, and ending it there. */
export function createPlaces({ sessions, appName, commit, audit, clock }: PlacePorts) {
  /** Those that count at this moment: what account or policy have ended is only not tidied up yet. */
  async function live({ account, tenant }: Visit): Promise<KnownSession[]> {
    const now = clock();
    return (await sessions.ofAccount(account.accountId)).filter(({ acr, authTime, uid: sessionUid }) =>
      isAlive(tenant.policy, account, { level: levelOrOne(acr), authTime, sessionUid }, now),
    );
  }

  async function placeOf({ sessionUid }: Visit, session: KnownSession): Promise<Place> {
    const { uid, device, amr, authTime, lastUsedAt, authorizations } = session;
    const names = await Promise.all(Object.keys(authorizations).map(appName));
    const methods = amr.flatMap((value) => METHOD_OF[value] ?? []);
    return {
      uid,
      here: uid === sessionUid,
      device,
      methods: [...new Set(methods)],
      signedInAt: momentOf(authTime),
      lastUsedAt: momentOf(lastUsedAt),
      apps: names.filter((name) => name !== null).sort(),
    };
  }

  return {
    /** How many there are, this one included. */
    count: async (visit: Visit): Promise<number> => (await live(visit)).length,

    /** This browser first, then by last use. */
    async list(visit: Visit): Promise<Place[]> {
      const places = await Promise.all((await live(visit)).map((session) => placeOf(visit, session)));
      const order = (one: Place) => (one.here ? Infinity : one.lastUsedAt.getTime());
      return places.sort((a, b) => (order(a) === order(b) ? 0 : order(b) - order(a)));
    },

    /**
     * Ends one of the others.
     * @throws DomainError not_found for anybody else's; refused for this one, which ends by signing out
     */
    async end({ visit, proof }: { visit: Visit; proof: FreshProof }, uid: string): Promise<void> {
      const { account, by, sessionUid } = visit;
      if (uid === sessionUid) throw new DomainError('refused', { detail: 'this is the own session' });
      const session = (await live(visit)).find((one) => one.uid === uid);
      if (!session) throw new DomainError('not_found');
      const details = { device: session.device, provedBy: proof.method };
      await audit.record(entryOf(account, by, { event: 'session_ended', details }));
      await sessions.end(account, uid);
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
