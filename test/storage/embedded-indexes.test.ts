import { expect } from 'chai';
import type { Collection } from 'mongoose';
import { testDatabase, type TestDatabase } from '../support/database.ts';

type Row = { _id: string } & Record<string, unknown>;
type Rows = Collection<Row>;

const INDEXES = [
  { key: { tenant: 1, state: 1, kinds: 1, email: 1 } },
  { key: { tenant: 1, at: -1, seq: -1 } },
  { key: { tenant: 1, _id: 1 } },
  { key: { kinds: 1 } },
] as const;

/** The same numbers at every run (mulberry32). */
function numbers(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return { below: (limit: number) => Math.floor(next() * limit) };
}

/** Embedded engine or MongoDB: what is found must not depend on which indexes there are. */
describe('indexes', () => {
  let database: TestDatabase;
  let plain: Rows;
  let indexed: Rows;
  const { below } = numbers(7);
  const pick = <T>(...of: readonly T[]): T => of[below(of.length)] as T;

  const day = () => new Date(1_700_000_000_000 + below(5) * 86_400_000);
  const kinds = () =>
    pick<unknown>([], ['app'], ['key'], ['app', 'key'], ['app', 'app'], 'app', null, undefined);
  const fields = () => ({
    tenant: pick<unknown>('a', 'b', 'c', null, undefined),
    state: pick<unknown>('active', 'disabled', 1),
    kinds: kinds(),
    email: `${below(30)}@example`,
    at: day(),
    seq: pick<unknown>(below(4), below(4) + 0.5, null),
  });

  const conditions: readonly (() => Record<string, unknown>)[] = [
    () => ({ tenant: pick<unknown>('a', 'b', 'z', null) }),
    () => ({ tenant: { $in: pick<unknown[]>(['a', 'b'], ['c'], [], ['a', null]) } }),
    () => ({ state: pick<unknown>('active', 1, { $ne: 'active' }, { $eq: 'disabled' }) }),
    () => ({ kinds: pick<unknown>('app', 'key', null, [], ['app'], { $in: ['key', 'none'] }, { $gt: 'a' }) }),
    () => ({ kinds: { $gt: 'b', $lt: 'b' } }),
    () => ({ email: pick<unknown>('3@example', { $gt: '2' }, { $gte: '1', $lt: '2' }, /^1/) }),
    () => ({ at: pick<unknown>(day(), { $gte: day() }, { $gt: day(), $lte: day() }, { $exists: true }) }),
    () => ({ seq: pick<unknown>(1, { $lt: 2 }, { $lt: 3, $gte: 1 }, { $gt: 'x' }) }),
    () => ({
      _id: pick<unknown>(`row-${below(200)}`, { $in: [`row-1`, `row-${below(200)}`] }, { $lt: 'row-3' }),
    }),
    () => ({ $or: [{ seq: 1 }, { at: day(), state: 'active' }] }),
  ];
  const query = () =>
    Object.assign({}, ...Array.from({ length: 1 + below(4) }, () => pick(...conditions)())) as object;
  const sort = () =>
    pick<Record<string, 1 | -1>>({ email: 1 }, { at: -1, seq: -1 }, { at: 1, seq: 1 }, { at: 1, seq: -1 });

  before(async () => {
    database = await testDatabase();
    plain = database.connection.collection('plain') as unknown as Rows;
    indexed = database.connection.collection('indexed') as unknown as Rows;
    await indexed.createIndexes(INDEXES.map(({ key }) => ({ key: { ...key } })));
    const rows = Array.from({ length: 200 }, (_, i) => ({ _id: `row-${i}`, ...fields() }));
    for (const one of [plain, indexed]) await one.insertMany(rows);
  });
  after(() => database.drop());

  const ids = (rows: readonly Row[]) => rows.map(({ _id }) => _id).sort();

  async function expectSame(asked: object): Promise<void> {
    const about = JSON.stringify(asked);
    const [expected, found] = await Promise.all([plain, indexed].map((one) => one.find(asked).toArray()));
    expect(ids(found ?? []), about).to.deep.equal(ids(expected ?? []));
    const stages = [{ $match: asked }];
    const aggregated = (await indexed.aggregate(stages).toArray()) as Row[];
    expect(ids(aggregated), about).to.deep.equal(ids(expected ?? []));
  }

  it('find what a look at every document finds', async () => {
    for (let i = 0; i < 300; i += 1) await expectSame(query());
  });

  it('give the order that was asked for, and its first', async () => {
    for (let i = 0; i < 200; i += 1) {
      const [asked, order, limit] = [query(), { ...sort(), _id: 1 as const }, 1 + below(9)];
      const [expected, found] = await Promise.all(
        [plain, indexed].map((one) => one.find(asked).sort(order).limit(limit).toArray()),
      );
      expect(found, JSON.stringify({ asked, order, limit })).to.deep.equal(expected);
    }
  });

  it('follow every change', async () => {
    for (let i = 0; i < 150; i += 1) {
      const [asked, update] = [
        query(),
        { $set: pick<Partial<Row>>({ tenant: 'a' }, { kinds: ['key'] }, fields()) },
      ];
      const _id = `row-${below(220)}`;
      const work = pick<(rows: Rows) => Promise<unknown>>(
        (rows) => rows.updateMany(asked, update),
        (rows) => rows.findOneAndUpdate({ _id, state: 'active' }, update),
        (rows) => rows.updateOne({ _id }, update, { upsert: true }),
        (rows) => rows.deleteOne({ _id }),
      );
      for (const one of [plain, indexed]) await work(one);
      await expectSame(query());
    }
  });

  it('keep one of a kind where they are unique', async () => {
    const unique = database.connection.collection('unique') as unknown as Rows;
    await unique.createIndex({ tenant: 1, email: 1 }, { unique: true });
    const insert = (_id: string, email: string) =>
      unique.insertOne({ _id, tenant: 'a', email }).then(
        () => 'in',
        (error: unknown) => (error as { code: unknown }).code,
      );
    const racers = await Promise.all(Array.from({ length: 20 }, (_, i) => insert(`racer-${i}`, 'one')));
    expect(racers.filter((result) => result === 'in')).to.have.length(1);
    expect(racers.filter((result) => result === 11_000)).to.have.length(19);
    expect(await insert('two', 'two')).to.equal('in');
    expect(await insert('two', 'three')).to.equal(11_000);
    const taken = unique
      .updateOne({ _id: 'two' }, { $set: { email: 'one' } })
      .catch((error: unknown) => error);
    expect(await taken).to.include({ code: 11_000 });
    await unique.updateOne({ _id: 'two' }, { $set: { email: 'four' } });
    expect(await insert('three', 'two')).to.equal('in');
  });
});
