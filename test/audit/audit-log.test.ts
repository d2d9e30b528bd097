import { readdir, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import type { ChainStore } from '../../src/audit/appender.ts';
import { DomainError } from '../../src/core/errors.ts';
import { ana, signIn, startLog, type TestLog } from './log.ts';

/** A store that can be taken away, or made slow, in front of the real one. */
function faulty() {
  const state = { away: false, delayMs: 0 };
  const wrap = (store: ChainStore): ChainStore => ({
    ...store,
    async insert(records) {
      if (state.away) throw new Error('connection refused');
      await wait(state.delayMs);
      return store.insert(records);
    },
  });
  return { state, wrap };
}

const methodAdded = signIn({ event: 'method_added', method: 'security-key' });

describe('the audit log while the store is away', () => {
  let log: TestLog;
  const { state, wrap } = faulty();
  beforeEach(async () => {
    Object.assign(state, { away: false, delayMs: 0 });
    log = await startLog({ wrap, patienceMs: 40 });
  });
  afterEach(() => log.close());

  const references = async () => {
    const rows = await log.rows.find({}, { sort: { seq: 1 } }).toArray();
    return rows.map(({ reference }) => reference);
  };
  const until = async (condition: () => Promise<boolean> | boolean) => {
    for (let i = 0; i < 200 && !(await condition()); i += 1) await wait(10);
  };

  it('lets a sign-in go on and writes it later, in order, with the time at which it happened', async () => {
    await log.audit.record(signIn({ reference: 'before' }));
    state.away = true;
    log.setNow(new Date('2026-01-01T12:05:00Z'));
    for (const reference of ['one', 'two', 'three']) await log.audit.record(signIn({ reference }));
    log.setNow(new Date('2026-01-01T13:00:00Z'));
    state.away = false;
    await until(() => log.spool.isEmpty());
    expect(await references()).to.deep.equal(['before', 'one', 'two', 'three']);
    const { records } = await log.search.list('northwind', {}, { limit: 1 });
    expect(records[0]?.at).to.deep.equal(new Date('2026-01-01T12:05:00Z'));
    expect(await log.checks.verify('northwind')).to.include({ ok: true, events: 4 });
  });

  it('refuses a change of settings, so that none goes unrecorded', async () => {
    state.away = true;
    const error = await log.audit.record(methodAdded).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(DomainError).and.include({ code: 'unavailable' });
    expect(log.spool.isEmpty()).to.equal(true);
  });

  it('waits for a slow store only for a moment, and does not write the event twice', async () => {
    state.delayMs = 1500;
    await log.audit.record(signIn({ reference: 'slow' }));
    // It went on before the store had answered.
    expect(log.spool.isEmpty()).to.equal(false);
    await until(() => log.spool.isEmpty());
    await wait(1700);
    expect(await references()).to.deep.equal(['slow']);
  });

  it('does not let sign-ins wait one by one while something is spooled', async () => {
    state.away = true;
    await log.audit.record(signIn());
    await Promise.all(Array.from({ length: 100 }, () => log.audit.record(signIn())));
    state.away = false;
    await until(() => log.spool.isEmpty());
    expect(await log.checks.verify('northwind')).to.include({ ok: true, events: 101 });
  });

  it('writes after the next start what a process had spooled when it was killed', async () => {
    state.away = true;
    await log.audit.record(signIn({ reference: 'left' }));
    for (const name of await readdir(log.directory)) {
      const old = new Date(Date.now() - 120_000);
      await utimes(join(log.directory, name), old, old);
    }
    state.away = false;
    const next = await log.openProcess();
    await until(async () => (await references()).length > 0);
    expect(await references()).to.deep.equal(['left']);
    await next.audit.close();
  });

  it('spools no more of a person than the two ids', async () => {
    state.away = true;
    const account = { ...ana, password: { phc: '$argon2id$secret' } };
    await log.audit.record(signIn({ actor: account }));
    const [name = ''] = await readdir(log.directory);
    expect(await readFile(join(log.directory, name), 'utf8')).to.not.include('argon2id');
  });
});
