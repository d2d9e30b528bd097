import { expect } from 'chai';
import type { Account } from '../../src/accounts/account.ts';
import type { AuditEntry } from '../../src/audit/audit.ts';
import { systemClock } from '../../src/core/clock.ts';
import { secretMatches } from '../../src/provider/clients.ts';
import type { ProvisioningPorts } from '../../src/provisioning/plan.ts';
import { changeLines } from '../../src/provisioning/report.ts';
import { provisioningPorts } from '../../src/stores.ts';
import { createSoftKey } from '../support/authenticator.ts';
import { contentsOf, type Installation, openInstallation } from '../support/provisioning.ts';

const PASSWORD = 'velvet otter climbs slowly';
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const SECOND_SECRET = 'KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU';
const CODES = ['ABCD-EFGH-JKMN-PQRS', 'TVWX-YZ01-2345-6789'];
const EMAIL = 'ana.ribeiro@northwind.example';

const tenant = (more: object = {}) => ({ slug: 'northwind', name: 'Northwind Support', ...more });
const ana = (more: object = {}) => ({ tenant: 'northwind', email: EMAIL, name: 'Ana Ribeiro', ...more });
const desk = (more: object = {}) => ({
  client_id: 'desk',
  client_secret: 'a-secret-of-the-desk',
  redirect_uris: ['https://desk.example/callback'],
  ...more,
});
const aKey = (name: string) =>
  createSoftKey({ rpId: 'localhost', origin: 'http://localhost:3000' }).provision(name);

