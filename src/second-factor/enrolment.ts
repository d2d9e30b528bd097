import type { Account, EnrolledMethod } from '../accounts/account.ts';
import type { EnrollableId } from '../core/method-ids.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { Challenge, Form, Refusal } from './method.ts';

/** Why a method was not added, beyond what can go wrong with any proof. */
export type EnrolmentRefusal =
  | Exclude<Refusal, 'used' | 'too-old' | 'not-yours' | 'not-enrolled'>
  /** The key is on this account already. */
  | 'same'
  /** The credential belongs to somebody; never say to whom. */
  | 'taken'
  /** The tenant does not allow this model. */
  | 'model'
  /** The tenant does not allow keys that are copied between devices. */
  | 'synced';

export type EnrolmentVerdict =
  | {
      readonly ok: true;
      /** To be listed in `account.methods` by the caller; the method counts from that write on, and not before. */
      readonly method: EnrolledMethod;
      /** What setting it up has proved (rule level-as-proved). */
      readonly amr: readonly string[];
      /** What it is called until its owner says otherwise. */
      readonly name: string;
    }
  | { readonly ok: false; readonly reason: EnrolmentRefusal; readonly minutes?: number };

/** What a page shows of a challenge. */
export type View = Readonly<Record<string, unknown>>;

/** Setting a method up: what the agent registers themselves. One folder of a method implements it. */
export interface Enrolment {
  readonly id: EnrollableId;
  /** Whether people tell several of the kind apart by a name, which is asked for once it is proved. */
  readonly asksName: boolean;
  /** Starts: the caller keeps `challenge`, which may hold secrets, for its one use; the page is shown `view`. */
  begin(account: Account, tenant: Tenant): Promise<{ challenge: Challenge; view: View }>;
  /**
   * Judges the answer and keeps what proves the method from now on. `form.name` is the name it is given; an absent
   * one gets a default.
   */
  finish(account: Account, tenant: Tenant, challenge: Challenge, form: Form): Promise<EnrolmentVerdict>;
  /**
   * What the page shows when the same challenge may be answered again after a wrong answer. Absent = each answer needs a
   * new one.
   */
  viewAgain?(account: Account, tenant: Tenant, challenge: Challenge): Promise<View | null>;
  /**
   * Just before the write that lists the method: from now on no other set-up replaces it. Absent = none could.
   * @returns false when one has
   */
  hold?(account: Account, id: string): Promise<boolean>;
  rename(account: Account, id: string, name: string): Promise<boolean>;
  /** Erases what proves the method, after the account has stopped to list it, or when it never came to list it. */
  discard(account: Account, id: string): Promise<void>;
}

/** Longest name of a method; characters. */
const MAX_NAME = 64;

/** @returns a name that can be shown: one line, no control characters, at most 64 characters; else `otherwise` */
export function tidyName(name: string | undefined, otherwise: string): string {
  const line = (name ?? '')
    .normalize('NFC')
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim();
  return [...line].slice(0, MAX_NAME).join('').trim() || otherwise;
}
