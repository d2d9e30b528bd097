import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { announceDatabase, findAnnounced } from '../../src/process/running-file.ts';
import { contentsOf } from '../support/provisioning.ts';
import { testDatabase, type TestDatabase } from '../support/database.ts';

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const FILE = `
tenants:
  - { slug: northwind, name: Northwind Support, domains: [northwind.example] }
accounts:
  - { tenant: northwind, email: ana@northwind.example, name: Ana Ribeiro, password: "\${ANA_PASSWORD}" }
clients:
  - { client_id: desk, client_secret: a-client-secret, redirect_uris: [https://desk.example/callback] }
`;

describe('the command line', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let folder: string;
  before(async () => {
    database = await testDatabase();
    folder = await mkdtemp(join(tmpdir(), 'stile-cli-'));
    await writeFile(join(folder, 'file.yaml'), FILE);
  });
  after(async () => {
    await database.drop();
    await rm(folder, { recursive: true });
  });

  function cli(args: string[], env: Record<string, string> = {}): Promise<Result> {
    const settings = {
      MONGODB_URI: `${database.uri}/${database.name}`,
      DATA_DIR: folder,
      ANA_PASSWORD: 'velvet otter climbs',
    };
    return new Promise((resolve) => {
      const all = { PATH: process.env.PATH, NODE_ENV: 'test', ...settings, ...env };
      execFile(process.execPath, ['src/cli.ts', ...args], { env: all }, (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
      });
    });
  }

  it('tells in a dry run what a file would change, and changes nothing', async () => {
    const { code, out } = await cli(['apply', join(folder, 'file.yaml'), '--dry-run']);
    expect(out.split('\n').slice(0, 4)).to.deep.equal([
      '+ tenant northwind',
      '+ account northwind/ana@northwind.example: password',
      '+ client desk',
      '3 would change, 0 as they should be.',
    ]);
    expect(code).to.equal(0);
    const { tenants, accounts, clients, provisioned } = await contentsOf({ database });
    expect([tenants, accounts, clients, provisioned]).to.deep.equal([[], [], [], []]);
  });

  it('applies a file, and finds nothing to do the second time', async () => {
    const first = await cli(['apply', join(folder, 'file.yaml')]);
    expect(first).to.include({ code: 0 });
    const second = await cli(['apply', join(folder, 'file.yaml'), '--json']);
    expect(JSON.parse(second.out)).to.include({ dryRun: false, unchanged: 3 });
    expect(second.out + first.out + first.err)
      .not.to.include('velvet')
      .and.not.to.include('a-client-secret');
  });

  it('exits with 1 and the lines of all problems when a file is not right', async () => {
    await writeFile(join(folder, 'bad.yaml'), 'tenants:\n  - slug: NORTH\n    nam: x\n');
    const { code, err } = await cli(['apply', join(folder, 'bad.yaml')]);
    expect(code).to.equal(1);
    expect(err)
      .to.include('bad.yaml:2:5 tenants[0].slug')
      .and.to.include('bad.yaml:3:5 tenants[0].nam: unknown key');
    expect(await cli(['apply', join(folder, 'none.yaml')])).to.include({ code: 1 });
  });

  it('lists and shows tenants, accounts and apps, without digests', async () => {
    expect((await cli(['tenant', 'list'])).out).to.include('northwind  Northwind Support  optional');
    expect(JSON.parse((await cli(['tenant', 'show', 'northwind', '--json'])).out)).to.include({
      tenantId: 'northwind',
    });
    expect((await cli(['account', 'list', 'northwind'])).out).to.include(
      'ana@northwind.example  Ana Ribeiro  active',
    );
    const shown = (await cli(['account', 'show', 'northwind', 'ANA@northwind.example', '--json'])).out;
    expect(JSON.parse(shown)).to.deep.include({ name: 'Ana Ribeiro', recoveryCodesLeft: 0 });
    expect(shown).not.to.include('argon2');
    const client = (await cli(['client', 'show', 'desk', '--json'])).out;
    expect(JSON.parse(client)).to.include({ clientId: 'desk', hasSecret: true });
    expect((await cli(['client', 'list'])).out).to.include('desk');
    for (const nobody of [
      ['tenant', 'show', 'x'],
      ['account', 'show', 'northwind', 'x@y.z'],
      ['client', 'show', 'x'],
    ]) {
      expect(await cli(nobody)).to.include({ code: 1, out: '' });
    }
  });

  it('disables an account at once and enables it again, and the log says so', async () => {
    const state = async () =>
      (await contentsOf({ database })).accounts?.[0] as { state: string; validFrom: number };
    expect((await cli(['account', 'disable', 'northwind', 'ana@northwind.example'])).code).to.equal(0);
    expect(await state()).to.include({ state: 'disabled' });
    expect((await state()).validFrom).to.be.above(0);
    expect((await cli(['account', 'disable', 'northwind', 'ana@northwind.example'])).out).to.include(
      'already',
    );
    await cli(['account', 'enable', 'northwind', 'ana@northwind.example']);
    expect(await state()).to.include({ state: 'active' });
    const { out, code } = await cli(['audit', 'verify']);
    expect(code).to.equal(0);
    expect(out).to.match(/^ok {6}northwind: \d events$/m);
  });

  it('finds an audit event that was changed, one that was removed, and one that was put in', async () => {
    const events = database.connection.collection<{ _id: string; seq: number }>('audit_events');
    const found = await events.find({ tenantId: 'northwind' }, { sort: { seq: 1 } }).toArray();
    const [, one] = found;
    if (!one || found.length < 3) throw new Error('too few events');
    const { _id, seq } = one;
    const put = async (event: typeof one) => void (await events.insertOne(event));
    const take = async (id: string) => void (await events.deleteOne({ _id: id }));
    const change = async (event: string) => void (await events.updateOne({ _id }, { $set: { event } }));
    const between = { ...one, _id: 'between', seq: seq + 0.5 };
    const forgeries = [
      [`changed at event ${seq}`, () => change('agent_renamed'), () => take(_id).then(() => put(one))],
      [`removed at event ${seq}`, () => take(_id), () => put(one)],
      [`inserted at event ${seq + 0.5}`, () => put(between), () => take('between')],
    ] as const;
    for (const [told, forge, mend] of forgeries) {
      await forge();
      const { code, out } = await cli(['audit', 'verify']);
      await mend();
      expect([code, out], told).to.satisfy(
        ([status, text]: [number, string]) => status === 1 && text.includes(`BROKEN  northwind: ${told}`),
      );
    }
  });

  it('makes keys once, for the owner alone, and rotates them without losing the old ones', async () => {
    const file = join(folder, 'own-keys.json');
    expect((await cli(['keys', 'create', file])).code).to.equal(0);
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    const before = JSON.parse(await readFile(file, 'utf8')) as { audit: { id: string; secret: string }[] };
    expect((await cli(['keys', 'create', file])).code).to.equal(1);
    const { code, out, err } = await cli(['keys', 'rotate'], { KEYS_FILE: file });
    expect(code, err).to.equal(0);
    const after = JSON.parse(await readFile(file, 'utf8')) as typeof before;
    expect(after.audit.slice(1)).to.deep.equal(before.audit);
    expect(out).to.include(after.audit[0]?.id).and.not.to.include(after.audit[0]?.secret);
  });

  it('seals app secrets with the new key, after which the old one may go', async () => {
    const other = await testDatabase();
    const keysFile = join(folder, 'sealing-keys.json');
    const env = { MONGODB_URI: `${other.uri}/${other.name}`, KEYS_FILE: keysFile };
    const secret = 'UFSEW65IBMXH5ATXSKTWG4C44PK7UEKY';
    const person = `${FILE}`.replace(
      'name: Ana Ribeiro',
      `name: Ana, authenticatorApps: [{ label: Phone, secret: ${secret} }]`,
    );
    const file = join(folder, 'with-app.yaml');
    await writeFile(file, person);
    await cli(['keys', 'create', keysFile], env);
    expect((await cli(['apply', file], env)).code).to.equal(0);
    const reseal = async () => JSON.parse((await cli(['keys', 'reseal', '--json'], env)).out) as unknown;
    const old = { passwords: 0, recoveryLists: 0 };
    expect(await reseal()).to.deep.equal({ resealed: 0, unopened: 0, ...old });

    await cli(['keys', 'rotate'], env);
    const both = JSON.parse(await readFile(keysFile, 'utf8')) as { encryption: unknown[] };
    const onlyNew = JSON.stringify({ ...both, encryption: both.encryption.slice(0, 1) });
    await writeFile(keysFile, onlyNew);
    const tooEarly = await cli(['keys', 'reseal'], env);
    expect(tooEarly.code).to.equal(1);
    expect(tooEarly.err).to.include('1 app secrets do not open with any key');

    await writeFile(keysFile, JSON.stringify(both));
    expect(await reseal()).to.deep.equal({ resealed: 1, unopened: 0, ...old, passwords: 1 });
    await writeFile(keysFile, onlyNew);
    expect(await reseal()).to.deep.equal({ resealed: 0, unopened: 0, ...old, passwords: 1 });
    await other.drop();
  });

  it('examines an installation, and says what is wrong', async () => {
    expect(await cli(['doctor'])).to.include({ code: 0 });
    const away = await cli(['doctor', '--json'], { MONGODB_URI: 'mongodb://127.0.0.1:1/stile' });
    expect(away.code).to.equal(1);
    const found = JSON.parse(away.out) as { what: string; ok: boolean }[];
    expect(found.map(({ what, ok }) => `${what} ${ok}`)).to.deep.equal([
      'settings true',
      'keys true',
      'database false',
    ]);
    const wrong = await cli(['doctor'], { PORT: 'eighty' });
    expect(wrong).to.include({ code: 1 });
    expect(wrong.out).to.include('PORT');
  });

  it('shows who of the demo can sign in, with the app codes of this moment', async () => {
    const { out } = await cli(['demo', 'config/demo.yaml']);
    expect(out).to.match(/ana\.ribeiro@northwind\.example +velvet otter climbs slowly .* \d{6}$/m);
  });

  it('works on the database of a Stile that runs with the same data, and tells when that is gone', async () => {
    const withdraw = await announceDatabase(folder, `${database.uri}/${database.name}`);
    expect(await findAnnounced(folder)).to.equal(`${database.uri}/${database.name}`);
    const branding = { helpUrl: null, contact: null };
    await database.connection
      .collection<{ _id: string }>('tenants')
      .insertOne({ _id: 'only-there', branding } as { _id: string });
    expect((await cli(['tenant', 'show', 'only-there'], { MONGODB_URI: '' })).code).to.equal(0);
    await database.connection.collection<{ _id: string }>('tenants').deleteOne({ _id: 'only-there' });
    await withdraw();
    expect(await findAnnounced(folder)).to.equal(null);
    await writeFile(
      join(folder, 'running.json'),
      JSON.stringify({ pid: 2 ** 30, uri: 'mongodb://127.0.0.1:1' }),
    );
    expect(await findAnnounced(folder)).to.equal(null);
  });

  it('exits with 2 and help when it is called wrong, and with 0 when help is asked for', async () => {
    expect(await cli(['aply', 'x'])).to.include({ code: 2 });
    expect(await cli(['apply'])).to.include({ code: 2 });
    expect(await cli(['apply', 'x', '--password=y'])).to.include({ code: 2 });
    expect(await cli(['--help'])).to.include({ code: 0 });
  });
});
