import { createPublicKey } from 'node:crypto';
import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { importJWK, jwtVerify, SignJWT } from 'jose';
import { createKeyFile, findKeys, KeyFileError, readKeyFile, rotateKeyFile } from '../src/key-file.ts';
import type { Keys } from '../src/keys.ts';
import { createVault } from '../src/storage/vault.ts';

describe('the key file', () => {
  let folder: string;
  let path: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stile-keys-'));
    path = join(folder, 'new', 'keys.json');
    await createKeyFile(path);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** @returns what a file with these contents is refused for */
  async function refusalOf(text: string): Promise<string> {
    const other = join(folder, 'other.json');
    await writeFile(other, text, { mode: 0o600 });
    const error: unknown = await readKeyFile(other).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(KeyFileError);
    return (error as Error).message;
  }

  const secretsOf = (keys: Keys) => [
    ...keys.cookies,
    ...[keys.csrf, keys.device, keys.attempts].map((key) => key.toString('base64url')),
    ...[keys.passwordPepper, keys.recoveryPepper, keys.encryption, keys.audit].map(({ current }) =>
      current.secret.toString('base64url'),
    ),
  ];

  it('is readable for its owner alone, and leaves no draft beside it', async () => {
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
    expect(await readdir(join(folder, 'new'))).to.deep.equal(['keys.json']);
  });

  it('holds another secret of 32 bytes for each use', async () => {
    const secrets = secretsOf(await readKeyFile(path));
    expect(new Set(secrets).size).to.equal(8);
    for (const secret of secrets) expect(Buffer.from(secret, 'base64url')).to.have.length(32);
  });

  it('holds an ES256 key first and an RS256 key of 2048 bits, which sign', async () => {
    const { signing } = await readKeyFile(path);
    expect(signing.map(({ alg }) => alg)).to.deep.equal(['ES256', 'RS256']);
    expect(Buffer.from(signing[1]?.n ?? '', 'base64url')).to.have.length(256);
    for (const jwk of signing) {
      const header = { alg: jwk.alg ?? '', kid: jwk.kid ?? '' };
      const token = await new SignJWT({}).setProtectedHeader(header).sign(await importJWK(jwk));
      await jwtVerify(token, createPublicKey({ key: jwk, format: 'jwk' }));
    }
  });

  it('is never written over', async () => {
    const before = await readFile(path, 'utf8');
    const error: unknown = await createKeyFile(path).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(KeyFileError);
    expect(await readFile(path, 'utf8')).to.equal(before);
  });

  it('is made once when two start at the same moment', async () => {
    const dataDir = join(folder, 'data');
    const found = await Promise.all([findKeys({ dataDir }), findKeys({ dataDir }), findKeys({ dataDir })]);
    expect(new Set(found.map((keys) => keys.cookies[0])).size).to.equal(1);
  });

  it('is not made where KEYS_FILE names it', async () => {
    const keysFile = join(folder, 'absent.json');
    const error: unknown = await findKeys({ keysFile, dataDir: folder }).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(KeyFileError).with.property('message').that.includes('keys create');
    expect(await readdir(folder)).not.to.include('absent.json');
  });

  it('gives new keys for new things when it is rotated, and still reads what the old ones made', async () => {
    const rotated = join(folder, 'rotated.json');
    await createKeyFile(rotated);
    const before = await readKeyFile(rotated);
    const sealed = createVault(before.encryption).seal('secret', 'here');
    await rotateKeyFile(rotated);
    const after = await readKeyFile(rotated);
    expect(after.csrf).not.to.deep.equal(before.csrf);
    expect(after.audit.current.id).not.to.equal(before.audit.current.id);
    expect(after.attempts, 'guess budgets go on').to.deep.equal(before.attempts);
    expect(after.cookies).to.have.length(2).and.to.include(before.cookies[0]);
    expect(after.signing).to.have.length(4);
    expect(after.signing.slice(2)).to.deep.equal(before.signing);
    expect(createVault(after.encryption).open(sealed, 'here')).to.equal('secret');
    expect((await stat(rotated)).mode & 0o777).to.equal(0o600);
  });

  it('is refused when everybody can read it', async () => {
    const open = join(folder, 'open.json');
    await createKeyFile(open);
    await chmod(open, 0o644);
    const error: unknown = await readKeyFile(open).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(KeyFileError).with.property('message').that.includes('chmod 600');
  });

  it('is refused without quoting it when it is not JSON', async () => {
    expect(await refusalOf('{"csrf": hunter2}'))
      .to.include('not JSON')
      .and.not.to.include('hunter2');
  });

  it('is refused when a use has no key, a short one, or two of one id', async () => {
    const file = JSON.parse(await readFile(path, 'utf8')) as Record<string, { id: string; secret: string }[]>;
    const [key] = file.audit ?? [];
    const id = key?.id ?? '';
    for (const audit of [undefined, [], [{ id, secret: 'c2hvcnQ' }], [key, key]]) {
      const message = await refusalOf(JSON.stringify({ ...file, audit }));
      expect(message).to.include('audit').and.not.to.include(key?.secret);
    }
    expect(await refusalOf(JSON.stringify({ ...file, signing: file.signing?.slice(1) }))).to.include('ES256');
  });
});
