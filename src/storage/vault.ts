import { createCipheriv, createDecipheriv } from 'node:crypto';
import { type Random, systemRandom } from '../core/random.ts';
import type { Keyring } from '../keys.ts';

/** Seals what must be read again, such as the secret of an authenticator app. */
export interface Vault {
  /**
   * @param context where the value belongs, such as `totp1|tenant|account|id`: opened anywhere else, it does not open
   * @returns one printable string with key id, nonce, text and tag
   */
  seal(plain: string, context: string): string;
  /** @throws VaultError: the value is unavailable. It never means that there is none (rule sealed) */
  open(sealed: string, context: string): string;
  /** @returns true when `sealed` was made with a key that is no longer the current one: seal it again */
  isStale(sealed: string): boolean;
}

/** `malformed`: not ours; `unknown_key`: its key is not in KEYS_FILE; `tampered`: changed, or moved to another place. */
export type VaultProblem = 'malformed' | 'unknown_key' | 'tampered';

/** A sealed value does not open. The message is the problem alone: no value and no place slips into a log. */
export class VaultError extends Error {
  override readonly name = 'VaultError';
  readonly problem: VaultProblem;

  constructor(problem: VaultProblem, options?: ErrorOptions) {
    super(problem, options);
    this.problem = problem;
  }
}

const VERSION = 'v1';
/** AES-256-GCM with the nonce and tag lengths that NIST SP 800-38D recommends; bytes. */
const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface Parts {
  readonly keyId: string;
  readonly nonce: Buffer;
  readonly text: Buffer;
  readonly tag: Buffer;
}

/**
 * @param keys the current key seals; older ones still open. Each holds 32 bytes. One key may seal 2^32 values, because
 * nonces are random (NIST SP 800-38D section 8.3)
 */
export function createVault(keys: Keyring, random: Random = systemRandom): Vault {
  return {
    seal(plain, context) {
      const { id, secret } = keys.current;
      const nonce = random(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, secret, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(additionalData(id, context));
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      const parts = [nonce, text, cipher.getAuthTag()].map((part) => part.toString('base64url'));
      return [VERSION, id, ...parts].join('.');
    },

    open(sealed, context) {
      const { keyId, nonce, text, tag } = parse(sealed);
      const secret = keys.find(keyId);
      if (secret === null) throw new VaultError('unknown_key');
      const decipher = createDecipheriv(ALGORITHM, secret, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(additionalData(keyId, context));
      decipher.setAuthTag(tag);
      try {
        return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new VaultError('tampered', { cause });
      }
    },

    isStale: (sealed) => parse(sealed).keyId !== keys.current.id,
  };
}

/** Version and key id are bound too, so that neither can be exchanged. */
function additionalData(keyId: string, context: string): Buffer {
  return Buffer.from(JSON.stringify([VERSION, keyId, context]), 'utf8');
}

function parse(sealed: string): Parts {
  const [version, keyId, ...rest] = sealed.split('.');
  const [nonce, text, tag] = rest.map((part) => Buffer.from(part, 'base64url'));
  const complete = version === VERSION && keyId !== undefined && rest.length === 3;
  if (!complete || !nonce || !text || !tag) throw new VaultError('malformed');
  if (nonce.length !== NONCE_BYTES || tag.length !== TAG_BYTES) throw new VaultError('malformed');
  return { keyId, nonce, text, tag };
}
