import type { JWK } from 'jose';

/** Keys of one use: the current one for new things, older ones so that what they made can still be read. */
export interface Keyring {
  readonly current: { readonly id: string; readonly secret: Buffer };
  /** @returns the key named `id`, current or older; null when it is unknown */
  find(id: string): Buffer | null;
}

/** Every secret of an installation, one key for one use. Comes from `KEYS_FILE`. */
export interface Keys {
  /** Signs the cookies; newest first. */
  readonly cookies: readonly string[];
  readonly csrf: Buffer;
  /** Signs the "was here before" cookie (rule known-browsers). */
  readonly device: Buffer;
  /** Keys the names of guess budgets, so that the collection holds no address in clear. */
  readonly attempts: Buffer;
  readonly passwordPepper: Keyring;
  readonly recoveryPepper: Keyring;
  readonly encryption: Keyring;
  readonly audit: Keyring;
  /** Private signing keys, the signing one first: ES256, with RS256 beside it. */
  readonly signing: readonly JWK[];
}
