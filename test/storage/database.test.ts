import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import mongoose, { type Connection, type Model, Schema } from 'mongoose';
import { connectDatabase, type Database, isDatabaseAway } from '../../src/storage/database.ts';
import type { RunningEngine } from '../../src/storage/engines/engine.ts';
import { startEngine, testDatabase, type TestDatabase } from '../support/database.ts';

const caught = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('it worked');
};

describe('the database connection', () => {
  let database: TestDatabase;
  before(async () => void (database = await testDatabase()));
  after(() => database.drop());

  const pens = new Schema({ colour: String, size: Number }, { collection: 'pens' });
  const model = (connection: Connection) =>
    (connection.models.Pen ?? connection.model('Pen', pens)) as Model<{ colour: string; size: number }>;

  it('refuses a field and a filter that no schema knows', async () => {
    const Pen = model(database.connection);
    expect(await caught(Pen.create({ colour: 'red', weight: 3 } as object))).to.have.property(
      'name',
      'StrictModeError',
    );
    expect(await caught(Pen.findOne({ weight: 3 } as object))).to.have.property('name', 'StrictModeError');
  });

  it('does not let an object from outside become an operator', async () => {
    const Pen = model(database.connection);
    await Pen.create({ colour: 'blue', size: 1 });
    const form = JSON.parse('{"colour":{"$ne":"x"}}') as { colour: string };
    expect(await caught(Pen.findOne(form))).to.have.property('name', 'CastError');
    expect(await Pen.findOne({ size: mongoose.trusted({ $gt: 0 }) }).lean()).to.include({ colour: 'blue' });
  });

  it('asks for the acknowledgement of a majority', () => {
    expect(database.connection.getClient().options.writeConcern).to.include({ w: 'majority' });
  });

  it('takes the name of the database from the address, else "stile"', async () => {
    const one = await connectDatabase(database.uri.replace(/\/?(\?|$)/, '/other$1'));
    expect(one.connection.name).to.equal('other');
    await one.close();
    const none = await connectDatabase(database.uri);
    expect(none.connection.name).to.equal('stile');
    await none.close();
  });

  it('does not take our own mistakes for an absent database', async () => {
    const pens = database.connection.collection('pens');
    const mistake = await caught(pens.updateOne({}, { $nonsense: 1 }));
    await pens.createIndex({ size: 1 }, { unique: true });
    await pens.insertOne({ size: 7 });
    const twin = await caught(pens.insertOne({ size: 7 }));
    const twins = await caught(pens.insertMany([{ size: 7 }, { size: 8 }]));
    expect(twins).to.have.property('name', 'MongoBulkWriteError');
    for (const error of [mistake, twin, twins, new Error('x'), 'x', null])
      expect(isDatabaseAway(error)).to.equal(false);
  });
});

describe('a database that is away', function () {
  this.timeout(60_000);

  let engine: RunningEngine;
  let database: Database;
  beforeEach(async () => {
    engine = await startEngine();
    database = await connectDatabase(engine.uri);
  });
  afterEach(async () => {
    await database.close();
    await engine.stop();
  });

  /** @returns what the read ended with */
  const read = () => caught(database.connection.collection('pens').findOne({ size: 1 }));

  it('is recognised when it was stopped', async () => {
    await engine.stop();
    const error = await read();
    expect(isDatabaseAway(error), String(error)).to.equal(true);
  });

  it('is recognised by a write of several documents', async () => {
    await engine.stop();
    const pens = database.connection.collection('pens');
    const error = await caught(pens.insertMany([{ size: 1 }, { size: 2 }]));
    expect(error).to.have.property('name', 'MongoBulkWriteError');
    expect(isDatabaseAway(error), String(error)).to.equal(true);
  });

  it('is recognised when it hangs', async () => {
    await database.connection.collection('pens').findOne({ size: 1 });
    process.kill(engine.pid ?? 0, 'SIGSTOP');
    await setTimeout(100); // a process stops some time after the signal
    try {
      const error = await read();
      expect(isDatabaseAway(error), String(error)).to.equal(true);
    } finally {
      process.kill(engine.pid ?? 0, 'SIGCONT');
    }
  });

  it('is recognised when it cannot be reached at all', async () => {
    await engine.stop();
    expect(isDatabaseAway(await caught(connectDatabase(engine.uri)))).to.equal(true);
  });

  it('is recognised after the connection was closed', async () => {
    await database.close();
    expect(isDatabaseAway(await read())).to.equal(true);
  });

  it('is recognised inside the error that it caused', async () => {
    await engine.stop();
    expect(isDatabaseAway(new Error('cannot sign in', { cause: await read() }))).to.equal(true);
  });
});
