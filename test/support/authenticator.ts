import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';
import { selfSigned } from './self-signed.ts';

/** What a soft key is made of. The defaults are a plain U2F-class key: touch only, bound to its device, counting. */
export interface SoftKeyOptions {
  readonly rpId: string;
  readonly origin: string;
  /** A passkey that is copied between devices. */
  readonly backupEligible?: boolean;
  /** The key checks a PIN or a finger as well. */
  readonly uv?: boolean;
  readonly algorithm?: 'ES256' | 'EdDSA' | 'RS256';
  /** Signatures so far; null = the key does not count. */
  readonly counter?: number | null;
  /** UUID of the model. */
  readonly aaguid?: string;
  /** Length of the credential id; bytes. */
  readonly idLength?: number;
}

/** How one answer differs from what an honest browser and key would give. */
export interface Deviation {
  readonly type?: string;
  readonly challenge?: string;
  readonly origin?: string;
  readonly crossOrigin?: unknown;
  readonly topOrigin?: unknown;
  readonly rpId?: string;
  /** Nobody touched the key. */
  readonly up?: boolean;
  readonly uv?: boolean;
  readonly be?: boolean;
  readonly bs?: boolean;
  readonly counter?: number;
  /** The id that the browser tells, while the key signs as itself. */
  readonly id?: string;
  readonly userHandle?: string;
  readonly badSignature?: boolean;
  /** Attestation format; default `none`. */
  readonly fmt?: 'none' | 'packed' | 'packed-x5c' | 'fido-u2f' | 'tpm';
  /** Algorithm that the new key claims, as a COSE number. */
  readonly alg?: number;
  readonly transports?: unknown;
}

/** What of the options a key and a browser look at. */
interface Asked {
  readonly challenge: string;
}

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest();
const encode = (value: unknown) => Buffer.from(isoCBOR.encode(value as Parameters<typeof isoCBOR.encode>[0]));
const ALG = { ES256: -7, EdDSA: -8, RS256: -257 } as const;

