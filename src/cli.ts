// Entry of `npm run cli -- <command>`. Exit codes: 0 done; 1 the answer is no, or it failed; 2 not called right.
import { Command, CommanderError } from 'commander';
import { applyCommand } from './cli/apply.ts';
import { auditCommands, doctorCommand, keyCommands } from './cli/care.ts';
import { CommandFailed, tell } from './cli/context.ts';
import { accountCommands, clientCommands, tenantCommands } from './cli/lists.ts';
import { restoreCommand } from './cli/restore.ts';
import { ConfigError } from './config.ts';
import { KeyFileError } from './key-file.ts';
import { ProvisioningError } from './provisioning/load.ts';
import { DatabaseRefused } from './storage/engines/engine.ts';
import { IndexError } from './storage/indexes.ts';

const program = new Command('npm run cli --')
  .description('Looks after an installation of Stile. Settings come from the environment (config/README.md).')
  .showHelpAfterError()
  .exitOverride();
applyCommand(program);
tenantCommands(program);
accountCommands(program);
clientCommands(program);
keyCommands(program);
auditCommands(program);
doctorCommand(program);
restoreCommand(program);

/** Errors whose message is written for people; any other is a defect and keeps its stack. */
const forPeople = [CommandFailed, ConfigError, DatabaseRefused, IndexError, KeyFileError, ProvisioningError];

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.exitCode = 1;
    tell(
      forPeople.some((kind) => error instanceof kind)
        ? (error as Error).message
        : String((error as Error).stack),
    );
  }
}
