import type { AccountRef } from '../core/account-ref.ts';
import type { MethodId } from '../core/method-ids.ts';
import type { CodeSlot, MailedCode } from '../second-factor/mailed-codes.ts';
import type { Challenge } from '../second-factor/method.ts';
import type { EnrolmentProof } from '../set-up/set-up.ts';
import { allowedOf, allows } from '../tenants/allowed.ts';
import { opens, type Goal, type ProofMethod } from './goal.ts';
import type { Visit } from './visit.ts';

/** How long a proof opens changes; seconds (rule fresh-proof). */
export const FRESH_SECONDS = 10 * 60;

/** Somebody proved, in this very session and browser, that it is them. */
export interface FreshProof extends AccountRef {
  /** Digest of the id that the session got by this very proof (`Visit.sessionKey`). */
  readonly sessionKey: string;
  /** The account's at that moment; any change that is not made by this proof itself ends it (rule change-ends-all). */
  readonly credVersion: number;
  readonly method: ProofMethod;
  /** The id in `account.methods`; null for codes and passwords. */
  readonly credentialId: string | null;
  readonly at: Date;
  /** A code that was mailed before a first method; null or absent = none, or it was typed. */
  readonly mailedCode?: MailedCode | null;
  /** What was given besides a password. */
  readonly enrolmentProved?: EnrolmentProof;
}

/** What a page has asked for in this session, until it is answered. */
export interface AskedProof extends AccountRef {
  readonly method: MethodId;
  readonly value: Challenge;
}

/**
 * Where proofs are kept, one an id of a session: whoever holds an older id finds none. Each method is one read or one
 * conditional write, but for `move`.
 */
export interface FreshProofStore {
  find(sessionKey: string, now: Date): Promise<FreshProof | null>;
  /**
   * In place of the one before.
   * @param more `cameFrom`: the app that the person left to change something; absent = stays as it is
   */
  put(proof: FreshProof, expiresAt: Date, more?: { readonly cameFrom: string | null }): Promise<void>;
  /** @returns the client id of the app that the person left; null = none, or a proof of that session is long ago */
  cameFrom(sessionKey: string, now: Date): Promise<string | null>;
  /** The proof made a change itself, which raised the version. */
  carry(proof: FreshProof, credVersion: number): Promise<void>;
  /** The session got another id; what was proved in it goes along. */
  move(before: string, sessionKey: string): Promise<void>;
  /** Keeps a mailed code with the proof, in place of the one that it was read with. @returns whether it is there */
  putCode(proof: FreshProof, code: MailedCode): Promise<boolean>;
  /** Counts an answer to the code. @returns false when it takes no more, or is another one by now */
  countCodeTry(proof: FreshProof, code: MailedCode): Promise<boolean>;
  /** Forgets the code and keeps that it was typed. @returns false when it is another one by now */
  proveByCode(proof: FreshProof, code: MailedCode): Promise<boolean>;
  ask(sessionKey: string, asked: AskedProof, expiresAt: Date): Promise<void>;
  /** @returns what was asked, for the one caller who takes it */
  take(sessionKey: string, method: MethodId, now: Date): Promise<AskedProof | null>;
}

/** Whether `proof` opens `goal` for whoever asks now. Pure; everything was read in this request. */
export function isFresh(
  proof: FreshProof,
  { sessionKey, account, tenant }: Visit,
  goal: Goal,
  now: Date,
): boolean {
  const mine =
    proof.sessionKey === sessionKey &&
    proof.tenantId === account.tenantId &&
    proof.accountId === account.accountId &&
    proof.credVersion === account.credVersion;
  const young = now.getTime() - proof.at.getTime() <= FRESH_SECONDS * 1000;
  const { method, credentialId } = proof;
  // Whoever got a second factor meanwhile proves that one.
  const strong = method !== 'password' || account.methodCount === 0;
  // What the tenant forbade meanwhile opens no more than what was removed (ADR 13).
  const usable = method === 'password' || allows(tenant.policy, method);
  const held =
    credentialId === null || allowedOf(tenant.policy, account.methods).some(({ id }) => id === credentialId);
  return mine && young && strong && usable && held && opens(method, goal);
}

/** Where a mailed code waits on the own pages: it lives and dies with the proof that it stands beside. */
export const codeSlotOf = (
  store: FreshProofStore,
  proof: FreshProof,
  { sessionUid, account }: Visit,
): CodeSlot => ({
  uid: sessionUid,
  account,
  code: proof.mailedCode ?? null,
  put: (code) => store.putCode(proof, code),
  countTry: (code) => store.countCodeTry(proof, code),
  prove: (code) => store.proveByCode(proof, code),
});
