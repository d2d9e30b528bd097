import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { readVariable } from '../../src/config.ts';
import { demoClient, demoPeople } from '../../src/provisioning/demo.ts';
import { loadFile, ProvisioningError } from '../../src/provisioning/load.ts';
import { sectionOf } from '../../src/provisioning/schema.ts';
import { type Installation, openInstallation } from '../support/provisioning.ts';

describe('config/demo.yaml', function () {
  this.timeout(60_000); // some 60 password hashes
  let text: string;
  let installation: Installation;
  before(async () => {
    text = await readFile('config/demo.yaml', 'utf8');
    installation = await openInstallation();
  });
  after(() => installation.close());

  const load = () =>
    loadFile({ source: 'config/demo.yaml', text, variable: readVariable }, installation.stores.checks).file;

  it('brings two tenants, 142 agents of Northwind and three apps, without a warning', async () => {
    const { changes, warnings } = await installation.apply(text, {
      source: 'config/demo.yaml',
      variables: { DEMO_APP_PORT: '3100' },
    });
    expect(warnings).to.deep.equal([]);
    const added = (kind: string, name = '') =>
      changes.filter((one) => one.kind === kind && one.name.startsWith(name));
    expect(added('tenant').map(({ name }) => name)).to.deep.equal(['northwind', 'harbor-line']);
    expect(added('account', 'northwind/')).to.have.length(142);
    expect(added('client').map(({ name }) => name)).to.deep.equal(['desk', 'roster', 'payouts']);
  });

  it('is refused in production mode, with its line', () => {
    const file = { source: 'config/demo.yaml', text, variable: readVariable, production: true };
    expect(() => loadFile(file, installation.stores.checks))
      .to.throw(ProvisioningError)
      .with.property('message')
      .that.matches(/^ {2}config\/demo\.yaml:\d+:\d+ demo: .*production/m);
  });

  it('changes nothing when it is applied again', async () => {
    const { changes, unchanged } = await installation.apply(text, {
      source: 'config/demo.yaml',
      variables: { DEMO_APP_PORT: '3100' },
    });
    expect(changes).to.deep.equal([]);
    expect(unchanged).to.be.above(148);
  });

  it('has people with every combination of methods', () => {
    const kinds = load()
      .accounts.filter(({ password }) => password !== undefined)
      .map((account) => {
        const listed = installation.stores.provisioners.filter((one) => sectionOf(account, one)?.length);
        const codes = account.recoveryCodes?.length ? ['codes'] : [];
        return [...listed.map(({ noun }) => noun), ...codes].join('+');
      });
    expect(kinds).to.include.members([
      '',
      'app',
      'key',
      'key+app',
      'app+codes',
      'key+codes',
      'key+app+codes',
    ]);
  });

  it('lets everybody whom the table names sign in with the password that it shows', async () => {
    const people = demoPeople(load(), new Date(), installation.stores.provisioners);
    expect(people.map(({ email }) => email)).to.include('ana.ribeiro@northwind.example');
    expect(people.map(({ email }) => email)).not.to.include('ian.mercer@northwind.example');
    for (const { email, password } of people) {
      const tenant = email.endsWith('northwind.example') ? 'northwind' : 'harbor-line';
      const account = await installation.stores.accounts.findByEmail(tenant, email);
      expect(account?.state, email).to.equal('active');
      expect(
        (await installation.stores.passwords.verify(account?.password ?? null, password)).ok,
        email,
      ).to.equal(true);
    }
  });

  it('shows an app code that the account takes', async () => {
    const now = new Date();
    const ana = demoPeople(load(), now, installation.stores.provisioners)[0];
    const account = await installation.stores.accounts.findByEmail('northwind', ana?.email ?? '');
    const app = installation.stores.methods.find(({ id }) => id === 'authenticator-app');
    const verdict = account && (await app?.verify(account, null, { code: ana?.code ?? '' }));
    expect(verdict).to.include({ ok: true });
  });

  it('names the client of the sample app', () => {
    expect(demoClient(load(), 'http://localhost:3100')).to.include({ id: 'desk' });
    expect(demoClient(load(), 'http://localhost:9')).to.equal(null);
  });
});
