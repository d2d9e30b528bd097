import type { EnrollableId, MethodId } from '../core/method-ids.ts';
import type { MailedCode } from '../second-factor/mailed-codes.ts';
import type { Challenge } from '../second-factor/method.ts';
import type { EnrolmentProof } from '../set-up/set-up.ts';

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

/** A method that this sign-in is about to add to the account, with what that proves. */
export interface ExpectedMethod {
  readonly kind: EnrollableId;
  /** Its id in `account.methods`; drawn for this set-up, so that nobody else can list it. */
  readonly id: string;
  readonly amr: readonly string[];
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
  /**
   * The account's `credVersion` when the password was proved: any later change ends the sign-in (rule change-ends-all).
   */
  readonly credVersion: number | null;
  /** Seconds since the epoch; null until the password is proved. */
  readonly passwordAt: number | null;
  readonly proofs: readonly Proof[];
  readonly challenge: OpenChallenge | null;
  /** Answers given to second factors, wrong until proved right; five end the sign-in (rule budgets). */
  readonly tries: number;
  readonly declined: boolean;
  /** The person put off setting up what the tenant requires; it is counted on the account. */
  readonly skipped: boolean;
  readonly untoldCodesLeft: number | null;
  /**
   * Written before the account is: whoever finds the account changed by this very method knows that the sign-in made
   * the change itself, and goes on.
   */
  readonly expects: ExpectedMethod | null;
  /** The same for a list of recovery codes: its salt, which was drawn for it. */
  readonly expectsCodes: string | null;
  /** The account's `validFrom` that the sign-in itself has moved; what it ends is everything else. */
  readonly ownFloor: number;
  /** When the person proved themselves by a recovery code; seconds since the epoch. */
  readonly codeUsedAt: number | null;
  /** The person wants to remove what they lost before they go to the app. */
  readonly removes: boolean;
  /** The code that was mailed before a set-up; null = none, or it was typed. */
  readonly enrolmentCode: MailedCode | null;
  readonly enrolmentProved: EnrolmentProof | null;
  /** What was set up in this sign-in, while the person was not told yet. */
  readonly untoldSetUp: EnrollableId | null;
  readonly finished: boolean;
  /** Raised by every write; each write is conditional on the version that was read. */
  readonly version: number;
  readonly expiresAt: Date;
}

/** A sign-in in which nothing is proved. */
export const NOTHING_PROVED = {
  tenantId: null,
  accountId: null,
  credVersion: null,
  passwordAt: null,
  proofs: [],
  challenge: null,
  tries: 0,
  declined: false,
  skipped: false,
  untoldCodesLeft: null,
  expects: null,
  expectsCodes: null,
  ownFloor: 0,
  codeUsedAt: null,
  removes: false,
  enrolmentCode: null,
  enrolmentProved: null,
  untoldSetUp: null,
} as const satisfies Partial<SignIn>;

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
  /** Stays the same when the session changes its id. */
  readonly uid: string;
  readonly accountId: string;
  readonly amr: readonly string[];
  /** `auth_time`; seconds since the epoch. */
  readonly loginTs: number;
}

/** The browser as far as limits and the audit log care. */
export interface Visitor {
  /** Truncated client address. */
  readonly source: string;
  /** The client's own IPv4 address or IPv6 /64; for guess budgets alone. */
  readonly sourceHost: string;
  readonly reference: string;
  /** Browser and system in words; null = not recognised. */
  readonly device: string | null;
  /** Accounts (`tenant/account`) that this browser's device cookie was issued for. */
  readonly knownAccounts: readonly string[];
  /** What the device cookie calls this browser, by those accounts: it is forgiven what it failed itself. */
  readonly deviceIds: ReadonlyMap<string, string>;
  /** The sign-in or session that is at work: the same for browsers without such a cookie. */
  readonly place: string;
}

/** Whether a sign-in steps up the live session that it began with: no password was asked in it. */
export function isStepUp(
  { prompt, session }: Pick<SignInRequest, 'prompt' | 'session'>,
  { accountId, passwordAt }: Pick<SignIn, 'accountId' | 'passwordAt'>,
): boolean {
  return prompt === 'mfa' && session?.accountId === accountId && session?.loginTs === passwordAt;
}

/** Whether anything was proved in the sign-in itself, besides what its session held already. */
export function provesSomething(request: SignInRequest, signIn: SignIn): boolean {
  return !isStepUp(request, signIn) || signIn.proofs.some(({ carried }) => !carried);
}
