import type { AccountRef } from '../core/account-ref.ts';
import type { EnrollableId } from '../core/method-ids.ts';

export const ROLES = ['agent', 'lead', 'admin', 'operator'] as const;
export type Role = (typeof ROLES)[number];

/** `invited`: has no password yet. `disabled`: an admin took the account out of use. */
export const ACCOUNT_STATES = ['active', 'invited', 'disabled'] as const;
export type AccountState = (typeof ACCOUNT_STATES)[number];

/** One enrolled second factor as the account lists it. The method's own store keeps what proves it. */
export interface EnrolledMethod {
  readonly id: string;
  readonly kind: EnrollableId;
  readonly addedAt: Date;
  /** AAGUID of a security key, lower case; absent or null = it told none. A tenant may have rules about it. */
  readonly model?: string | null;
  /** A security key that may be copied between devices ("backup-eligible"); absent = no. */
  readonly synced?: boolean;
}

/** A password digest. `pepperId` names the key it was made with; an imported digest has none. */
export interface StoredPassword {
  /** PHC string, for example `$argon2id$v=19$m=19456,t=2,p=1$...`. */
  readonly phc: string;
  readonly pepperId: string | null;
  readonly changedAt: Date;
  /** Since when somebody else may know it, by its owner's report. It opens nothing then but the choice of another one. */
  readonly exposedAt?: Date;
}

/** A live set of recovery codes: one salt, one digest a code that is left (rule recovery-codes). */
export interface RecoverySet {
  readonly salt: string;
  readonly pepperId: string;
  readonly digests: readonly string[];
  readonly madeAt: Date;
}

/** A code that somebody in charge gave a person who cannot use their own second factor. It signs in once. */
export interface RescueCode {
  readonly id: string;
  readonly salt: string;
  readonly pepperId: string;
  readonly digest: string;
  readonly givenAt: Date;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  /** The account's when it was given: any change of it ends the code (rule change-ends-all). */
  readonly credVersion: number;
}

export interface RescueGive {
  readonly id: string;
  /** SHA-256 of reason and hours. */
  readonly asked: string;
  readonly at: Date;
  readonly until: Date;
}

/** The newest rescue code, and when the last ones were given: they are few a month. */
export interface Rescue {
  readonly code: RescueCode;
  /** Oldest first, the present one included. */
  readonly gives: readonly RescueGive[];
}

/** The newest invitation that was mailed. Its link works while the account is `invited` and names this very one. */
export interface Invitation {
  /** SHA-256 of the link's token. */
  readonly digest: string;
  readonly expiresAt: Date;
  /** When its mail was kept for delivery; null = that broke off. */
  readonly mailedAt: Date | null;
}

/**
 * One person of one tenant. The document is the only truth about who has which method: a security key or an app
 * counts if and only if `methods` lists it, and `methodCount` is its length, moved by the same write.
 */
export interface Account extends AccountRef {
  /** Normalised: trimmed, NFKC, lower case. Unique within the tenant. */
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** Whom a lead looks after: those of the same team. Absent or null = of none, which counts as one team. */
  readonly team?: string | null;
  readonly state: AccountState;
  /** Standard claims of OpenID Connect Core 5.1 beyond name and email. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly password: StoredPassword | null;
  /** Absent or null = none was mailed, or it was accepted. */
  readonly invitation?: Invitation | null;
  readonly methods: readonly EnrolledMethod[];
  readonly methodCount: number;
  /** When the account got its first method ever: no new grace after it (policy). */
  readonly firstMethodAt: Date | null;
  /** A reset took everything away, and nothing was set up since. Ends with the next method. Absent = no. */
  readonly owesMethod?: boolean;
  readonly recovery: RecoverySet | null;
  /** Absent or null = none was ever given. */
  readonly rescue?: Rescue | null;
  /** How often the person put off setting up a method that the tenant requires (policy `skips`). */
  readonly skips: number;
  /** The earliest day until which they could skip when they did: a later one gives them no more time. Absent = none. */
  readonly graceUntil?: Date;
  /** The sign-in of the latest skip: sent twice, it counts once. */
  readonly lastSkipIn: string | null;
  /**
   * Seconds since the epoch. Sessions, codes and tokens whose `auth_time` is at or before it are dead, except those
   * of `keptSessionUid`.
   */
  readonly validFrom: number;
  /** The provider session (its `uid`) in which the owner made the change that moved `validFrom`; it lives on. */
  readonly keptSessionUid: string | null;
  /**
   * Raised by every change of password, method, email or state: what was started before it is dead (rule
   * change-ends-all).
   */
  readonly credVersion: number;
  /** 64 random bytes in base64url: the user handle (WebAuthn 3 section 14.6.1). Never the email. */
  readonly userHandle: string;
  readonly createdAt: Date;
}

/** Trims, folds to NFKC and lower case: the form in which an email is stored and looked up. */
export function normaliseEmail(email: string): string {
  return email.trim().normalize('NFKC').toLowerCase();
}
