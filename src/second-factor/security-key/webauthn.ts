import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server';
import {
  cose,
  decodeAttestationObject,
  decodeClientDataJSON,
  decodeCredentialPublicKey,
} from '@simplewebauthn/server/helpers';
import type { Assertion, Attestation } from './wire.ts';

/** ES256, EdDSA, RS256: what every key of the last ten years has one of. */
const ALGORITHMS = [-7, -8, -257];
/** How long the browser waits for a touch; milliseconds. */
const BROWSER_WAIT = 60_000;
/** Longest public key; bytes. RSA with 8192 bits is 1.1 kB. */
const MAX_PUBLIC_KEY = 2048;

/** The transports that WebAuthn 3 names (section 5.8.4); whatever else a browser says is dropped. */
const TRANSPORTS = ['usb', 'nfc', 'ble', 'smart-card', 'hybrid', 'internal'];

/** Where this is: from settings, never from a request. */
export interface RelyingParty {
  /** A domain name such as `id.example.com`. */
  readonly rpId: string;
  /** Scheme, host and port as a browser writes them. */
  readonly origin: string;
}

/** A credential that can be asked for. */
export interface Descriptor {
  readonly credentialId: string;
  readonly transports: readonly string[];
}

/** What of a stored key a proof is held against. */
export interface KnownKey {
  readonly credentialId: string;
  /** COSE key (RFC 9052 section 7), base64url. */
  readonly publicKey: string;
  readonly backupEligible: boolean;
}

/** What a valid assertion says. The counter is NOT judged yet. */
export interface Proof {
  readonly counter: number;
  readonly backedUp: boolean;
  readonly userVerified: boolean;
}

/** What a valid attestation says of a new key. */
export interface NewCredential extends KnownKey {
  readonly counter: number;
  readonly backedUp: boolean;
  readonly transports: string[];
  /** Model of the key as a UUID; all zero when the browser or the key does not tell. */
  readonly aaguid: string;
  readonly userVerified: boolean;
}

const list = (descriptors: readonly Descriptor[]) =>
  descriptors.map(({ credentialId, transports }) => ({ id: credentialId, transports: [...transports] }));

/** Options for `navigator.credentials.get`: one of `keys`, a touch, no PIN on top of the password. */
export async function requestOptions({ rpId }: RelyingParty, challenge: Buffer, keys: readonly Descriptor[]) {
  const options = await generateAuthenticationOptions({
    rpID: rpId,
    challenge: Uint8Array.from(challenge),
    allowCredentials: list(keys),
    userVerification: 'discouraged',
    timeout: BROWSER_WAIT,
  });
  return { ...options, hints: ['security-key'] };
}

/**
 * Options for `navigator.credentials.create` (WebAuthn 3 section 14.6.1). Everything is given: the library keeps state
 * in defaults.
 */
export async function creationOptions(
  { rpId }: RelyingParty,
  challenge: Buffer,
  about: {
    readonly rpName: string;
    readonly userName: string;
    readonly displayName: string;
    /** 64 random bytes, base64url. */
    readonly userHandle: string;
    /** Keys that the person has already. */
    readonly exclude: readonly Descriptor[];
    /** Ask for a key that is not part of this computer. A wish: nothing relies on it. */
    readonly separateKey: boolean;
  },
) {
  const options = await generateRegistrationOptions({
    rpName: about.rpName,
    rpID: rpId,
    userName: about.userName,
    userDisplayName: about.displayName,
    userID: Uint8Array.from(Buffer.from(about.userHandle, 'base64url')),
    challenge: Uint8Array.from(challenge),
    timeout: BROWSER_WAIT,
    attestationType: 'none',
    excludeCredentials: list(about.exclude),
    authenticatorSelection: {
      residentKey: 'discouraged',
      userVerification: 'discouraged',
      ...(about.separateKey ? { authenticatorAttachment: 'cross-platform' } : {}),
    },
    supportedAlgorithmIDs: ALGORITHMS,
  });
  return { ...options, hints: ['security-key'] };
}

/**
 * Refuses what happened inside somebody else's page: the library looks at it in part only. A browser
 * that knows neither member sends neither.
 */
function isOurPage(clientDataJSON: string): boolean {
  const { crossOrigin, topOrigin } = decodeClientDataJSON(clientDataJSON);
  return (crossOrigin === undefined || crossOrigin === false) && topOrigin === undefined;
}

