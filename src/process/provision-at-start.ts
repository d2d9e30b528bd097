import { readFile } from 'node:fs/promises';
import { ConfigError, readVariable } from '../config.ts';
import { type DemoClient, demoClient, demoPeople, type DemoPerson } from '../provisioning/demo.ts';
import { loadFile } from '../provisioning/load.ts';
import { provision } from '../provisioning/provision.ts';
import { changeLines } from '../provisioning/report.ts';
import { type Foundation, openStores, provisioningPorts } from '../stores.ts';

/** What the provisioning file says that a person at the terminal wants to know. Outside production only. */
export interface Demo {
  readonly people: readonly DemoPerson[];
  /** As which client the sample app signs in; null = the file has none. */
  readonly client: DemoClient | null;
}

/**
 * Applies the file that PROVISION names.
 * @throws ProvisioningError when the file is not right; ConfigError when it cannot be read
 */
export async function provisionAtStart(foundation: Foundation): Promise<Demo> {
  const { config, clock, log } = foundation;
  const source = config.provision;
  const production = config.mode === 'production';
  if (source === undefined) return { people: [], client: null };
  const text = await readFile(source, 'utf8').catch((cause: unknown) => {
    throw new ConfigError(`PROVISION names a file that cannot be read: ${source}`, { cause });
  });

  const stores = await openStores(foundation);
  try {
    const loaded = loadFile({ source, text, variable: readVariable, production }, stores.checks);
    const { changes, unchanged } = await provision(loaded, provisioningPorts(stores, config, clock));
    for (const line of changeLines(changes)) log.debug(line);
    log.info({ source, changed: changes.length, unchanged }, 'provisioned');
    if (production) return { people: [], client: null };
    const client = demoClient(loaded.file, `http://localhost:${config.demoAppPort}`);
    return { people: demoPeople(loaded.file, clock(), stores.provisioners), client };
  } finally {
    await stores.operations.stop();
  }
}