function keyPair(algorithm: keyof typeof ALG) {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

/** The public key as COSE writes it (RFC 9053 sections 2 and 7, RFC 8230 section 4). */
function coseKey(publicKey: KeyObject, algorithm: keyof typeof ALG, alg: number): Buffer {
  const jwk = publicKey.export({ format: 'jwk' });
  const bytes = (value: unknown) => new Uint8Array(Buffer.from(String(value), 'base64url'));
  const entries: Record<keyof typeof ALG, [number, number | Uint8Array][]> = {
    ES256: [[1, 2], [3, alg], [-1, 1], [-2, bytes(jwk.x)], [-3, bytes(jwk.y)]], // prettier-ignore
    EdDSA: [[1, 1], [3, alg], [-1, 6], [-2, bytes(jwk.x)]], // prettier-ignore
    RS256: [[1, 3], [3, alg], [-1, bytes(jwk.n)], [-2, bytes(jwk.e)]], // prettier-ignore
  };
  return encode(new Map(entries[algorithm]));
}

export type SoftKey = ReturnType<typeof createSoftKey>;

/**
 * An authenticator and the browser in front of it, in software: makes real registrations and assertions, and every
 * wrong one that a test wants.
 */
export function createSoftKey(options: SoftKeyOptions) {
  const { rpId, origin, algorithm = 'ES256', aaguid = '00000000-0000-0000-0000-000000000000' } = options;
  const { publicKey, privateKey } = keyPair(algorithm);
  const id = randomBytes(options.idLength ?? 32);
  const credentialId = id.toString('base64url');
  let counter = options.counter === undefined ? 1 : options.counter;

  const signed = (data: Buffer) => sign(algorithm === 'EdDSA' ? null : 'sha256', data, privateKey);

  function clientData(type: string, { challenge }: Asked, deviation: Deviation): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: deviation.type ?? type,
        challenge: deviation.challenge ?? challenge,
        origin: deviation.origin ?? origin,
        crossOrigin: 'crossOrigin' in deviation ? deviation.crossOrigin : false,
        ...('topOrigin' in deviation ? { topOrigin: deviation.topOrigin } : {}),
      }),
    );
  }

  function authenticatorData(deviation: Deviation, attested: Buffer | null): Buffer {
    const be = deviation.be ?? options.backupEligible ?? false;
    const bits = [
      deviation.up ?? true,
      false,
      deviation.uv ?? options.uv ?? false,
      be,
      deviation.bs ?? false,
      false,
      attested !== null,
    ];
    const count = Buffer.alloc(4);
    count.writeUInt32BE(deviation.counter ?? counter ?? 0);
    const flags = Buffer.from([bits.reduce((sum, bit, i) => sum + (bit ? 1 << i : 0), 0)]);
    return Buffer.concat([sha256(deviation.rpId ?? rpId), flags, count, attested ?? Buffer.alloc(0)]);
  }

  function answer(response: Record<string, unknown>, deviation: Deviation) {
    const told = deviation.id ?? credentialId;
    return {
      id: told,
      rawId: told,
      type: 'public-key',
      authenticatorAttachment: 'cross-platform',
      clientExtensionResults: {},
      response,
    };
  }

  /** A valid attestation of the U2F kind: the maker's batch key signs for the new one (WebAuthn 3, section 8.6). */
  function u2fStatement(data: Buffer, client: Buffer): Map<string, unknown> {
    const batch = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
    const message = Buffer.concat([Buffer.from([0]), data.subarray(0, 32), sha256(client), id, point]);
    return new Map<string, unknown>([
      ['sig', new Uint8Array(sign('sha256', message, batch.privateKey))],
      ['x5c', [new Uint8Array(selfSigned(batch))]],
    ]);
  }

  function statement(data: Buffer, client: Buffer, deviation: Deviation): Map<string, unknown> {
    const { fmt = 'none' } = deviation;
    if (fmt === 'none') return new Map();
    if (fmt === 'fido-u2f') return u2fStatement(data, client);
    const message = Buffer.concat([data, sha256(client)]);
    const signature = new Uint8Array(signed(deviation.badSignature ? randomBytes(37) : message));
    const entries: [string, unknown][] = [
      ['alg', deviation.alg ?? ALG[algorithm]],
      ['sig', signature],
    ];
    if (fmt !== 'packed') entries.push(['x5c', [new Uint8Array(randomBytes(64))]]);
    return new Map(entries);
  }

  return {
    credentialId,
    /** COSE, base64url. */
    publicKey: coseKey(publicKey, algorithm, ALG[algorithm]).toString('base64url'),
    get counter() {
      return counter ?? 0;
    },

    /** An entry of `securityKeys` in a provisioning file. */
    provision(name: string) {
      return { name, credentialId, publicKey: this.publicKey, counter: counter ?? 0 };
    },

    /** Touches the key: what `navigator.credentials.get` gives for `asked`, as plain JSON. */
    assertion(asked: Asked, deviation: Deviation = {}) {
      if (counter !== null) counter += 1;
      const data = authenticatorData(deviation, null);
      const client = clientData('webauthn.get', asked, deviation);
      const message = Buffer.concat([data, sha256(client)]);
      return answer(
        {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: signed(deviation.badSignature ? randomBytes(69) : message).toString('base64url'),
          ...(deviation.userHandle === undefined ? {} : { userHandle: deviation.userHandle }),
        },
        deviation,
      );
    },

    /** What `navigator.credentials.create` gives for `asked`, as plain JSON. */
    registration(asked: Asked, deviation: Deviation = {}) {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const model = Buffer.from(aaguid.replaceAll('-', ''), 'hex');
      const key = coseKey(publicKey, algorithm, deviation.alg ?? ALG[algorithm]);
      const data = authenticatorData(deviation, Buffer.concat([model, length, id, key]));
      const client = clientData('webauthn.create', asked, deviation);
      const fmt = (deviation.fmt ?? 'none').replace('-x5c', '');
      const attestation = new Map<string, unknown>([
        ['fmt', fmt],
        ['attStmt', statement(data, client, deviation)],
        ['authData', new Uint8Array(data)],
      ]);
      return answer(
        {
          clientDataJSON: client.toString('base64url'),
          attestationObject: encode(attestation).toString('base64url'),
          transports: 'transports' in deviation ? deviation.transports : ['usb'],
        },
        deviation,
      );
    },
  };
}
