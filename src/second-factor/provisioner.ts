import type { z } from 'zod';
import type { EnrolledMethod } from '../accounts/account.ts';
import type { AccountRef } from '../core/account-ref.ts';
import type { EnrollableId } from '../core/method-ids.ts';

/** One stored method, listed on its account or not. */
export interface Stored extends AccountRef {
  readonly id: string;
}

/**
 * Methods of one kind that come by the provisioning file. A method's folder implements it, for those of its kind that
 * can be moved from elsewhere.
 * @typeParam E one entry of the section
 */
export interface Provisioner<E = unknown> {
  readonly kind: EnrollableId;
  /** Key of the list that an account has of them in the file. */
  readonly section: string;
  /** What one is called in reports of what was applied, and what its remembered name begins with; never changes. */
  readonly noun: string;
  /** What one is called where people are listed, in the singular. */
  readonly called: string;
  readonly entry: z.ZodType<E>;
  /** What tells an entry of somebody apart, the same at every run, and what it is called. No secret is in either. */
  told(who: AccountRef, entry: E): { readonly key: string; readonly label: string };
  /** What may be there once only, in an account or in the whole file. */
  once(entry: E): { readonly field: string; readonly value: string; readonly within: 'account' | 'file' };
  /** @returns what `key` tells apart; null = it is not stored */
  find(who: AccountRef, key: string): Promise<Stored | null>;
  /** Whose it is by now, where one can be of one account only. Absent = every account may have it. */
  holder?(entry: E): Promise<Stored | null>;
  /** Stores what proves it; taken over when a run that was cut off has. It counts once the account lists it. */
  store(who: AccountRef, entry: E): Promise<EnrolledMethod>;
  rename(who: AccountRef, id: string, name: string): Promise<boolean>;
  remove(who: AccountRef, id: string): Promise<boolean>;
  /** The code that it shows at a moment, for who tries the product out. Absent = it shows none. */
  codeAt?(entry: E, now: Date): string;
}
