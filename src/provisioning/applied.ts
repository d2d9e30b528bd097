import type { StoredPassword } from '../accounts/account.ts';
import type { Values } from './values.ts';

/** What the file said of one thing when it was last applied. Secrets only as what the database holds of them anyway. */
export interface Applied {
  readonly values: Values;
  readonly password?: StoredPassword | null;
  /** Names of listed methods by what tells them apart: a key's credential id, the id of an app. */
  readonly methods?: Readonly<Record<string, string>>;
  /** One keyed, salted digest over the whole listed set of recovery codes. */
  readonly recovery?: { readonly salt: string; readonly pepperId: string; readonly digest: string } | null;
  /** As a client keeps it. */
  readonly secretDigest?: string | null;
}

/** Remembers what was applied. A lost record costs nothing but a comparison with what is there. */
export interface AppliedStore {
  /** @param key such as `account northwind ana@northwind.example` */
  find(key: string): Promise<Applied | null>;
  save(key: string, applied: Applied): Promise<void>;
  /** @returns the id that is kept for an account that is about to be made; null = none yet */
  reserved(key: string): Promise<string | null>;
  /**
   * Keeps an id before anything is stored under it, so that two runs at once, and one after a run that was cut off,
   * make the same account.
   * @returns the id that is kept: of many callers, that of the first
   */
  reserve(key: string, accountId: string): Promise<string>;
}
