import type { Command } from 'commander';
import type { Connection } from 'mongoose';
import { endRevived } from '../accounts/restore-store.ts';
import { cancelOpenResets } from '../admin/open-resets-store.ts';
import { epochSeconds, systemClock } from '../core/clock.ts';
import type { Stores } from '../stores.ts';
import { CommandFailed, show, withStores } from './context.ts';

/** The event comes first: what it tells may be done again, but never be done untold (rule log-first). */
async function afterRestore(tenantId: string, connection: Connection, { operations }: Stores) {
  const about = { tenantId, actor: null, subject: null, result: 'ok' } as const;
  await operations.audit.record({ ...about, event: 'backup_restored', details: { by: 'command line' } });
  const resets = await cancelOpenResets(connection, tenantId);
  return { tenantId, accounts: await endRevived(connection, tenantId, epochSeconds(systemClock())), resets };
}

export function restoreCommand(program: Command): void {
  program
    .command('after-restore')
    .description('once a backup was restored, before Stile serves: end what it has brought back to life')
    .option('--yes', 'do it: everybody of every tenant is signed out and has no recovery codes')
    .option('--json')
    .action(async ({ yes, json }: { readonly yes?: boolean; readonly json?: boolean }) => {
      const done = await withStores(async ({ stores, connection }) => {
        const tenants = await stores.tenants.list();
        if (yes !== true) {
          throw new CommandFailed(
            `Signs out everybody of ${tenants.length} tenants and ends their recovery codes. Add --yes to do it.`,
          );
        }
        const all = [];
        for (const { tenantId } of tenants) all.push(await afterRestore(tenantId, connection, stores));
        return all;
      });
      show(json, done, [
        ...done.map(
          ({ tenantId, accounts, resets }) =>
            `${tenantId}: ${accounts} accounts signed out, their recovery codes ended; ${resets} resets stopped`,
        ),
        'Passwords, keys and apps are as the backup has them: what was changed since is to be changed again.',
      ]);
    });
}
