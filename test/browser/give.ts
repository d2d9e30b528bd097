import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';
import type { EnrolledMethod } from '../../src/accounts/account.ts';
import type { AccountRef } from '../../src/core/account-ref.ts';
import { systemClock } from '../../src/core/clock.ts';
import { randomId } from '../../src/core/random.ts';
import type { VirtualCredential } from '../support/browser.ts';
import { APP_SECRET, type Idp } from '../support/idp.ts';

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

/** Lists one more method on the account, best first. */
async function list(idp: Idp, person: AccountRef, method: EnrolledMethod): Promise<void> {
  const { accounts } = idp.app.stores;
  const account = await accounts.find(person);
  const saved = account && (await accounts.save(account, { methods: [method, ...account.methods] }));
  if (!saved) throw new Error('the account is gone, or was changed meanwhile');
}

/** Puts a key on the account, as the provisioning file does. @returns what to put into a virtual key */
export async function giveKey(
  idp: Idp,
  { tenantId, accountId }: AccountRef,
  { name = 'Blue key', backupEligible = false } = {},
): Promise<VirtualCredential> {
  const { credential, known } = newCredential({ backupEligible });
  const [id, addedAt] = [randomId(), systemClock()];
  await idp.app.stores.securityKeys.insert({
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
  await list(idp, { tenantId, accountId }, { id, kind: 'security-key', addedAt });
  return credential;
}

/** Puts an app on the account; `idp.appCode()` is what it shows. */
export async function giveApp(idp: Idp, { tenantId, accountId }: AccountRef): Promise<void> {
  const [id, addedAt] = [randomId(), systemClock()];
  const row = { id, tenantId, accountId, name: 'Phone', addedAt, secret: APP_SECRET, lastTimeStep: 0 };
  await idp.app.stores.authenticatorApps.insert(row);
  await list(idp, { tenantId, accountId }, { id, kind: 'authenticator-app', addedAt });
}
