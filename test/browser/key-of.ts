import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';
import type { Account } from '../../src/accounts/account.ts';
import { systemClock } from '../../src/core/clock.ts';
import { randomId } from '../../src/core/random.ts';
import type { VirtualCredential } from '../support/browser.ts';
import type { Idp } from '../support/idp.ts';

/** The public key as COSE writes it (RFC 9053 7.1): EC2, ES256, P-256, x, y. */
function coseKey(publicKey: KeyObject): string {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));
  const key = new Map<number, number | Uint8Array>([[1, 2], [3, -7], [-1, 1], [-2, bytes(x)], [-3, bytes(y)]]); // prettier-ignore
  return Buffer.from(isoCBOR.encode(key)).toString('base64url');
}

/** A credential that somebody's key could hold: what the key keeps, and what Stile keeps of it. */
export function newCredential({ backupEligible = false } = {}) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(32);
  const credential: VirtualCredential = {
    credentialId: id.toString('base64'),
    isResidentCredential: false,
    rpId: 'localhost',
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    signCount: 1,
    ...(backupEligible ? { backupEligibility: true, backupState: true } : {}),
  };
  return {
    credential,
    known: { credentialId: id.toString('base64url'), publicKey: coseKey(publicKey), backupEligible },
  };
}

/** Puts a key on the account, as the provisioning file does. @returns what to put into a virtual key */
export async function addKey(
  idp: Idp,
  person: Account,
  { name = 'Blue key', backupEligible = false } = {},
): Promise<VirtualCredential> {
  const { accounts, securityKeys } = idp.app.stores;
  const account = await accounts.find(person);
  if (!account) throw new Error('this person is not there');
  const { credential, known } = newCredential({ backupEligible });
  const addedAt = systemClock();
  const id = randomId();
  const { tenantId, accountId } = account;
  await securityKeys.insert({
    id,
    tenantId,
    accountId,
    ...known,
    name,
    counter: 0,
    backedUp: backupEligible,
    userVerified: false,
    transports: ['usb'],
    aaguid: null,
    addedAt,
    lastUsedAt: null,
  });
  const methods = [{ id, kind: 'security-key' as const, addedAt }, ...account.methods];
  if (!(await accounts.save(account, { methods }))) throw new Error('somebody changed the account meanwhile');
  return credential;
}
