import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'otplib';
import { createApp } from '../../src/app.ts';
import type { Account, EnrolledMethod, StoredPassword } from '../../src/accounts/account.ts';
import { normaliseEmail } from '../../src/accounts/account.ts';
import { readConfig } from '../../src/config.ts';
import type { AccountRef } from '../../src/core/account-ref.ts';
import { systemClock, type Clock } from '../../src/core/clock.ts';
import { randomId } from '../../src/core/random.ts';
import { createLogger } from '../../src/http/log.ts';
import { createKeyFile, readKeyFile } from '../../src/key-file.ts';
import type { Keys } from '../../src/keys.ts';
import { clientMetadataSchema } from '../../src/provider/client-metadata.ts';
import { clientRecord } from '../../src/provider/clients.ts';
import { ensureIndexes } from '../../src/storage/indexes.ts';
import { collections } from '../../src/stores.ts';
import { NO_BRANDING } from '../../src/tenants/branding.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/tenants/tenant.ts';
import { buildAssets } from '../../tools/build-assets.ts';
import { developmentPages } from '../gallery/development-pages.ts';
import { createSoftKey, type SoftKey, type SoftKeyOptions } from './authenticator.ts';
import { testDatabase, type TestDatabase } from './database.ts';
import { PageBrowser } from './page-browser.ts';

/** Secret of every test person's authenticator app; base32, 20 bytes. */
export const APP_SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
export const PASSWORD = 'correct horse battery staple';

export type Idp = Awaited<ReturnType<typeof startIdp>>;

/** What a person has set up. A key is named by how it differs from a plain one, which is bound to its device. */
export interface Holdings {
  readonly app?: boolean;
  readonly codes?: boolean;
  readonly keys?: readonly Pick<SoftKeyOptions, 'backupEligible' | 'uv' | 'aaguid'>[];
  /** One that was hashed before, instead of `PASSWORD`. */
  readonly password?: StoredPassword;
}

/** Somebody with an account, and everything in their pockets. Recovery codes are in plain. */
export interface Person {
  readonly account: Account;
  readonly codes: readonly string[];
  readonly keys: readonly SoftKey[];
  /** In plain; absent = `PASSWORD`. */
  readonly password?: string;
}

let keysOnce: Promise<Keys> | undefined;
let assetsOnce: Promise<string> | undefined;

/** Keys made at run time, once a process: an RSA key takes its time. */
async function testKeys(): Promise<Keys> {
  const folder = await mkdtemp(join(tmpdir(), 'stile-keys-'));
  const path = join(folder, 'keys.json');
  await createKeyFile(path);
  const keys = await readKeyFile(path);
  await rm(folder, { recursive: true });
  return keys;
}

export interface IdpOptions {
  readonly clock?: Clock;
  /** Absent = an empty one on the engine that all tests share. */
  readonly database?: TestDatabase;
  /** Absent = none: `X-Forwarded-For` is ignored. */
  readonly trustedProxies?: number;
}

