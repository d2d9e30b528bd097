import type { Connection } from 'mongoose';
import type { Logger } from 'pino';
import { accountCollection, accountStore } from './accounts/account-store.ts';
import { loadArgon2 } from './accounts/argon2.ts';
import { rosterStore } from './accounts/roster-store.ts';
import { hashQueue } from './accounts/hash-queue.ts';
import { createPasswords } from './accounts/passwords.ts';
import { adminWatchCollection, adminWatchStore } from './admin/last-admin-store.ts';
import { bulkRunCollections, bulkRunStore } from './admin/bulk-run-store.ts';
import { importCollection, importStore } from './admin/import-store.ts';
import { resetCollection, resetStore } from './admin/reset-store.ts';
import { settingsDraftCollection, settingsDraftStore } from './admin/settings-draft-store.ts';
import { attemptCollection, attemptStore } from './attempts/attempt-store.ts';
import { createAttempts } from './attempts/attempts.ts';
import type { Config } from './config.ts';
import { typedFormCollection, typedFormStore } from './console/typed-form-store.ts';
import type { Clock } from './core/clock.ts';
import { systemRandom } from './core/random.ts';
import type { Keys } from './keys.ts';
import { openOperations, operationCollections } from './operations.ts';
import { clientCollection, clientStore } from './provider/client-store.ts';
import { cachedClients } from './provider/clients.ts';
import { heldStore } from './provider/held-store.ts';
import { withOwnClients } from './provider/own-client.ts';
import { mailLinkCollection, mailLinkStore } from './mail-links/mail-link-store.ts';
import { providerCollections, providerStore } from './provider/provider-store.ts';
import { appliedCollection, appliedStore } from './provisioning/applied-store.ts';
import type { ProvisioningPorts } from './provisioning/plan.ts';
import { createMethods, methodCollections } from './second-factor/methods.ts';
import { newCodesCollection, newCodesStore } from './second-factor/new-lists-store.ts';
import { setUpCollection, setUpStore } from './set-up/set-up-store.ts';
import { freshProofCollection, freshProofStore } from './security-settings/fresh-proof-store.ts';
import { signInCollection, signInStore } from './sign-in/sign-in-store.ts';
import type { CollectionSpec } from './storage/indexes.ts';
import { createReadAhead } from './storage/read-ahead.ts';
import { createVault } from './storage/vault.ts';
import { logoCollection, logoStore } from './tenants/logo-store.ts';
import { tenantCollection, tenantStore } from './tenants/tenant-store.ts';
import { DEFAULT_POLICY } from './tenants/tenant.ts';

/** Every collection with its indexes: made and checked before anything is served. */
export const collections: readonly CollectionSpec[] = [
  accountCollection,
  tenantCollection,
  logoCollection,
  clientCollection,
  signInCollection,
  setUpCollection,
  freshProofCollection,
  newCodesCollection,
  mailLinkCollection,
  attemptCollection,
  appliedCollection,
  resetCollection,
  importCollection,
  ...bulkRunCollections,
  settingsDraftCollection,
  typedFormCollection,
  adminWatchCollection,
  ...methodCollections,
  ...providerCollections,
  ...operationCollections,
];

export interface Foundation {
  readonly config: Config;
  readonly keys: Keys;
  readonly connection: Connection;
  readonly clock: Clock;
  readonly log: Logger;
}

export type Stores = Awaited<ReturnType<typeof openStores>>;

/** Opens every store on one connection, and what stands directly on them. */
export async function openStores({ config, keys, connection, clock, log }: Foundation) {
  const vault = createVault(keys.encryption);
  const ahead = createReadAhead();
  const accounts = accountStore(connection, ahead);
  const tenants = tenantStore(connection, clock);
  const clients = withOwnClients(cachedClients(clientStore(connection), clock), config.issuer);
  const hashes = hashQueue({ concurrency: config.hashConcurrency });
  const passwords = await createPasswords({
    argon2: await loadArgon2(),
    queue: hashes,
    pepper: keys.passwordPepper,
    recoveryPepper: keys.recoveryPepper,
    clock,
    alarm: (problem) => log.error({ problem }, 'a stored password cannot be checked'),
  });
  const operations = await openOperations({
    ...{ config, keys, connection, clock, log },
    sealer: vault,
    hashQueueDepth: hashes.depth,
  });
  return {
    vault,
    accounts,
    roster: rosterStore(connection),
    tenants,
    logos: logoStore(connection, clock),
    clients,
    passwords,
    operations,
    held: heldStore(connection, clock),
    provider: providerStore(
      connection,
      clients,
      clock,
      ahead,
      async (tenantId) => (await tenants.find(tenantId))?.policy.session.idleSeconds ?? null,
    ),
    attempts: createAttempts({ store: attemptStore(connection), key: keys.attempts, clock }),
    ...createMethods({
      connection,
      vault,
      accounts,
      passwords,
      audit: operations.audit,
      notifications: operations.notifications,
      clock,
      issuer: config.issuer,
      recoveryPepper: keys.recoveryPepper,
      alarm: ({ tenantId, accountId }, { problem }) =>
        log.error({ tenantId, accountId, problem }, 'the secret of an authenticator app does not open'),
    }),
    signIns: signInStore(connection, ahead),
    setUps: setUpStore(connection),
    freshProofs: freshProofStore(connection),
    newCodes: newCodesStore(connection),
    mailLinks: mailLinkStore(connection),
    applied: appliedStore(connection),
    resets: resetStore(connection, vault),
    imports: importStore(connection),
    bulkRuns: bulkRunStore(connection),
    settingsDrafts: settingsDraftStore(connection),
    typedForms: typedFormStore(connection, vault),
    adminWatch: adminWatchStore(connection),
  };
}

/** What provisioning reads and writes of them. */
export function provisioningPorts(
  stores: Stores,
  { smtpUrl }: Pick<Config, 'smtpUrl'>,
  clock: Clock,
): ProvisioningPorts {
  // Where mails arrive, a password alone sets nothing up, unless the tenant says so (rule first-method).
  const newPolicy = { ...DEFAULT_POLICY, enrolmentProof: smtpUrl === undefined ? 'none' : 'email' } as const;
  const { audit, notifications } = stores.operations;
  return { ...stores, newPolicy, audit, notifications, clock, random: systemRandom };
}
