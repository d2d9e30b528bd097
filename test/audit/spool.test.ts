import { mkdtemp, readdir, rm, utimes, writeFile, appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { AuditFact } from '../../src/audit/chain.ts';
import { openSpool } from '../../src/audit/spool.ts';

const now = new Date('2026-01-01T12:00:00Z');

const fact = (id: string): AuditFact => ({
  id,
  tenantId: 'northwind',
  at: now,
  event: 'password_accepted',
  actor: { tenantId: 'northwind', accountId: 'ana' },
  subject: null,
  accounts: ['ana'],
  result: 'ok',
  method: 'password',
  reason: null,
  details: null,
  reference: 'abcd2345',
  source: '192.0.2.0/24',
});

describe('the audit spool', () => {
  let directory: string;
  beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'stile-spool-'))));
  afterEach(() => rm(directory, { recursive: true }));

  async function drained(spool: Awaited<ReturnType<typeof openSpool>>): Promise<AuditFact[]> {
    const facts: AuditFact[] = [];
    await spool.drain(async (some) => void facts.push(...some));
    return facts;
  }

  it('gives back what it took, whole and in order, and is empty then', async () => {
    const spool = await openSpool(directory, now);
    const facts = Array.from({ length: 50 }, (_, i) => fact(`f${i}`));
    await Promise.all(facts.map((one) => spool.add(one)));
    expect(spool.isEmpty()).to.equal(false);
    expect(await drained(spool)).to.deep.equal(facts);
    expect(spool.isEmpty()).to.equal(true);
    expect(await readdir(directory)).to.deep.equal([]);
  });

  it('keeps everything when the store refuses, and what comes meanwhile stands behind it', async () => {
    const spool = await openSpool(directory, now);
    await spool.add(fact('first'));
    const refused = await spool
      .drain(() => Promise.reject(new Error('away')))
      .catch((error: unknown) => error);
    expect(refused).to.be.an('error');
    await spool.add(fact('second'));
    expect((await drained(spool)).map(({ id }) => id)).to.deep.equal(['first', 'second']);
  });

  it('adopts what a process that ended left behind', async () => {
    const ended = await openSpool(directory, now);
    await ended.add(fact('left'));
    const [file = ''] = await readdir(directory);
    const old = new Date(now.getTime() - 120_000);
    await utimes(join(directory, file), old, old);
    const [one, other] = await Promise.all([openSpool(directory, now), openSpool(directory, now)]);
    const found = [...(await drained(one)), ...(await drained(other))];
    expect(found.map(({ id }) => id)).to.deep.equal(['left']);
  });

  it('leaves the file of a living process alone', async () => {
    const alive = await openSpool(directory, new Date());
    await alive.add(fact('mine'));
    const other = await openSpool(directory, new Date());
    expect(other.isEmpty()).to.equal(true);
    expect(await drained(alive)).to.have.length(1);
  });

  it('passes over a torn line, and keeps the file for a person to look at', async () => {
    const spool = await openSpool(directory, now);
    await spool.add(fact('whole'));
    const [file = ''] = await readdir(directory);
    await appendFile(join(directory, file), '{"id":"torn","ten');
    expect((await drained(spool)).map(({ id }) => id)).to.deep.equal(['whole']);
    expect(spool.isEmpty()).to.equal(true);
    expect(await readdir(directory)).to.deep.equal([`${file}.damaged`]);
  });

  it('says so when it cannot write', async () => {
    const path = join(directory, 'not-a-folder');
    await writeFile(path, '');
    const failed = await openSpool(path, now).catch((error: unknown) => error);
    expect(failed).to.be.an('error');
  });
});
