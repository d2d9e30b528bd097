import { randomBytes } from 'node:crypto';
import type { Notice } from './notices.ts';
import type { PendingSignIn, SignIn } from './relying-party.ts';

/** One browser at the desk. */
export interface DeskSession {
  readonly id: string;
  /** By `state`: several tabs can sign in at the same time. */
  readonly pending: Map<string, PendingSignIn>;
  signIn: SignIn | null;
  /** Shown once, on the next page. */
  notice: Notice | null;
  /** Milliseconds since the epoch. */
  usedAt: number;
}

const IDLE_MS = 8 * 60 * 60 * 1000;
const MOST_SESSIONS = 10_000;
const MOST_PENDING = 10;

/** Lifetime of Stile's own sign-in pages and a bit; seconds. */
const PENDING_SECONDS = 15 * 60;

/** Sessions in memory: a real app with more than one process keeps them in a store that all of them share. */
export class DeskSessions {
  readonly #sessions = new Map<string, DeskSession>();
  /** Sessions at Stile that were ended, and when; seconds since the epoch. */
  readonly #endedSids = new Map<string, number>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  find(id: string | undefined): DeskSession | null {
    const session = id === undefined ? undefined : this.#sessions.get(id);
    if (!session || this.#now().getTime() - session.usedAt > IDLE_MS) return null;
    session.usedAt = this.#now().getTime();
    return session;
  }

  create(): DeskSession {
    this.#makeRoom();
    const session = {
      id: randomBytes(32).toString('base64url'),
      pending: new Map(),
      signIn: null,
      notice: null,
      usedAt: this.#now().getTime(),
    };
    this.#sessions.set(session.id, session);
    return session;
  }

  /** The same session under a new id, so that one known before the sign-in is worth nothing after it. */
  renew(session: DeskSession): DeskSession {
    this.#sessions.delete(session.id);
    const renewed = { ...session, id: randomBytes(32).toString('base64url') };
    this.#sessions.set(renewed.id, renewed);
    return renewed;
  }

  addPending(session: DeskSession, pending: PendingSignIn): void {
    const oldest = session.pending.keys().next();
    if (session.pending.size >= MOST_PENDING && !oldest.done) session.pending.delete(oldest.value);
    session.pending.set(pending.state, pending);
  }

  /** Each `state` opens one answer, once. */
  takePending(session: DeskSession, state: string | null): PendingSignIn | null {
    const pending = state === null ? undefined : session.pending.get(state);
    if (!pending) return null;
    session.pending.delete(pending.state);
    const age = this.#now().getTime() / 1000 - pending.askedAt;
    return age <= PENDING_SECONDS ? pending : null;
  }

  /**
   * Ends what a logout token names: the one session `sid`, or all of the person `sub` when there is no `sid`
   * (OpenID Connect Back-Channel Logout 1.0, 2.7).
   */
  endAt(token: { sub?: string | undefined; sid?: string | undefined }, notice: Notice): number {
    if (token.sid !== undefined) this.#rememberEnded(token.sid);
    let ended = 0;
    for (const session of this.#sessions.values()) {
      const claims = session.signIn?.claims;
      if (!claims) continue;
      if (token.sid === undefined ? claims.sub !== token.sub : claims.sid !== token.sid) continue;
      session.signIn = null;
      session.notice = notice;
      ended += 1;
    }
    return ended;
  }

  /** Whether the session was ended after somebody was sent to Stile: the code they come back with is late. */
  wasEnded(sid: string | undefined, { askedAt }: Pick<PendingSignIn, 'askedAt'>): boolean {
    const endedAt = sid === undefined ? undefined : this.#endedSids.get(sid);
    return endedAt !== undefined && endedAt >= askedAt;
  }

  #rememberEnded(sid: string): void {
    const oldest = this.#endedSids.keys().next();
    if (this.#endedSids.size >= MOST_SESSIONS && !oldest.done) this.#endedSids.delete(oldest.value);
    this.#endedSids.set(sid, this.#now().getTime() / 1000);
  }

  #makeRoom(): void {
    if (this.#sessions.size < MOST_SESSIONS) return;
    const limit = this.#now().getTime() - IDLE_MS;
    for (const [id, { usedAt }] of this.#sessions) if (usedAt < limit) this.#sessions.delete(id);
    const oldest = this.#sessions.keys().next();
    if (this.#sessions.size >= MOST_SESSIONS && !oldest.done) this.#sessions.delete(oldest.value);
  }
}
