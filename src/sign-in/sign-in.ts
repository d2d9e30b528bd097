import type { MethodId } from '../core/method-ids.ts';
import type { Challenge } from '../second-factor/method.ts';

/** A second factor that was proved, or that the session being stepped up already holds (`carried`). */
export interface Proof {
  /** Null when carried: the session knows its `amr`, not the method. */
  readonly method: MethodId | null;
  readonly amr: readonly string[];
  /** The id in `account.methods`; null for a code. */
  readonly credentialId: string | null;
  readonly carried: boolean;
}

/** A challenge that was shown and waits for its one answer. */
export interface OpenChallenge {
  readonly method: MethodId;
  readonly value: Challenge;
}

/**
 * One sign-in: everything between the authorization request and the answer to the app. Named by the uid of the
 * provider's interaction, which a signed cookie binds to the browser. Gone after `expiresAt`.
 */
export interface SignIn {
  readonly uid: string;
  readonly clientId: string;
  /** Who; written by the password step alone, or taken from the session being stepped up. */
  readonly tenantId: string | null;
  readonly accountId: string | null;
  /** The account's `credVersion` when the password was proved: any later change ends the sign-in (DR-35). */
  readonly credVersion: number | null;
  /** Seconds since the epoch; null until the password is proved. */
  readonly passwordAt: number | null;
  readonly proofs: readonly Proof[];
  readonly challenge: OpenChallenge | null;
  /** Answers given to second factors, wrong until proved right; five end the sign-in (SECURITY DR-11). */
  readonly tries: number;
  readonly declined: boolean;
  readonly untoldCodesLeft: number | null;
  readonly finished: boolean;
  /** Raised by every write; each write is conditional on the version that was read. */
  readonly version: number;
  readonly expiresAt: Date;
}

/** What a sign-in needs to know of the authorization request that started it; read anew at every step. */
export interface SignInRequest {
  readonly uid: string;
  readonly prompt: 'login' | 'mfa';
  readonly client: {
    readonly clientId: string;
    readonly name: string;
    /** The client's own tenant; null = shared by all. */
    readonly tenantId: string | null;
    readonly minimumAcr: string | undefined;
    readonly defaultAcrs: readonly string[] | undefined;
  };
  readonly params: Readonly<Record<string, unknown>>;
  /** The live session that a step-up starts from. */
  readonly session: SessionFacts | null;
}

export interface SessionFacts {
  readonly accountId: string;
  readonly amr: readonly string[];
  /** `auth_time`; seconds since the epoch. */
  readonly loginTs: number;
}

/** The browser as far as limits and the audit log care. */
export interface Visitor {
  /** Truncated client address. */
  readonly source: string;
  readonly reference: string;
  /** Accounts (`tenant/account`) that this browser's device cookie was issued for. */
  readonly knownAccounts: readonly string[];
}
