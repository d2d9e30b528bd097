import type { AdapterFactory } from 'oidc-provider';

/** A live session of a browser, as it is kept. */
export interface SessionFacts {
  /** Stays the same when the session changes its id; never in a cookie. */
  readonly uid: string;
  readonly accountId: string;
  readonly acr: string | undefined;
  readonly amr: readonly string[];
  /** When the password was proved; seconds since the epoch. */
  readonly authTime: number;
  /** Last use, to the minute; seconds since the epoch. */
  readonly lastUsedAt: number;
  /** Browser and system of the sign-in in words, such as "Chrome on Windows"; null = not recognised. */
  readonly device: string | null;
  /** What each client was given in it, by client id. */
  readonly authorizations: Readonly<
    Record<string, { readonly sid?: string | undefined; readonly grantId?: string | undefined }>
  >;
}

/** What oidc-provider keeps, and the questions that we have about it. */
export interface ProviderStore {
  readonly adapter: AdapterFactory;
  sessionsOf(accountId: string): Promise<SessionFacts[]>;
  grantsOf(accountId: string): Promise<{ grantId: string; clientId: string }[]>;
  /** Grants by which somebody was given something in this session that is still stored: it may not name them all. */
  grantsUsedIn(accountId: string, sessionUid: string): Promise<string[]>;
  /** @returns the account that a grant was given by, also when it is ended */
  ownerOfGrant(grantId: string): Promise<string | null>;
  endSession(uid: string): Promise<void>;
  /** Grants and every code and token made from them. */
  revokeGrants(grantIds: readonly string[]): Promise<void>;
  /** The codes and tokens alone: what was consented to stays. */
  revokeTokens(grantIds: readonly string[]): Promise<void>;
}
