import type { Context } from 'koa';
import type { Provider } from 'oidc-provider';
import type { Account } from '../accounts/account.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { levelOrOne, type Level } from '../core/assurance.ts';
import { epochSeconds, type Clock } from '../core/clock.ts';
import { tokenDigest } from '../core/random.ts';
import { isAlive } from '../tenants/standing.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { createPeople, type People } from './people.ts';
import type { ProviderStore, SessionFacts } from './provider-data.ts';
import type { LogoutSender } from './logout-sender.ts';
import type { OwedLogout } from './provider.ts';

/** The session of the browser that asks, which still counts at this moment. */
export interface CurrentSession {
  readonly uid: string;
  /** Digest of its id: another one as soon as somebody proves something in it. */
  readonly key: string;
  readonly account: Account;
  readonly tenant: Tenant;
  readonly level: Level;
  readonly amr: readonly string[];
  /** When the password was proved; seconds since the epoch. */
  readonly authTime: number;
}

/** What is proved after a step-up on one of our own pages. */
export interface Assurance {
  readonly acr: string;
  readonly amr: readonly string[];
}

/** The digests of both ids of a session that got a new one (`CurrentSession.key`). */
export interface Renewed {
  readonly before: string;
  readonly key: string;
}

export interface Sessions {
  /** Live sessions of an account, on all its devices. */
  ofAccount(accountId: string): Promise<SessionFacts[]>;
  /** @returns null for a browser without a session that counts; decided by what account and policy say now */
  current(ctx: Context): Promise<CurrentSession | null>;
  /**
   * Gives the session of this browser a new id, and with `raised` a new assurance; `auth_time` stays. For use at every
   * proof, so that an id that leaked before it is worth nothing.
   * @returns null when the session does not count any more
   */
  renew(ctx: Context, raised?: Assurance): Promise<Renewed | null>;
  /** Ends one session with everything given in it. @returns the logout tokens that are owed */
  end(who: AccountRef, sessionUid: string): Promise<OwedLogout[]>;
  /**
   * Ends all sessions, grants and tokens of an account but the session `except`: that browser stays signed in, and what
   * apps were consented to there stays so. Codes and tokens that they hold end as all others.
   */
  endAll(who: AccountRef, options?: { readonly except?: string | undefined }): Promise<OwedLogout[]>;
  /** Tidies up what does not count any more: ends the sessions of an account that account and policy have ended. */
  endDead(accountId: string): Promise<OwedLogout[]>;
  /**
   * Sends one logout token, for at most 2.5 s.
   * @returns false when the client is gone or does not listen: no later try can work
   * @throws when the app did not answer 200 or 204
   */
  sendLogoutToken(owed: OwedLogout): Promise<boolean>;
}

type Session = InstanceType<Provider['Session']>;

/** @param provider the instance that serves now; it may be swapped at any time */
export function createSessions(options: {
  readonly provider: () => Provider;
  readonly store: ProviderStore;
  readonly people: People;
  readonly clock: Clock;
}): Sessions {
  const { provider, store, clock } = options;
  const people = createPeople(options.people, clock);

  async function judge(session: Session): Promise<CurrentSession | null> {
    const { accountId, uid, acr, amr = [], loginTs: authTime } = session;
    if (accountId === undefined || authTime === undefined) return null;
    const person = await people.find(accountId);
    if (!person) return null;
    const level = levelOrOne(acr);
    const { policy } = person.tenant;
    const now = clock();
    if (!isAlive(policy, person.account, { level, authTime, sessionUid: uid }, now)) return null;
    if (epochSeconds(now) - authTime > policy.session.maxSeconds) return null;
    return { ...person, uid, key: tokenDigest(session.jti), level, amr, authTime };
  }

  /** Those first that hold the most: without session and grant nothing else counts. */
  async function destroy(
    accountId: string,
    sessions: readonly SessionFacts[],
    grantIds: ReadonlySet<string>,
  ) {
    await Promise.all(sessions.map(({ uid }) => store.endSession(uid)));
    await store.revokeGrants([...grantIds]);
    return sessions.flatMap(({ authorizations }) =>
      Object.entries(authorizations).flatMap(([clientId, { sid }]) =>
        sid === undefined ? [] : [{ clientId, accountId, sid }],
      ),
    );
  }

  const grantsIn = (sessions: readonly SessionFacts[]) =>
    sessions
      .flatMap(({ authorizations }) => Object.values(authorizations))
      .flatMap(({ grantId }) => (grantId === undefined ? [] : [grantId]));

  return {
    ofAccount: (accountId) => store.sessionsOf(accountId),

    async current(ctx) {
      return judge(await provider().Session.get(ctx));
    },

    async renew(ctx, raised) {
      const op = provider();
      const session = await op.Session.get(ctx);
      const now = await judge(session);
      if (!now || session.accountId === undefined) return null;
      session.resetIdentifier();
      if (raised) {
        const { accountId, loginTs } = session;
        session.loginAccount({ accountId, loginTs, acr: raised.acr, amr: [...raised.amr] });
      }
      const { idleSeconds, maxSeconds } = now.tenant.policy.session;
      const left = now.authTime + maxSeconds - epochSeconds(clock());
      const seconds = Math.max(1, Math.min(idleSeconds, left));
      await session.save(seconds);
      ctx.cookies.set(op.cookieName('session'), session.jti, {
        path: '/',
        httpOnly: true,
        sameSite: 'lax',
        secure: op.issuer.startsWith('https:'),
        signed: true,
        ...(session.transient ? {} : { expires: new Date(clock().getTime() + seconds * 1000) }),
      });
      return { before: now.key, key: tokenDigest(session.jti) };
    },

    async end({ accountId }, sessionUid) {
      const session = (await store.sessionsOf(accountId)).filter(({ uid }) => uid === sessionUid);
      const used = await store.grantsUsedIn(accountId, sessionUid);
      return destroy(accountId, session, new Set([...grantsIn(session), ...used]));
    },

    async endAll({ accountId }, { except } = {}) {
      const all = await store.sessionsOf(accountId);
      const kept = new Set(grantsIn(all.filter(({ uid }) => uid === except)));
      const ended = all.filter(({ uid }) => uid !== except);
      // Also grants that no session names any more: refresh tokens with offline_access hang on them.
      const grants = (await store.grantsOf(accountId)).map(({ grantId }) => grantId);
      const dead = new Set([...grants, ...grantsIn(ended)].filter((grantId) => !kept.has(grantId)));
      await store.revokeTokens([...kept]);
      return destroy(accountId, ended, dead);
    },

    async endDead(accountId) {
      const person = await people.find(accountId);
      const now = clock();
      const counts = ({ acr, authTime, uid: sessionUid }: SessionFacts) =>
        person !== null &&
        isAlive(person.tenant.policy, person.account, { level: levelOrOne(acr), authTime, sessionUid }, now);
      const dead = (await store.sessionsOf(accountId)).filter((session) => !counts(session));
      return destroy(accountId, dead, new Set(grantsIn(dead)));
    },

    async sendLogoutToken({ clientId, accountId, sid }) {
      const client = await provider().Client.find(clientId);
      if (!client?.backchannelLogoutUri) return false;
      await (client as unknown as LogoutSender).sendLogoutToken(accountId, sid);
      return true;
    },
  };
}
