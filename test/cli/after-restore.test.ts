import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Account } from '../../src/accounts/account.ts';
import { epochSeconds, systemClock } from '../../src/core/clock.ts';
import { endRevived } from '../../src/accounts/restore-store.ts';
import { invitedAccount } from '../../src/accounts/new-account.ts';
import { systemRandom } from '../../src/core/random.ts';
import { isAlive } from '../../src/tenants/standing.ts';
import { openInstallation, type Installation } from '../support/provisioning.ts';

const FILE = {
  tenants: [
    { slug: 'northwind', name: 'Northwind' },
    { slug: 'tasman', name: 'Tasman' },
  ],
  accounts: [
    {
      tenant: 'northwind',
      email: 'ana@northwind.example',
      name: 'Ana Ribeiro',
      password: 'velvet otter climbs slowly',
      authenticatorApps: [{ label: 'Phone', secret: 'UFSEW65IBMXH5ATXSKTWG4C44PK7UEKY' }],
      recoveryCodes: ['0123456789ABCDEF'],
    },
    { tenant: 'tasman', email: 'kai@tasman.example', name: 'Kai', password: 'velvet otter climbs slowly' },
  ],
};

describe('after a backup was restored', function () {
  this.timeout(60_000);
  let installation: Installation;
  let folder: string;
  before(async () => {
    installation = await openInstallation();
    folder = await mkdtemp(join(tmpdir(), 'stile-restore-'));
    await installation.apply(FILE);
  });
  after(async () => {
    await installation.close();
    await rm(folder, { recursive: true });
  });

  function afterRestore(...more: string[]): Promise<{ code: number; out: string; err: string }> {
    const { uri, name } = installation.database;
    const env = {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      DATA_DIR: folder,
      MONGODB_URI: `${uri}/${name}`,
    };
    return new Promise((resolve) => {
      execFile(process.execPath, ['src/cli.ts', 'after-restore', ...more], { env }, (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
      });
    });
  }

  const find = async (tenantId: string, email: string): Promise<Account> => {
    const account = await installation.stores.accounts.findByEmail(tenantId, email);
    if (!account) throw new Error(`${email} is not there`);
    return account;
  };

  it('does nothing until it is told twice', async () => {
    const before = await find('northwind', 'ana@northwind.example');
    const { code, err } = await afterRestore();
    expect([code, err]).to.satisfy(
      ([status, text]: [number, string]) => status === 1 && text.includes('everybody of 2 tenants'),
    );
    expect(await find('northwind', 'ana@northwind.example')).to.deep.equal(before);
  });

  it('signs out everybody, ends recovery codes and stops resets, but leaves passwords and methods', async () => {
    const { resets } = installation.stores;
    const ana = await find('northwind', 'ana@northwind.example');
    const who = { tenantId: 'northwind', accountId: ana.accountId };
    const waiting = { linkSecret: 'secret', state: 'waiting', askedBy: 'somebody', reason: 'lost' } as const;
    const dates = { effectiveAt: systemClock(), expiresAt: new Date(systemClock().getTime() + 3_600_000) };
    await resets.insert({ ...who, ...waiting, ...dates, resetId: 'one' });
    const credential = {
      level: 2,
      authTime: epochSeconds(systemClock()),
      sessionUid: 'session',
    } as const;
    const { policy } = (await installation.stores.tenants.findFresh('northwind')) ?? {};
    if (!policy) throw new Error('no policy');
    expect(isAlive(policy, ana, credential, systemClock())).to.equal(true);

    const { code, out } = await afterRestore('--yes', '--json');
    expect(code).to.equal(0);
    expect(JSON.parse(out)).to.deep.equal([
      { tenantId: 'northwind', accounts: 1, resets: 1 },
      { tenantId: 'tasman', accounts: 1, resets: 0 },
    ]);
    const now = await find('northwind', 'ana@northwind.example');
    expect(isAlive(policy, now, credential, systemClock())).to.equal(false);
    expect(now).to.deep.include({ recovery: null, password: ana.password, methods: ana.methods });
    expect(now.credVersion).to.equal(ana.credVersion + 1);
    // By this the console finds those whose codes run out.
    const withCodes = { tenantId: 'northwind', codesLeft: { $ne: 0 } };
    const rows = installation.database.connection.collection('accounts');
    expect(await rows.countDocuments(withCodes)).to.equal(0);
    expect(await resets.findOpen(who)).to.equal(null);
    expect((await resets.find('one'))?.state).to.equal('cancelled');
  });

  it('can be done again, and each time is in the audit log of each tenant', async () => {
    expect((await afterRestore('--yes')).out).to.include('northwind: 1 accounts signed out');
    const events = installation.database.connection.collection('audit_events');
    const told = await events.find({ event: 'backup_restored' }).toArray();
    expect(told.map(({ tenantId }) => String(tenantId)).sort()).to.deep.equal([
      'northwind',
      'northwind',
      'tasman',
      'tasman',
    ]);
  });

  it('ends mailed invitations too, and reaches every account of a tenant of more than one page', async () => {
    const { accounts } = installation.stores;
    const invitation = { digest: 'digest', expiresAt: systemClock(), mailedAt: systemClock() };
    for (let i = 0; i < 1001; i += 1) {
      const person = {
        tenantId: 'tasman',
        accountId: `a${i}`,
        email: `p${i}@tasman.example`,
        name: `P ${i}`,
      };
      const account = invitedAccount({ ...person, createdAt: systemClock() }, systemRandom);
      await accounts.insert({ ...account, invitation });
    }
    const { connection } = installation.database;
    expect(await endRevived(connection, 'tasman', 2_000_000_000)).to.equal(1002);
    const open = { tenantId: 'tasman', 'invitation.digest': 'digest' };
    expect(await connection.collection('accounts').countDocuments(open)).to.equal(0);
    const moved = { tenantId: 'tasman', validFrom: 2_000_000_000 };
    expect(await connection.collection('accounts').countDocuments(moved)).to.equal(1002);
  });
});
