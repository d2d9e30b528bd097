import { expect } from 'chai';
import { createAppender } from '../../src/audit/appender.ts';
import { auditChecks } from '../../src/audit/audit-check-store.ts';
import { auditChainStore } from '../../src/audit/audit-store.ts';
import { link, seal } from '../../src/audit/chain.ts';
import { keyring } from './keyring.ts';
import { ana, signIn, startLog, type TestLog } from './log.ts';

describe('the audit chain', () => {
  let log: TestLog;
  beforeEach(async () => void (log = await startLog()));
  afterEach(() => log.close());

  async function recordMany(count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) await log.audit.record(signIn({ reference: `r${i}` }));
    await log.appender.flush();
  }

  async function firstBreak() {
    const verdict = await log.checks.verify('northwind');
    return verdict.ok ? null : verdict.break;
  }

  it('numbers the events of a tenant 1, 2, 3 and is whole', async () => {
    await recordMany(5);
    const verdict = await log.checks.verify('northwind');
    expect(verdict).to.include({ ok: true, events: 5 });
    expect(verdict.ok && verdict.head.seq).to.equal(5);
  });

  it('stays whole under 120 parallel appends from three processes', async () => {
    const processes = [log, await log.openProcess(), await log.openProcess()];
    const appends = processes.flatMap(({ audit }) =>
      Array.from({ length: 40 }, () => audit.record(signIn())),
    );
    await Promise.all(appends);
    expect(await log.checks.verify('northwind')).to.include({ ok: true, events: 120 });
  });

  it('keeps tenants apart: each has its own numbers', async () => {
    await log.audit.record(signIn());
    await log.audit.record(signIn({ tenantId: 'southwind', actor: null, subject: null }));
    const verdicts = [];
    for await (const verdict of log.checks.verifyAll())
      verdicts.push([verdict.tenantId, verdict.ok, verdict.events]);
    expect(verdicts).to.deep.equal([
      ['northwind', true, 1],
      ['southwind', true, 1],
    ]);
  });

  for (const [field, value] of Object.entries({
    at: new Date('2020-01-01'),
    event: 'password_refused',
    actor: { tenantId: 'northwind', accountId: 'sam' },
    subject: null,
    accounts: ['sam'],
    result: 'refused',
    method: null,
    reason: 'x',
    details: '{}',
    reference: 'x',
    source: 'x',
    previous: 'x',
    hash: 'x',
    kid: 'unknown',
  })) {
    it(`tells a changed event by its ${field}`, async () => {
      await recordMany(5);
      await log.rows.updateOne({ tenantId: 'northwind', seq: 3 }, { $set: { [field]: value } });
      expect(await firstBreak()).to.deep.equal({ seq: 3, kind: 'changed' });
    });
  }

  it('tells a removed event', async () => {
    await recordMany(5);
    await log.rows.deleteOne({ tenantId: 'northwind', seq: 3 });
    expect(await firstBreak()).to.deep.equal({ seq: 3, kind: 'removed' });
  });

  it('tells the first event missing', async () => {
    await recordMany(5);
    await log.rows.deleteOne({ tenantId: 'northwind', seq: 1 });
    expect(await firstBreak()).to.deep.equal({ seq: 1, kind: 'removed' });
  });

  it('tells a cut tail, also when nothing is left', async () => {
    await recordMany(5);
    await log.rows.deleteMany({ tenantId: 'northwind', seq: { $gt: 3 } });
    expect(await firstBreak()).to.deep.equal({ seq: 4, kind: 'removed' });
    await log.rows.deleteMany({ tenantId: 'northwind' });
    expect(await firstBreak()).to.deep.equal({ seq: 1, kind: 'removed' });
  });

  it('tells an event put in between, and one put at the end', async () => {
    await recordMany(5);
    const model = await log.rows.findOne({ tenantId: 'northwind', seq: 3 });
    if (!model) throw new Error('no event 3');
    await log.rows.insertOne({ ...model, _id: 'between', seq: 3.5 });
    expect(await firstBreak()).to.deep.equal({ seq: 3.5, kind: 'inserted' });
    await log.rows.deleteOne({ _id: 'between' });
    await log.rows.insertOne({ ...model, _id: 'end', seq: 6 });
    expect(await firstBreak()).to.deep.equal({ seq: 6, kind: 'inserted' });
  });

  it('tells an event that was written with another key', async () => {
    await recordMany(3);
    const last = await log.rows.findOne({ tenantId: 'northwind', seq: 3 });
    if (!last) throw new Error('no event 3');
    const { _id, ...rest } = last;
    const forged = link({ ...rest, id: 'forged' }, { seq: 3, hash: last.hash }, keyring('audit-1'));
    const { id, ...row } = forged;
    await log.rows.insertOne({ ...row, _id: `${id}${_id}` });
    expect(await firstBreak()).to.deep.equal({ seq: 4, kind: 'inserted' });
  });

  it('tells two events that changed places', async () => {
    await recordMany(5);
    await log.rows.updateOne({ tenantId: 'northwind', seq: 3 }, { $set: { seq: 99 } });
    await log.rows.updateOne({ tenantId: 'northwind', seq: 4 }, { $set: { seq: 3 } });
    await log.rows.updateOne({ tenantId: 'northwind', seq: 99 }, { $set: { seq: 4 } });
    expect(await firstBreak()).to.deep.equal({ seq: 3, kind: 'changed' });
  });

  it('tells an event that took the place of another, although both are genuine', async () => {
    for (let i = 0; i < 3; i += 1) await log.audit.record(signIn());
    await log.rows.deleteOne({ tenantId: 'northwind', seq: 3 });
    const other = await log.openProcess();
    await other.audit.record(signIn({ reason: 'instead' }));
    await log.audit.record(signIn());
    expect(await firstBreak()).to.deep.equal({ seq: 4, kind: 'inserted' });
  });

  it('tells a last event that was replaced after its place was marked', async () => {
    await recordMany(3);
    await log.rows.deleteOne({ tenantId: 'northwind', seq: 3 });
    const other = await log.openProcess();
    await other.audit.record(signIn({ reason: 'instead' }));
    expect(await firstBreak()).to.deep.equal({ seq: 3, kind: 'changed' });
  });

  it('never moves the mark of the head back, whichever process is late', async () => {
    await recordMany(5);
    const store = auditChainStore(log.connection, log.keys);
    await store.moveHead('northwind', { seq: 2, hash: 'late' });
    expect((await log.marks.findOne({ _id: 'northwind' }))?.head.seq).to.equal(5);
    expect(await firstBreak()).to.equal(null);
  });

  it('tells missing and forged marks', async () => {
    await recordMany(3);
    const head = seal('head', 'northwind', { seq: 1, hash: 'x' }, keyring('audit-1'));
    await log.marks.updateOne({ _id: 'northwind' }, { $set: { head } });
    expect(await firstBreak()).to.deep.equal({ seq: 0, kind: 'marks' });
    await log.marks.deleteOne({ _id: 'northwind' });
    expect(await firstBreak()).to.deep.equal({ seq: 0, kind: 'marks' });
  });

  it('goes on after a change of the key, and the older events still verify', async () => {
    await recordMany(2);
    const keys = keyring('audit-2', { 'audit-1': log.keys.current.secret });
    const appender = createAppender(auditChainStore(log.connection, keys), keys);
    const row = await log.rows.findOne({ seq: 1 }, { projection: { _id: 0 } });
    if (!row) throw new Error('no event 1');
    await appender.append({ ...row, id: 'new-key' });
    await appender.flush();
    expect(await auditChecks(log.connection, keys).verify('northwind')).to.include({ ok: true, events: 3 });
  });

  it('loses what is older than a year, front first, and stays whole', async () => {
    await recordMany(3);
    log.setNow(new Date('2026-12-01T00:00:00Z'));
    await recordMany(2);
    expect(await log.checks.prune(new Date('2027-01-02T00:00:00Z'))).to.equal(3);
    expect(await log.checks.verify('northwind')).to.include({ ok: true, events: 2 });
    expect(await log.checks.prune(new Date('2027-01-02T00:00:00Z'))).to.equal(0);
    await log.audit.record(signIn());
    expect(await log.checks.verify('northwind')).to.include({ ok: true, events: 3 });
  });

  it('tells a cut of the front that was not the retention', async () => {
    await recordMany(5);
    await log.checks.prune(new Date('2026-06-01'));
    await log.rows.deleteMany({ tenantId: 'northwind', seq: { $lt: 3 } });
    expect(await firstBreak()).to.deep.equal({ seq: 1, kind: 'removed' });
  });

  it('holds no more of a person than the two ids', async () => {
    const account = { ...ana, email: 'ana@northwind.example', password: { phc: '$argon2id$secret' } };
    await log.audit.record(signIn({ actor: account, subject: account }));
    const text = JSON.stringify(await log.rows.find({}).toArray());
    expect(text).to.not.include('argon2id').and.not.include('ana@');
  });

  it('verifies what was recorded with broken text, dates and numbers in its details', async () => {
    const details = { old: { from: new Date(0), n: 1.5, 'a.b': '$x' }, text: '\ud800 \0 é' };
    await log.audit.record(signIn({ details, reason: 'lone \udfff surrogate', reference: '\0' }));
    expect(await log.checks.verify('northwind')).to.include({ ok: true });
  });
});
