import { join } from 'node:path';
import type { Command } from 'commander';
import { countOldKeys } from '../accounts/old-keys-store.ts';
import { type Config, readConfig } from '../config.ts';
import { createKeyFile, findKeys, rotateKeyFile } from '../key-file.ts';
import { connectDatabase } from '../storage/database.ts';
import { checkIndexes } from '../storage/indexes.ts';
import { collections } from '../stores.ts';
import { columns, CommandFailed, print, reachDatabase, show, withStores } from './context.ts';

interface Output {
  readonly json?: boolean;
}

export function keyCommands(program: Command): void {
  const keys = program.command('keys').description('make and renew the keys of this installation');
  keys
    .command('create <file>')
    .description('make a new key file, for its owner’s eyes alone; never writes over one')
    .action(async (file: string) => {
      await createKeyFile(file);
      print(`${file} is made. Set KEYS_FILE to it, and keep a copy where the database is not.`);
    });
  keys
    .command('rotate [file]')
    .description('put new keys before the old ones, which stay to read what they made (default: KEYS_FILE)')
    .option('--json')
    .action(async (file: string | undefined, { json }: Output) => {
      const config = readConfig();
      const path = file ?? config.keysFile ?? join(config.dataDir, 'keys.json');
      const ids = await rotateKeyFile(path);
      const lines = columns(Object.entries(ids));
      show(json, { path, ids }, [
        ...lines,
        `New keys in ${path}. They are used from the next start of Stile; then "keys reseal" follows.`,
      ]);
    });
  resealCommand(keys);
}

function resealCommand(keys: Command): void {
  keys
    .command('reseal')
    .description('seal app secrets with the present key, and count what the older keys are still needed for')
    .option('--json')
    .action(async ({ json }: Output) => {
      const found = await withStores(
        async ({ stores, connection, keys: { passwordPepper, recoveryPepper } }) => ({
          ...(await stores.resealMethods()),
          ...(await countOldKeys(connection, {
            passwordPepper: passwordPepper.current.id,
            recoveryPepper: recoveryPepper.current.id,
          })),
        }),
      );
      show(json, found, [
        `${found.resealed} app secrets sealed anew.`,
        `${found.passwords} passwords need an older key: each is made anew when its owner signs in.`,
        `${found.recoveryLists} lists of recovery codes need one: each until its owner makes new codes.`,
      ]);
      if (found.unopened > 0)
        throw new CommandFailed(`${found.unopened} app secrets do not open with any key`);
    });
}

export function auditCommands(program: Command): void {
  program
    .command('audit')
    .description('look after the audit log')
    .command('verify')
    .description('check that no event was changed, removed or inserted')
    .option('--json')
    .action(async ({ json }: Output) => {
      const found = await withStores(async ({ stores }) => {
        const all = [];
        for await (const one of stores.operations.checks.verifyAll()) all.push(one);
        return all;
      });
      const lines = found.map((one) => {
        const tenant = one.tenantId === '' ? '(installation)' : one.tenantId;
        if (one.ok) return `ok      ${tenant}: ${one.events} events`;
        return `BROKEN  ${tenant}: ${one.break.kind} at event ${one.break.seq}`;
      });
      show(json, found, lines.length > 0 ? lines : ['The log is empty.']);
      if (found.some(({ ok }) => !ok)) throw new CommandFailed('the audit log was tampered with');
    });
}

type Finding = { readonly what: string; readonly ok: boolean; readonly text: string };

/** Runs a check; what it throws is what is wrong. Later checks that need its result are left out. */
async function examine<T>(
  what: string,
  found: Finding[],
  check: () => Promise<[T, string]>,
): Promise<T | null> {
  try {
    const [result, text] = await check();
    found.push({ what, ok: true, text });
    return result;
  } catch (error) {
    found.push({ what, ok: false, text: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check settings, keys, database and indexes; changes nothing')
    .option('--json')
    .action(async ({ json }: Output) => {
      const found: Finding[] = [];
      const config = await examine('settings', found, async () => {
        const read = readConfig();
        return [read, `${read.mode}, issuer ${read.issuer.origin}`];
      });
      if (config) {
        await examine('keys', found, async () => {
          const keys = await findKeys(config);
          return [
            keys,
            `${keys.signing.length} signing keys, passwords by ${keys.passwordPepper.current.id}`,
          ];
        });
        await examineDatabase(config, found);
      }
      const lines = columns(found.map(({ what, ok, text }) => [ok ? 'ok' : 'FAILED', what, text]));
      show(json, found, lines);
      if (found.some(({ ok }) => !ok)) throw new CommandFailed('something is not right');
    });
}

async function examineDatabase(config: Config, found: Finding[]): Promise<void> {
  const database = await examine('database', found, async () => {
    const reached = await reachDatabase(config);
    return [reached, reached.name];
  });
  if (!database) return;
  try {
    const { connection, close } = await connectDatabase(database.uri);
    try {
      await examine('indexes', found, async () => {
        await checkIndexes(connection, collections);
        return [null, `${collections.length} collections`];
      });
    } finally {
      await close();
    }
  } finally {
    await database.stop();
  }
}