/** A whole Stile on a free port with a database of its own: tenant `northwind`, the app `desk`. */
export async function startIdp({ clock = systemClock, database: given, trustedProxies }: IdpOptions = {}) {
  assetsOnce ??= buildAssets();
  await assetsOnce;
  const database = given ?? (await testDatabase());
  await ensureIndexes(database.connection, collections);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://localhost:${(server.address() as AddressInfo).port}`;
  const dataDir = await mkdtemp(join(tmpdir(), 'stile-'));
  const config = readConfig({
    NODE_ENV: 'test',
    ISSUER: base,
    DATA_DIR: dataDir,
    ...(trustedProxies ? { TRUSTED_PROXIES: String(trustedProxies) } : {}),
  });
  keysOnce ??= testKeys();
  const keys = await keysOnce;
  const log = createLogger({ level: 'silent' });
  const app = await createApp(
    { config, keys, connection: database.connection, clock, log },
    developmentPages,
  );
  server.on('request', app.callback());
  const { stores } = app;

  async function addTenant(tenantId: string, policy: Partial<Policy> = {}) {
    const domains = [`${tenantId}.example`];
    await stores.tenants.insert({
      tenantId,
      name: `${tenantId} support`,
      domains,
      policy: { ...DEFAULT_POLICY, ...policy },
      branding: NO_BRANDING,
      detailsVersion: 1,
    });
  }

  async function addClient(metadata: Record<string, unknown>) {
    await stores.clients.save(clientRecord(clientMetadataSchema.parse(metadata)));
  }

  async function addApp(who: AccountRef): Promise<EnrolledMethod> {
    const listed = { id: randomId(), kind: 'authenticator-app', addedAt: clock() } as const;
    const { id, addedAt } = listed;
    const app = { ...who, id, name: 'Phone', addedAt, secret: APP_SECRET, lastTimeStep: 0 };
    await stores.authenticatorApps.insert(app);
    return listed;
  }

  async function addKey(
    who: AccountRef,
    key: SoftKey,
    { backupEligible = false, aaguid }: Pick<SoftKeyOptions, 'backupEligible' | 'aaguid'>,
  ): Promise<EnrolledMethod> {
    const facts = { model: aaguid ?? null, synced: backupEligible };
    const listed = { id: randomId(), kind: 'security-key', addedAt: clock(), ...facts } as const;
    await stores.securityKeys.insert({
      ...who,
      id: listed.id,
      name: 'Blue key',
      credentialId: key.credentialId,
      publicKey: key.publicKey,
      counter: key.counter,
      backupEligible,
      backedUp: false,
      userVerified: false,
      transports: ['usb'],
      aaguid: aaguid ?? null,
      addedAt: listed.addedAt,
      lastUsedAt: null,
    });
    return listed;
  }

  /** Makes what somebody will hold, and stores it; the account has to list it. */
  async function equip(who: AccountRef, has: Holdings) {
    const methods: EnrolledMethod[] = has.app ? [await addApp(who)] : [];
    const keys: SoftKey[] = [];
    for (const kind of has.keys ?? []) {
      const key = createSoftKey({ rpId: config.issuer.hostname, origin: config.issuer.origin, ...kind });
      methods.push(await addKey(who, key, kind));
      keys.push(key);
    }
    return { methods, keys };
  }

  /** @param email whose domain's first part is the tenant */
  async function addPerson(email: string, has: Holdings = {}): Promise<Person> {
    const tenantId = email.split('@')[1]?.split('.')[0] ?? '';
    const who = { tenantId, accountId: randomId() };
    const { methods, keys } = await equip(who, has);
    const codes = has.codes ? stores.newRecoveryCodes() : [];
    const account: Account = {
      ...who,
      email: normaliseEmail(email),
      name: email.split('@')[0]?.replace('.', ' ') ?? email,
      roles: ['agent'],
      state: 'active',
      claims: {},
      password: has.password ?? (await stores.passwords.hash(PASSWORD)),
      methods,
      methodCount: methods.length,
      firstMethodAt: methods[0]?.addedAt ?? null,
      recovery: codes.length > 0 ? await stores.makeRecoverySet(codes) : null,
      skips: 0,
      lastSkipIn: null,
      validFrom: 0,
      keptSessionUid: null,
      credVersion: 1,
      userHandle: randomId(),
      createdAt: clock(),
    };
    await stores.accounts.insert(account);
    return { account, codes, keys };
  }

  /** Somebody sets something up later, as the settings page will. */
  async function addMethods({ account }: Person, has: Pick<Holdings, 'app' | 'keys'>): Promise<Person> {
    const { methods, keys } = await equip(account, has);
    const now = await stores.accounts.find(account);
    const saved = now && (await stores.accounts.save(now, { methods: [...now.methods, ...methods] }));
    if (!saved) throw new Error('changed meanwhile');
    return { account: saved, codes: [], keys };
  }

  await addTenant('northwind');
  await addClient({
    client_id: 'desk',
    client_name: 'Contact Desk',
    client_secret: 'desk-secret-desk-secret-desk-secret',
    redirect_uris: ['https://desk.example/callback'],
    first_party: true,
  });

  return {
    base,
    issuer: base,
    app,
    database,
    addTenant,
    addClient,
    addPerson,
    addMethods,
    /** The code that the app shows now. */
    appCode: () => generate({ secret: APP_SECRET, epoch: Math.floor(clock().getTime() / 1000) }),
    browser: () => new PageBrowser(base),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await app.close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