/** `none`, or `packed` signed by the new key itself: what needs no certificate. */
function isPlainAttestation(attestationObject: string): boolean {
  const decoded = decodeAttestationObject(Uint8Array.from(Buffer.from(attestationObject, 'base64url')));
  const format = decoded.get('fmt');
  if (format === 'none') return true;
  return format === 'packed' && decoded.get('attStmt').get('x5c') === undefined;
}

/** @returns whether `publicKey` (COSE, base64url) is a key of a kind that we ask for; for keys that come by file */
export function isUsablePublicKey(publicKey: string): boolean {
  try {
    const bytes = Uint8Array.from(Buffer.from(publicKey, 'base64url'));
    const algorithm = decodeCredentialPublicKey(bytes).get(cose.COSEKEYS.alg);
    return bytes.length <= MAX_PUBLIC_KEY && algorithm !== undefined && ALGORITHMS.includes(algorithm);
  } catch {
    return false;
  }
}

function demand(value: string, what: string): string {
  if (value === '') throw new TypeError(`${what} is empty`);
  return value;
}

/** A wrong signature returns, everything else that is wrong throws: here both are the same null. */
async function orNull<T>(judge: () => Promise<T | null>): Promise<T | null> {
  try {
    return await judge();
  } catch {
    // The library's texts echo what the browser sent: they are not even logged.
    return null;
  }
}

/**
 * Checks an assertion against one key (WebAuthn 3, section 7.2), all but the counter: the library compares it BEFORE
 * the signature, so that anybody could look like a copied key. Whoever stores the key compares it in one conditional
 * write.
 *
 * @param challenge what was sent, base64url
 * @returns null for whatever is wrong
 * @throws TypeError when challenge, RP ID or origin is empty: our mistake, never an answer
 */
export async function checkAssertion(
  { rpId, origin }: RelyingParty,
  challenge: string,
  key: KnownKey,
  assertion: Assertion,
): Promise<Proof | null> {
  const expected = {
    expectedChallenge: demand(challenge, 'challenge'),
    expectedOrigin: demand(origin, 'origin'),
    expectedRPID: demand(rpId, 'rpId'),
  };
  return orNull(async () => {
    if (assertion.id !== key.credentialId || !isOurPage(assertion.response.clientDataJSON)) return null;
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      ...expected,
      response: assertion as AuthenticationResponseJSON,
      credential: {
        id: key.credentialId,
        publicKey: Uint8Array.from(Buffer.from(key.publicKey, 'base64url')),
        counter: 0,
      },
      requireUserVerification: false,
    });
    const backupEligible = authenticationInfo.credentialDeviceType === 'multiDevice';
    // Eligibility is fixed when a credential is made: another value is another credential.
    if (!verified || backupEligible !== key.backupEligible) return null;
    const { newCounter: counter, credentialBackedUp: backedUp, userVerified } = authenticationInfo;
    return { counter, backedUp, userVerified };
  });
}

/**
 * Checks the registration of a new key (WebAuthn 3, section 7.1).
 *
 * @param challenge what was sent, base64url
 * @returns null for whatever is wrong
 * @throws TypeError when challenge, RP ID or origin is empty: the library would skip the check
 */
export async function checkAttestation(
  { rpId, origin }: RelyingParty,
  challenge: string,
  attestation: Attestation,
): Promise<NewCredential | null> {
  const expected = {
    expectedChallenge: demand(challenge, 'challenge'),
    expectedOrigin: demand(origin, 'origin'),
    expectedRPID: demand(rpId, 'rpId'),
  };
  return orNull(async () => {
    const { clientDataJSON, attestationObject, transports } = attestation.response;
    if (!isOurPage(clientDataJSON) || !isPlainAttestation(attestationObject)) return null;
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      ...expected,
      response: attestation as RegistrationResponseJSON,
      requireUserVerification: false,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    if (!verified) return null;
    const { credential, aaguid, credentialDeviceType, credentialBackedUp, userVerified } = registrationInfo;
    // Told and signed are the same, and what may be told is bounded.
    if (credential.id !== attestation.id) return null;
    if (credential.publicKey.length > MAX_PUBLIC_KEY) return null;
    return {
      credentialId: credential.id,
      publicKey: Buffer.from(credential.publicKey).toString('base64url'),
      counter: credential.counter,
      backupEligible: credentialDeviceType === 'multiDevice',
      backedUp: credentialBackedUp,
      transports: [...new Set(transports)].filter((transport) => TRANSPORTS.includes(transport)),
      aaguid,
      userVerified,
    };
  });
}
