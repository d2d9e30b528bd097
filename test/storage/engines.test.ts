import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { connectDatabase } from '../../src/storage/database.ts';
import { DatabaseRefused, type Engine } from '../../src/storage/engines/engine.ts';
import { external } from '../../src/storage/engines/external.ts';
import { findDatabase, ladder } from '../../src/storage/find-database.ts';
import { startEngine, testDatabase } from '../support/database.ts';

const rung = (way: string, answer: string): Engine => ({ way, start: async () => ({ reason: answer }) });
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => {
      throw new Error('it worked');
    },
    (error: unknown) => {
      expect(error).to.be.instanceOf(DatabaseRefused);
      return (error as Error).message;
    },
  );

/** Says a thing to the database at `uri`, and hangs up. */
async function withRows<T>(
  uri: string,
  work: (rows: import('mongoose').Collection) => Promise<T>,
): Promise<T> {
  const { connection, close } = await connectDatabase(uri);
  try {
    return await work(connection.collection('notes'));
  } finally {
    await close();
  }
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('the ladder of databases', function () {
  this.timeout(60_000);

  it('names all four ways, and why each is not possible, when none is', async () => {
    const blocked = ladder.map(({ way }, at) => rung(way, `reason ${at}`));
    const message = await refusal(findDatabase({}, blocked));
    for (const word of ['MONGODB_URI', 'mongod', 'fastdl.mongodb.org', 'Java', 'Maven'])
      expect(message).to.include(word);
    for (let at = 0; at < 4; at += 1) expect(message).to.include(`reason ${at}`);
  });

  it('tries the next rung when one is not possible', async () => {
    const found: Engine = { way: 'x', start: async () => ({ engine: await startEngine() }) };
    const engine = await findDatabase({}, [rung('a', 'no'), found, rung('b', 'never asked')]);
    expect(engine.uri).to.match(/^mongodb:/);
    await engine.stop();
  });

  it('tries no other rung when MONGODB_URI is set but nobody answers', async () => {
    const second = rung('x', 'asked');
    const mongodbUri = 'mongodb://root:secret@127.0.0.1:1/stile';
    const message = await refusal(findDatabase({ mongodbUri }, [external, second]));
    expect(message).to.include('MONGODB_URI').and.not.to.include('asked').and.not.to.include('secret');
  });

  it('uses nothing but MONGODB_URI in production mode', async () => {
    const second = rung('x', 'asked');
    expect(await refusal(findDatabase({ production: true }, [external, second])))
      .to.include('MONGODB_URI is not set')
      .and.not.to.include('asked');
  });

  it('refuses a database for production that is no replica set', async function () {
    if (process.env.MONGODB_URI !== undefined) this.skip(); // a given database may well be a replica set
    const database = await testDatabase();
    const message = await refusal(findDatabase({ mongodbUri: database.uri, production: true }));
    expect(message).to.include('replica set');
    await database.drop();
  });

  it('takes the database that MONGODB_URI names, and leaves it running', async () => {
    const database = await testDatabase();
    const engine = await findDatabase({ mongodbUri: database.uri });
    expect(engine.uri).to.equal(database.uri);
    await engine.stop();
    await withRows(engine.uri, (rows) => rows.findOne({}));
    await database.drop();
  });
});

describe('the embedded engine', function () {
  // Each test starts one or two processes.
  this.timeout(60_000);

  let dataDir: string;
  beforeEach(async () => void (dataDir = await mkdtemp(join(tmpdir(), 'stile-engine-'))));
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('keeps what was written when it is stopped and started again, also at the same port', async () => {
    const first = await startEngine({ dataDir });
    await withRows(first.uri, async (rows) => {
      await rows.createIndex({ n: 1 }, { unique: true });
      await rows.insertOne({ n: 1 });
    });
    await first.stop();
    const second = await startEngine({ dataDir, port: Number(new URL(first.uri).port) });
    expect(second.uri).to.equal(first.uri);
    await withRows(second.uri, async (rows) => {
      expect(await rows.countDocuments()).to.equal(1);
      const twin = await rows.insertOne({ n: 1 }).catch((error: unknown) => error);
      expect(twin).to.have.property('code', 11000);
    });
    await second.stop();
  });

  it('keeps what was written 500 ms before it is killed', async () => {
    const first = await startEngine({ dataDir });
    await withRows(first.uri, (rows) => rows.insertMany(Array.from({ length: 300 }, (_, n) => ({ n }))));
    await setTimeout(500);
    process.kill(first.pid ?? 0, 'SIGKILL');
    expect(await first.died).to.include('SIGKILL');
    const second = await startEngine({ dataDir });
    expect(await withRows(second.uri, (rows) => rows.countDocuments())).to.equal(300);
    await second.stop();
  });

  it('says that the data are in use, and touches nothing, when another process has them', async () => {
    const first = await startEngine({ dataDir });
    const message = await refusal(startEngine({ dataDir }));
    expect(message).to.include(dataDir).and.to.include('in use by another running Stile');
    await withRows(first.uri, (rows) => rows.insertOne({ n: 1 }));
    await first.stop();
  });

  it('ends when the process that started it is killed', async () => {
    const source = `
      import { embeddedJava } from './src/storage/engines/embedded-java.ts';
      const { engine } = await embeddedJava.start({ dataDir: process.argv[1] });
      console.log(engine.pid);`;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', source, dataDir], {
      stdio: 'pipe',
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).to.equal(true);
    parent.kill('SIGKILL');
    for (let waited = 0; isAlive(pid) && waited < 5000; waited += 50) await setTimeout(50);
    expect(isAlive(pid)).to.equal(false);
  });

  it('lets exactly one of 50 callers win a conditional write', async () => {
    const engine = await startEngine();
    await withRows(engine.uri, async (rows) => {
      await rows.insertOne({ n: 0, spent: false });
      const tries = Array.from({ length: 50 }, () =>
        rows.updateOne({ n: 0, spent: false }, { $set: { spent: true } }),
      );
      const winners = (await Promise.all(tries)).filter(({ modifiedCount }) => modifiedCount === 1);
      expect(winners).to.have.length(1);
    });
    await engine.stop();
  });
});
