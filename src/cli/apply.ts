import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { readConfig, readVariable } from '../config.ts';
import { systemClock } from '../core/clock.ts';
import { demoPeople } from '../provisioning/demo.ts';
import { loadFile, type PlacedProblem } from '../provisioning/load.ts';
import { provision } from '../provisioning/provision.ts';
import { changeLines } from '../provisioning/report.ts';
import { ensureIndexes } from '../storage/indexes.ts';
import { collections, provisioningPorts } from '../stores.ts';
import { columns, CommandFailed, show, tell, withStores } from './context.ts';

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CommandFailed(`${file} cannot be read`, { cause });
  }
}

const warningLine = (file: string, { line, column, path, message }: PlacedProblem) =>
  `warning: ${file}:${line}:${column} ${path} ${message}`;

interface ApplyOptions {
  readonly dryRun?: boolean;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

export function applyCommand(program: Command): void {
  program
    .command('apply <file>')
    .description('bring tenants, accounts and apps to what a provisioning file says')
    .option('--dry-run', 'tell what would change, and write nothing')
    .option('--overwrite', 'also set back what people changed themselves since the last time')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nA value such as ${DESK_SECRET} in the file is read from the environment.')
    .action(async (source: string, { dryRun = false, overwrite = false, json }: ApplyOptions) => {
      const text = await textOf(source);
      await withStores(async ({ config, connection, stores }) => {
        const production = config.mode === 'production';
        const loaded = loadFile({ source, text, variable: readVariable, production }, stores.checks);
        if (!dryRun) await ensureIndexes(connection, collections);
        const ports = provisioningPorts(stores, config, systemClock);
        const result = await provision(loaded, ports, { dryRun, overwrite });
        for (const warning of result.warnings) tell(warningLine(source, warning));
        const { changes, unchanged } = result;
        const done = dryRun ? 'would change' : 'changed';
        const total = `${changes.length} ${done}, ${unchanged} as they should be.`;
        show(json, { dryRun, ...result }, [
          ...changeLines(changes),
          changes.length === 0 ? 'No changes.' : total,
        ]);
      });
    });

  program
    .command('demo [file]')
    .description('show who of a demo file can sign in, with the app codes of this moment')
    .option('--json', 'print the result as JSON')
    .action(async (file: string | undefined, { json }: { json?: boolean }) => {
      const config = readConfig();
      const source = file ?? config.provision ?? 'config/demo.yaml';
      if (config.mode === 'production')
        throw new CommandFailed('demo shows passwords: not in production mode');
      const text = await textOf(source);
      await withStores(async ({ stores }) => {
        const loaded = loadFile({ source, text, variable: readVariable }, stores.checks);
        const people = demoPeople(loaded.file, systemClock(), stores.provisioners);
        const rows = people.map(({ email, password, methods, code }) => [email, password, methods, code]);
        show(json, people, columns([['Sign in as', 'Password', 'Second factor', 'Code'], ...rows]));
      });
    });
}
