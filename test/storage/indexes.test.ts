import { expect } from 'chai';
import {
  type CollectionSpec,
  ensureIndexes,
  IndexError,
  indexFault,
  type IndexSpec,
  sweep,
} from '../../src/storage/indexes.ts';
import { testDatabase, type TestDatabase } from '../support/database.ts';

const seats: CollectionSpec = {
  name: 'seats',
  indexes: [
    { key: { row: 1, place: 1 }, unique: true },
    { key: { expiresAt: 1 }, expireAfterSeconds: 60 },
  ],
};

describe('indexes', () => {
  let database: TestDatabase;
  beforeEach(async () => void (database = await testDatabase()));
  afterEach(() => database.drop());

  const ensure = (...specs: CollectionSpec[]) => ensureIndexes(database.connection, specs);

  it('are made, and made again without harm', async () => {
    await ensure(seats);
    await ensure(seats);
    const rows = database.connection.collection('seats');
    await rows.insertOne({ row: 1, place: 1 });
    const twin = await rows.insertOne({ row: 1, place: 1 }).catch((error: unknown) => error);
    expect(twin).to.have.property('code', 11000);
  });

  it('stop the start when one that must be unique is not', async () => {
    await database.connection.collection('seats').createIndex({ row: 1, place: 1 });
    expect(await ensure(seats).catch((error: unknown) => error)).to.be.instanceOf(IndexError);
  });

  it('are read back: a fault is one that is missing, in another order, or with other options', () => {
    const [place, expiry] = seats.indexes;
    const faults = [
      [place],
      [{ key: { place: 1, row: 1 }, unique: true }, expiry],
      [{ key: { row: 1, place: 1 } }, expiry],
      [place, { key: { expiresAt: 1 } }],
      [place, { key: { expiresAt: 1 }, expireAfterSeconds: 61 }],
    ] as IndexSpec[][];
    for (const found of faults) expect(indexFault(seats, found), JSON.stringify(found)).to.include('seats {');
    expect(indexFault(seats, [...seats.indexes, { key: { other: 1 } }])).to.equal(null);
  });

  it('stop the start when one is unique that must not be', async () => {
    await ensure({ name: 'seats', indexes: [{ key: { row: 1 }, unique: true }] });
    const other = ensure({ name: 'seats', indexes: [{ key: { row: 1 } }] });
    expect(await other.catch((error: unknown) => error)).to.be.instanceOf(IndexError);
  });

  it('stop the start when what is stored already is not unique', async () => {
    const rows = database.connection.collection('seats');
    await rows.insertMany([
      { row: 1, place: 1 },
      { row: 1, place: 1 },
    ]);
    expect(await ensure(seats).catch((error: unknown) => error)).to.be.instanceOf(Error);
  });

  it('tell the sweeper what has expired, and only that', async () => {
    await ensure(seats);
    const now = new Date('2026-01-01T12:00:00Z');
    const at = (seconds: number) => new Date(now.getTime() + seconds * 1000);
    const rows = database.connection.collection('seats');
    await rows.insertMany([
      { row: 1, place: 1, expiresAt: at(-61) },
      { row: 1, place: 2, expiresAt: at(-59) },
      { row: 1, place: 3, expiresAt: at(10) },
      { row: 1, place: 4 },
    ]);
    expect(await sweep(database.connection, [seats], now)).to.equal(1);
    expect(await rows.countDocuments()).to.equal(3);
  });
});
