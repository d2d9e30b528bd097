import { z } from 'zod';
import type { Account, EnrolledMethod } from '../../accounts/account.ts';
import type { AccountRef } from '../../core/account-ref.ts';
import type { Clock } from '../../core/clock.ts';
import { randomId, type Random } from '../../core/random.ts';
import type { Provisioner } from '../provisioner.ts';
import type { SecurityKey } from './security-key.ts';
import { isUsablePublicKey } from './webauthn.ts';

const bytes = z.string().regex(/^[\w-]+$/, 'must be base64url, without padding');
const entry = z.strictObject({
  name: z.string().trim().min(1).max(60),
  credentialId: bytes.max(1364),
  /** COSE key (RFC 9052 section 7). */
  publicKey: bytes.refine(isUsablePublicKey, 'must be a COSE key of ES256, RS256 or EdDSA'),
  counter: z.int().min(0).max(0xffff_ffff).default(0),
  transports: z.array(z.string().max(32)).max(10).optional(),
  aaguid: z.guid().optional(),
  backupEligible: z.boolean().optional(),
  backedUp: z.boolean().optional(),
});
type Entry = z.infer<typeof entry>;

export interface KeyShelf {
  /** Whoever has the credential, in the whole installation. */
  findByCredential(credentialId: string): Promise<SecurityKey | null>;
  /** @returns false when the credential is somebody's already */
  insert(key: SecurityKey): Promise<boolean>;
  rename(who: AccountRef, id: string, name: string): Promise<boolean>;
  remove(who: AccountRef, id: string): Promise<boolean>;
}

export interface KeyProvisioning {
  readonly store: KeyShelf;
  readonly accounts: { findById(accountId: string): Promise<Account | null> };
  readonly clock: Clock;
  readonly random: Random;
}

const isOf = ({ tenantId, accountId }: AccountRef, row: AccountRef) =>
  row.tenantId === tenantId && row.accountId === accountId;

/** The row of a key that was registered elsewhere. */
const rowOf = (key: Entry, { tenantId, accountId }: AccountRef, id: string, addedAt: Date): SecurityKey => ({
  id,
  tenantId,
  accountId,
  name: key.name,
  credentialId: key.credentialId,
  publicKey: key.publicKey,
  counter: key.counter,
  backupEligible: key.backupEligible ?? false,
  backedUp: key.backedUp ?? false,
  userVerified: false,
  transports: key.transports ?? [],
  aaguid: key.aaguid ?? null,
  addedAt,
  lastUsedAt: null,
});

/** Security keys that come by the provisioning file. A credential belongs to one account of the installation. */
export function securityKeyProvisioner({
  store,
  accounts,
  clock,
  random,
}: KeyProvisioning): Provisioner<Entry> {
  const listed = (row: SecurityKey, addedAt: Date): EnrolledMethod => ({
    id: row.id,
    kind: 'security-key',
    addedAt,
    model: row.aaguid?.toLowerCase() ?? null,
    synced: row.backupEligible,
  });

  return {
    kind: 'security-key',
    section: 'securityKeys',
    noun: 'key',
    called: 'security key',
    entry,
    told: (_who, { credentialId, name }) => ({ key: credentialId, label: name }),
    once: ({ credentialId }) => ({ field: 'credentialId', value: credentialId, within: 'file' }),
    find: (_who, credentialId) => store.findByCredential(credentialId),
    holder: ({ credentialId }) => store.findByCredential(credentialId),
    /** Makes room where a set-up was cut off and left a credential that no account lists; takes over what is its own. */
    async store(who, key) {
      const now = clock();
      const row = await store.findByCredential(key.credentialId);
      if (row && isOf(who, row)) return listed(row, now);
      if (row && !(await accounts.findById(row.accountId))?.methods.some(({ id }) => id === row.id))
        await store.remove(row, row.id);
      const fresh = rowOf(key, who, randomId(random), now);
      if (await store.insert(fresh)) return listed(fresh, now);
      const winner = await store.findByCredential(key.credentialId);
      if (winner && isOf(who, winner)) return listed(winner, now);
      throw new Error('a credential was taken by somebody else in this instant: apply the file again');
    },
    rename: (who, id, name) => store.rename(who, id, name),
    remove: (who, id) => store.remove(who, id),
  };
}
