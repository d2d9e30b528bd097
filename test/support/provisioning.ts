import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import { systemClock, type Clock } from '../../src/core/clock.ts';
import { createLogger } from '../../src/http/log.ts';
import { createKeyFile, readKeyFile } from '../../src/key-file.ts';
import type { Keys } from '../../src/keys.ts';
import { loadFile } from '../../src/provisioning/load.ts';
import type { ProvisioningPorts } from '../../src/provisioning/plan.ts';
import { provision, type ProvisionOptions } from '../../src/provisioning/provision.ts';
import { ensureIndexes } from '../../src/storage/indexes.ts';
import { collections, openStores, provisioningPorts } from '../../src/stores.ts';
import { testDatabase } from './database.ts';

let keysOnce: Promise<Keys> | undefined;

async function makeKeys(): Promise<Keys> {
  const folder = await mkdtemp(join(tmpdir(), 'stile-keys-'));
  const path = join(folder, 'keys.json');
  await createKeyFile(path);
  const keys = await readKeyFile(path);
  await rm(folder, { recursive: true });
  return keys;
}

export type Installation = Awaited<ReturnType<typeof openInstallation>>;

/** The real stores on a database of one test, without a server. */
export async function openInstallation({ clock = systemClock }: { clock?: Clock } = {}) {
  const database = await testDatabase();
  await ensureIndexes(database.connection, collections);
  const dataDir = await mkdtemp(join(tmpdir(), 'stile-'));
  const config = readConfig({ NODE_ENV: 'test', DATA_DIR: dataDir, UV_THREADPOOL_SIZE: '16' });
  keysOnce ??= makeKeys();
  const keys = await keysOnce;
  const log = createLogger({ level: 'silent' });
  const stores = await openStores({ config, keys, connection: database.connection, clock, log });
  const ports = provisioningPorts(stores, config, clock);

  return {
    database,
    stores,
    ports,
    /** Applies YAML, or an object as it would stand in the file. */
    async apply(
      file: string | object,
      options: ProvisionOptions & {
        source?: string;
        variables?: Record<string, string>;
        ports?: Partial<ProvisioningPorts>;
      } = {},
    ) {
      const text = typeof file === 'string' ? file : JSON.stringify(file);
      const { source: path = 'test.yaml', variables = {}, ports: replaced = {}, ...rest } = options;
      const source = { source: path, text, variable: (name: string) => variables[name] };
      return provision(loadFile(source, stores.checks), { ...ports, ...replaced }, rest);
    },
    async close() {
      await stores.operations.stop();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Everything in the database that provisioning could touch, for "nothing was written". */
export async function contentsOf({
  database,
}: Pick<Installation, 'database'>): Promise<Record<string, unknown[]>> {
  const names = [
    'tenants',
    'accounts',
    'clients',
    'security_keys',
    'authenticator_apps',
    'provisioned',
    'audit_events',
  ];
  const entries = names.map(async (name) => {
    const rows = await database.connection.collection(name).find({}).sort({ _id: 1 }).toArray();
    return [name, rows] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