describe('provisioning', function () {
  this.timeout(60_000);
  let installation: Installation;
  beforeEach(async () => (installation = await openInstallation()));
  afterEach(() => installation.close());

  async function account(email = EMAIL): Promise<Account> {
    const found = await installation.stores.accounts.findByEmail('northwind', email);
    if (!found) throw new Error(`${email} is not there`);
    return found;
  }
  const accepts = async (password: string) =>
    (await installation.stores.passwords.verify((await account()).password, password)).ok;
  const lines = async (file: object, options = {}) =>
    changeLines((await installation.apply(file, options)).changes);

  const everything = () => {
    const entry = ana({
      password: PASSWORD,
      roles: ['lead'],
      team: 'Claims',
      claims: { locale: 'pt-PT' },
      authenticatorApps: [{ label: 'Phone', secret: SECRET }],
      securityKeys: [aKey('Blue key')],
      recoveryCodes: CODES,
    });
    const policy = { secondFactor: 'required', keys: { allowSynced: false }, effectiveFrom: '2027-01-01' };
    return {
      tenants: [tenant({ domains: ['Northwind.example'], policy })],
      accounts: [entry],
      clients: [desk()],
    };
  };

  it('lists with a key what a tenant may have rules about', async () => {
    const model = 'cb69481e-8ff7-4039-93ec-0a2729a154a8';
    const keys = [
      { ...aKey('Blue key'), aaguid: model.toUpperCase() },
      { ...aKey('Phone'), backupEligible: true },
    ];
    await installation.apply({
      tenants: [tenant()],
      accounts: [ana({ password: PASSWORD, securityKeys: keys })],
    });
    const { methods } = await account();
    expect(methods.map((one) => [one.model, one.synced])).to.deep.equal([
      [model, false],
      [null, true],
    ]);
  });

  it('writes a tenant with its policy, an account with its methods, and a client', async () => {
    await installation.apply(everything());
    const { stores } = installation;
    const northwind = await stores.tenants.findByDomain('northwind.example');
    expect(northwind).to.deep.include({ tenantId: 'northwind', name: 'Northwind Support' });
    expect(northwind?.policy).to.deep.include({
      secondFactor: 'required',
      effectiveFrom: new Date('2027-01-01T00:00:00Z'),
      keys: { allowSynced: false, allowModels: [], denyModels: [] },
    });
    const person = await account();
    expect(person).to.deep.include({
      state: 'active',
      roles: ['lead'],
      team: 'Claims',
      claims: { locale: 'pt-PT' },
      methodCount: 2,
    });
    expect(person.methods.map(({ kind }) => kind)).to.have.members(['security-key', 'authenticator-app']);
    expect(person.recovery?.digests).to.have.length(2);
    expect(Buffer.from(person.userHandle, 'base64url')).to.have.length(64);
    expect(await accepts(PASSWORD)).to.equal(true);
    const client = await stores.clients.find('desk');
    expect(secretMatches(client?.secretDigest, 'a-secret-of-the-desk')).to.equal(true);
  });

  it('has a first set-up proved by mail in a new tenant, where there is a mail server and the file does not say', async () => {
    const { stores, apply } = installation;
    const ports = provisioningPorts(stores, { smtpUrl: 'smtp://mail.example:25' }, systemClock);
    const proofOf = async (slug: string) => (await stores.tenants.findFresh(slug))?.policy.enrolmentProof;
    const none = { enrolmentProof: 'none' };
    await apply({ tenants: [{ slug: 'before', name: 'Before' }] });
    const tenants = [
      { slug: 'before', name: 'Before' },
      { slug: 'silent', name: 'Silent' },
      { slug: 'told', name: 'Told', policy: none },
    ];
    for (let times = 0; times < 2; times += 1) await apply({ tenants }, { ports });
    expect(await Promise.all(['before', 'silent', 'told'].map(proofOf))).to.deep.equal([
      'none',
      'email',
      'none',
    ]);
  });

  it('keeps no password, app secret, recovery code or client secret in clear', async () => {
    await installation.apply(everything());
    const written = JSON.stringify(await contentsOf(installation));
    for (const secret of [PASSWORD, SECRET, ...CODES, ...CODES.map((code) => code.replaceAll('-', ''))]) {
      expect(written).not.to.include(secret);
    }
    expect(written).not.to.include('a-secret-of-the-desk');
  });

  it('finds nothing to do and writes nothing the second time', async () => {
    const file = everything();
    await installation.apply(file);
    const before = await contentsOf(installation);
    const { changes, unchanged } = await installation.apply(file);
    expect(changes).to.deep.equal([]);
    expect(unchanged).to.equal(3);
    expect(await contentsOf(installation)).to.deep.equal(before);
  });

  it('writes each thing once when two apply the same file at the same time', async () => {
    const file = everything();
    await Promise.all([installation.apply(file), installation.apply(file)]);
    const { accounts, security_keys: keys } = await contentsOf(installation);
    expect(accounts).to.have.length(1);
    const person = await account();
    expect(person.methods.filter(({ kind }) => kind === 'security-key')).to.have.length(1);
    expect(keys).to.have.length(1);
    expect(await accepts(PASSWORD)).to.equal(true);
    expect((await installation.apply(file)).changes).to.deep.equal([]);
  });

  it('tells in a dry run what it would do, without secrets, and writes nothing', async () => {
    const before = await contentsOf(installation);
    expect(await lines(everything(), { dryRun: true })).to.deep.equal([
      '+ tenant northwind',
      `+ account northwind/${EMAIL}: password; 1 key; 1 app; 2 recovery codes`,
      '+ client desk',
    ]);
    expect(await contentsOf(installation)).to.deep.equal(before);
  });

  it('tells a change by its fields, old and new, and secrets by their name alone', async () => {
    await installation.apply({
      tenants: [tenant()],
      accounts: [ana({ password: PASSWORD })],
      clients: [desk()],
    });
    const changed = {
      tenants: [tenant({ policy: { secondFactor: 'required' } })],
      accounts: [ana({ name: 'Ana R.', password: 'copper kettle before noon' })],
      clients: [desk({ client_secret: 'another-secret', minimum_acr: 'urn:stile:acr:2fa' })],
    };
    const expected = [
      '~ tenant northwind: policy.secondFactor: "optional" -> "required"',
      `~ account northwind/${EMAIL}: name: "Ana Ribeiro" -> "Ana R."; password set`,
      '~ client desk: minimum_acr; client_secret',
    ];
    expect(await lines(changed, { dryRun: true })).to.deep.equal(expected);
    expect(await lines(changed)).to.deep.equal(expected);
    expect(await accepts('copper kettle before noon')).to.equal(true);
    expect(await lines(changed)).to.deep.equal([]);
  });

  it('takes a registered field away from a client when it is no longer listed', async () => {
    await installation.apply({ clients: [desk({ minimum_acr: 'urn:stile:acr:2fa' })] });
    expect(await lines({ clients: [desk()] })).to.deep.equal(['~ client desk: minimum_acr']);
    expect((await installation.stores.clients.find('desk'))?.metadata).not.to.have.property('minimum_acr');
  });

  describe('beside people who change things themselves', () => {
    const file = () => ({
      tenants: [tenant({ policy: { secondFactor: 'optional' } })],
      accounts: [
        ana({
          password: PASSWORD,
          recoveryCodes: CODES,
          authenticatorApps: [{ label: 'Phone', secret: SECRET }],
        }),
      ],
    });

    it('invites nobody anew who was invited by it and then withdrawn, and leaves who has accepted', async () => {
      const { stores, apply } = installation;
      const invited = (name: string) => ana({ email: `${name}@northwind.example`, state: 'invited' });
      const people = { tenants: [tenant()], accounts: [invited('gone'), invited('here')] };
      await apply(people);
      const [gone, here] = [await account('gone@northwind.example'), await account('here@northwind.example')];
      expect(gone).to.include({ state: 'invited', password: null });
      expect(await stores.accounts.removeInvited(gone)).to.equal(true);
      const password = await stores.passwords.hash(PASSWORD);
      await stores.accounts.save(here, { password, state: 'active', invitation: null });
      expect(await lines(people)).to.deep.equal([]);
      expect(await stores.accounts.find(gone)).to.equal(null);
      expect(await account('here@northwind.example')).to.include({ state: 'active' });
    });

    it('leaves a changed password, a removed method, used codes and a tightened policy as they are', async () => {
      const { stores, apply } = installation;
      await apply(file());
      const person = await account();
      const digest = person.recovery?.digests[0] ?? '';
      await stores.accounts.spendRecoveryDigest(person, digest);
      await stores.accounts.save(person, {
        password: await stores.passwords.hash('a new one of her own'),
        methods: [],
      });
      const northwind = await stores.tenants.findFresh('northwind');
      if (northwind)
        await stores.tenants.savePolicy(northwind, { ...northwind.policy, secondFactor: 'required' });

      expect(await lines(file())).to.deep.equal([]);
      expect(await accepts('a new one of her own')).to.equal(true);
      expect(await account()).to.include({ methodCount: 0 });
      expect((await account()).recovery?.digests).to.have.length(1);
      expect((await stores.tenants.findFresh('northwind'))?.policy.secondFactor).to.equal('required');
    });

    it('sets back what the file says when it is told to overwrite', async () => {
      const { stores, apply } = installation;
      await apply(file());
      await stores.accounts.save(await account(), {
        password: await stores.passwords.hash('her own'),
        methods: [],
      });
      expect(await lines(file(), { overwrite: true })).to.deep.equal([
        `~ account northwind/${EMAIL}: password set; 1 app set`,
      ]);
      expect(await accepts(PASSWORD)).to.equal(true);
      expect(await account()).to.include({ methodCount: 1 });
    });

    it('adds a listed method beside those that people added, and takes away only what it brought', async () => {
      const { stores, apply } = installation;
      await apply(file());
      const own = { id: 'own-key', kind: 'security-key', addedAt: new Date() } as const;
      const person = await account();
      await stores.accounts.save(person, { methods: [...person.methods, own] });
      const swapped = {
        ...file(),
        accounts: [ana({ authenticatorApps: [{ label: 'Tablet', secret: SECOND_SECRET }] })],
      };
      expect(await lines(swapped)).to.deep.equal([`~ account northwind/${EMAIL}: 1 app set; 1 app removed`]);
      const after = await account();
      expect(after.methods.map(({ id }) => id))
        .to.include('own-key')
        .and.to.have.length(2);
      const apps = await stores.authenticatorApps.list(after);
      expect(apps.map(({ name }) => name)).to.deep.equal(['Tablet']);
    });

    it('ends what was signed in before when it replaces a password, takes a method or locks an account', async () => {
      await installation.apply(file());
      expect((await account()).validFrom).to.equal(0);
      await installation.apply({ ...file(), accounts: [ana({ name: 'Ana R.' })] });
      expect((await account()).validFrom).to.equal(0);
      await installation.apply({ ...file(), accounts: [ana({ name: 'Ana R.', state: 'disabled' })] });
      expect((await account()).validFrom).to.be.above(0);
    });

    it('does not kick anybody out when it is applied again', async () => {
      await installation.apply(file());
      const { credVersion, validFrom } = await account();
      await installation.apply(file());
      expect(await account()).to.include({ credVersion, validFrom });
    });
  });

  it('takes imported digests as they are, also after they were upgraded at a sign-in', async () => {
    const passwordHash = '$pbkdf2-sha256$i=10000$c2FsdHNhbHRzYWx0c2FsdA$NWE4MmFlYmNhYzU0OWM4ZjM4ZGI4ZTk4';
    const file = { tenants: [tenant()], accounts: [ana({ passwordHash })] };
    await installation.apply(file);
    expect((await account()).password).to.include({ phc: passwordHash, pepperId: null });
    const upgraded = await installation.stores.passwords.hash('whatever it was');
    await installation.stores.accounts.upgradePassword(await account(), passwordHash, upgraded);
    expect(await lines(file)).to.deep.equal([]);
  });

  it('invites who has no password, and lets in who gets one', async () => {
    await installation.apply({ tenants: [tenant()], accounts: [ana()] });
    expect((await account()).state).to.equal('invited');
    await installation.apply({ tenants: [tenant()], accounts: [ana({ password: PASSWORD })] });
    expect((await account()).state).to.equal('active');
  });

  it('puts variables of the environment in', async () => {
    const file = { tenants: [tenant()], accounts: [ana({ password: '${ANA_PASSWORD}' })] };
    await installation.apply(file, { variables: { ANA_PASSWORD: PASSWORD } });
    expect(await accepts(PASSWORD)).to.equal(true);
  });

  it('warns of passwords that people could not choose, and of codes without a method', async () => {
    const { warnings } = await installation.apply({
      tenants: [tenant()],
      accounts: [ana({ password: 'northwind', recoveryCodes: CODES })],
    });
    expect(warnings.map(({ path }) => path)).to.deep.equal([
      'accounts[0].password',
      'accounts[0].recoveryCodes',
    ]);
  });

  it('records who was added and what was changed, with old and new values of a policy, and no secret', async () => {
    await installation.apply(everything());
    await installation.apply({ tenants: [tenant({ policy: { secondFactor: 'optional' } })] });
    const events = await installation.database.connection.collection('audit_events').find({}).toArray();
    expect(events.map((event) => String(event.event))).to.include.members([
      'tenant_added',
      'agent_added',
      'client_added',
      'policy_changed',
    ]);
    expect(JSON.stringify(events)).to.include('policy.secondFactor').and.not.to.include(SECRET);
  });

  it('records that a write lost its race, before it tries again', async () => {
    const told: string[] = [];
    const audit = {
      record: async ({ event, result, reason }: AuditEntry) =>
        void told.push([event, result, ...(reason ? [reason] : [])].join(' ')),
    };
    const losesOnce = <Shelf extends object>(shelf: Shelf, name: keyof Shelf & string): Shelf => {
      const write = shelf[name] as (...given: unknown[]) => Promise<unknown>;
      let first = true;
      return {
        ...shelf,
        [name]: (...given: unknown[]) => {
          if (!first) return write(...given);
          first = false;
          return Promise.resolve(null);
        },
      };
    };
    const { accounts, tenants } = installation.ports;
    const apply = (file: object, ports: Partial<ProvisioningPorts>) =>
      installation.apply(file, { ports: { ...ports, audit } });
    const later = { accounts: [ana({ state: 'disabled' })] };
    const policy = { secondFactor: 'required' };

    await apply({ tenants: [tenant()] }, { tenants: losesOnce(tenants, 'insert') });
    await apply({ tenants: [tenant({ policy })] }, { tenants: losesOnce(tenants, 'savePolicy') });
    await apply(
      { tenants: [tenant({ name: 'North', policy })] },
      { tenants: losesOnce(tenants, 'saveDetails') },
    );
    await apply({ accounts: [ana()] }, { accounts: losesOnce(accounts, 'insert') });
    await apply(later, { accounts: losesOnce(accounts, 'save') });
    expect(told).to.deep.equal(
      ['tenant_added', 'policy_changed', 'tenant_changed', 'agent_added', 'agent_changed'].flatMap(
        (event) => [`${event} ok`, `${event} refused changed_meanwhile`, `${event} ok`],
      ),
    );
  });

  describe('cut off in the middle', () => {
    const stop = () => Promise.reject(new Error('pulled the plug'));

    for (const [what, ports] of [
      ['before an account is written', { accounts: { insert: stop } }],
      ['before it could remember what it wrote', { applied: { save: stop } }],
      ['before the client', { clients: { save: stop } }],
    ] as const) {
      it(`${what}: nobody is half there, and the next run completes it`, async () => {
        const file = everything();
        const [name, broken] = Object.entries(ports)[0] as [keyof Installation['ports'], object];
        const half = { [name]: { ...(installation.ports[name] as object), ...broken } };
        const failure = await installation.apply(file, { ports: half }).then(
          () => null,
          (error: unknown) => String(error),
        );
        expect(failure).to.include('pulled the plug');
        const there = await installation.stores.accounts.findByEmail('northwind', EMAIL);
        if (there) expect(there).to.include({ methodCount: 2, state: 'active' });

        await installation.apply(file);
        const person = await account();
        expect(person).to.include({ methodCount: 2, state: 'active' });
        expect(person.recovery?.digests).to.have.length(2);
        expect(await accepts(PASSWORD)).to.equal(true);
        expect((await installation.apply(file)).changes).to.deep.equal([]);
        expect((await contentsOf(installation)).security_keys).to.have.length(1);
      });
    }

    it('does not revive a code that was used between the write and the next run', async () => {
      const file = everything();
      const ports = { applied: { ...installation.ports.applied, save: stop } };
      await installation.apply({ tenants: file.tenants });
      await installation.apply({ accounts: file.accounts }, { ports }).catch(() => undefined);
      const person = await account();
      await installation.stores.accounts.spendRecoveryDigest(person, person.recovery?.digests[0] ?? '');
      await installation.apply(file);
      expect((await account()).recovery?.digests).to.have.length(1);
      expect(await account()).to.include({ credVersion: person.credVersion });
    });

    it('writes nothing that the audit log cannot hold', async () => {
      const ports = { audit: { record: stop } };
      await installation.apply(everything(), { ports }).catch(() => undefined);
      expect((await contentsOf(installation)).tenants).to.deep.equal([]);
    });
  });
});
