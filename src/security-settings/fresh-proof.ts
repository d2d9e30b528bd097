import type { AccountRef } from '../core/account-ref.ts';
import type { MethodId } from '../core/method-ids.ts';
import type { Challenge } from '../second-factor/method.ts';
import { opens, type Goal, type ProofMethod } from './goal.ts';
import type { Visit } from './visit.ts';

/** How long a proof opens changes; seconds (SECURITY decision 4). */
export const FRESH_SECONDS = 10 * 60;

/** Somebody proved, in this very session, that it is them. */
export interface FreshProof extends AccountRef {
  readonly sessionUid: string;
  /** The account's at that moment; any change that is not made by this proof itself ends it (SECURITY DR-35). */
  readonly credVersion: number;
  readonly method: ProofMethod;
  /** The id in `account.methods`; null for codes and passwords. */
  readonly credentialId: string | null;
  readonly at: Date;
}

/** What a page has asked for in this session, until it is answered. */
export interface AskedProof extends AccountRef {
  readonly method: MethodId;
  readonly value: Challenge;
}

/** Where proofs are kept, one a session. Each method is one read or one conditional write. */
export interface FreshProofStore {
  find(sessionUid: string, now: Date): Promise<FreshProof | null>;
  /** In place of the one before. */
  put(proof: FreshProof, expiresAt: Date): Promise<void>;
  /** The proof made a change itself, which raised the version. */
  carry(proof: FreshProof, credVersion: number): Promise<void>;
  ask(sessionUid: string, asked: AskedProof, expiresAt: Date): Promise<void>;
  /** @returns what was asked, for the one caller who takes it */
  take(sessionUid: string, method: MethodId, now: Date): Promise<AskedProof | null>;
}

/** Whether `proof` opens `goal` for whoever asks now. Pure; everything was read in this request. */
export function isFresh(proof: FreshProof, { sessionUid, account }: Visit, goal: Goal, now: Date): boolean {
  const mine =
    proof.sessionUid === sessionUid &&
    proof.tenantId === account.tenantId &&
    proof.accountId === account.accountId &&
    proof.credVersion === account.credVersion;
  const young = now.getTime() - proof.at.getTime() <= FRESH_SECONDS * 1000;
  const { method, credentialId } = proof;
  // Whoever got a second factor meanwhile proves that one.
  const strong = method !== 'password' || account.methodCount === 0;
  const held = credentialId === null || account.methods.some(({ id }) => id === credentialId);
  return mine && young && strong && held && opens(method, goal);
}
