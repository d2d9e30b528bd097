import type { Command } from 'commander';
import type { Account } from '../accounts/account.ts';
import { createAccountCommit, NO_SESSIONS } from '../accounts/commit.ts';
import { systemClock } from '../core/clock.ts';
import type { ClientRecord } from '../provider/clients.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { columns, CommandFailed, print, show, withStores } from './context.ts';

interface Output {
  readonly json?: boolean;
}

/** What may be told of an account: how it is protected, never with what. */
function accountView({ password, recovery, ...account }: Account) {
  return {
    ...account,
    password: password && { changedAt: password.changedAt, imported: password.pepperId === null },
    recoveryCodesLeft: recovery?.digests.length ?? 0,
  };
}

const clientView = ({ clientId, tenantId, secretDigest, metadata }: ClientRecord) => ({
  clientId,
  tenantId,
  hasSecret: secretDigest !== null,
  ...metadata,
});

/** Every value on a line of its own, by path. */
function details(value: object, prefix = ''): string[][] {
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) => {
    const branch =
      typeof item === 'object' && item !== null && !(item instanceof Date) && !Array.isArray(item);
    if (branch) return details(item, `${prefix}${key}.`);
    return [[prefix + key, typeof item === 'string' ? item : JSON.stringify(item)]];
  });
}

const missing = (what: string) => new CommandFailed(`there is no ${what}`);

export function tenantCommands(program: Command): void {
  const tenant = program.command('tenant').description('look at tenants');
  tenant
    .command('list')
    .option('--json')
    .action(async ({ json }: Output) => {
      const tenants = await withStores(({ stores }) => stores.tenants.list());
      const row = ({ tenantId, name, policy, domains }: Tenant) => [
        tenantId,
        name,
        policy.secondFactor,
        domains.join(' '),
      ];
      show(json, tenants, columns([['SLUG', 'NAME', 'SECOND FACTOR', 'DOMAINS'], ...tenants.map(row)]));
    });
  tenant
    .command('show <slug>')
    .option('--json')
    .action(async (slug: string, { json }: Output) => {
      const found = await withStores(({ stores }) => stores.tenants.findFresh(slug));
      if (!found) throw missing(`tenant ${slug}`);
      show(json, found, columns(details(found)));
    });
}

export function accountCommands(program: Command): void {
  const account = program.command('account').description('look at accounts, take them out of use and back');
  account
    .command('list <tenant>')
    .option('--json')
    .action(async (tenant: string, { json }: Output) => {
      await withStores(async ({ stores }) => {
        if (!(await stores.tenants.findFresh(tenant))) throw missing(`tenant ${tenant}`);
        const all: Account[] = [];
        for (let after: string | null = null; ;) {
          const page = await stores.accounts.list(tenant, { after, limit: 500 });
          all.push(...page.accounts);
          after = page.next;
          if (after === null) break;
        }
        const row = ({ email, name, state, roles, methodCount }: Account) => {
          return [email, name, state, roles.join(' '), String(methodCount)];
        };
        const table = columns([['EMAIL', 'NAME', 'STATE', 'ROLES', 'METHODS'], ...all.map(row)]);
        show(json, all.map(accountView), table);
      });
    });
  account
    .command('show <tenant> <email>')
    .option('--json')
    .action(async (tenant: string, email: string, { json }: Output) => {
      const found = await withStores(({ stores }) => stores.accounts.findByEmail(tenant, email));
      if (!found) throw missing(`account ${email} in ${tenant}`);
      show(json, accountView(found), columns(details(accountView(found))));
    });
  for (const [name, state, text] of [
    ['disable', 'disabled', 'lock an account: everything of it ends at once'],
    ['enable', 'active', 'let a disabled account sign in again'],
  ] as const) {
    account
      .command(`${name} <tenant> <email>`)
      .description(text)
      .action((tenant: string, email: string) => setState(tenant, email, state));
  }
}

async function setState(tenant: string, email: string, wanted: 'disabled' | 'active'): Promise<void> {
  await withStores(async ({ stores }) => {
    const found = await stores.accounts.findByEmail(tenant, email);
    if (!found) throw missing(`account ${email} in ${tenant}`);
    const { tenantId, accountId } = found;
    const state = wanted === 'active' && !found.password ? 'invited' : wanted;
    if (found.state === state || (wanted === 'active' && found.state !== 'disabled')) {
      return print(`${found.email} is ${found.state} already.`);
    }
    const { audit, notifications } = stores.operations;
    const { accounts } = stores;
    const commit = createAccountCommit({
      ...{ accounts, audit, notifications, sessions: NO_SESSIONS },
      clock: systemClock,
    });
    const event = wanted === 'disabled' ? 'agent_disabled' : 'agent_enabled';
    const subject = { tenantId, accountId };
    const saved = await commit({
      who: subject,
      entries: [{ event, tenantId, actor: null, subject, result: 'ok', details: { by: 'command line' } }],
      ends: wanted === 'disabled' ? { reason: event, keptUid: null } : null,
      write: ({ save }) => save(found, { state }),
    });
    if (!saved) throw new CommandFailed('the account was changed in this moment: try again');
    print(`${found.email} is ${state} now.`);
  });
}

export function clientCommands(program: Command): void {
  const client = program.command('client').description('look at apps');
  client
    .command('list')
    .option('--json')
    .action(async ({ json }: Output) => {
      await withStores(async ({ stores }) => {
        const tenants = await stores.tenants.list();
        const owners = [null, ...tenants.map(({ tenantId }) => tenantId)];
        const clients = (await Promise.all(owners.map((owner) => stores.clients.ofTenant(owner)))).flat();
        const row = ({ clientId, tenantId, metadata }: ClientRecord) => {
          return [clientId, tenantId ?? '(all)', metadata.client_name ?? '', metadata.minimum_acr ?? ''];
        };
        const table = columns([['CLIENT', 'TENANT', 'NAME', 'MINIMUM ACR'], ...clients.map(row)]);
        show(json, clients.map(clientView), table);
      });
    });
  client
    .command('show <client>')
    .option('--json')
    .action(async (id: string, { json }: Output) => {
      const found = await withStores(({ stores }) => stores.clients.find(id));
      if (!found) throw missing(`client ${id}`);
      show(json, clientView(found), columns(details(clientView(found))));
    });
}
