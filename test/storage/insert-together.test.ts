import { expect } from 'chai';
import { insertTogether } from '../../src/storage/insert-together.ts';
import { testDatabase, type TestDatabase } from '../support/database.ts';

interface Row {
  readonly _id: string;
}

describe('inserting together', () => {
  let database: TestDatabase;
  let sent: string[][];
  let insert: (id: string) => Promise<boolean>;

  const stored = async () =>
    (await database.connection.collection<Row>('rows').find().toArray()).map(({ _id }) => _id).sort();

  /** Every answer is `fails` instead, where it is given: after the server has done its work. */
  function inserter(fails?: object) {
    const rows = database.connection.collection<Row>('rows');
    const together = insertTogether<Row>({
      async insertMany(batch, options) {
        sent.push(batch.map(({ _id }) => _id));
        const done = await rows.insertMany(batch, options);
        if (fails) throw Object.assign(new Error('failed'), fails);
        return done;
      },
    });
    return (_id: string) => together({ _id });
  }

  beforeEach(async () => {
    database = await testDatabase();
    sent = [];
    insert = inserter();
  });
  afterEach(() => database.drop());

  it('writes what several ask for by one command', async () => {
    expect(await Promise.all(['a', 'b', 'c'].map(insert))).to.deep.equal([true, true, true]);
    expect(sent).to.deep.equal([['a', 'b', 'c']]);
    expect(await stored()).to.deep.equal(['a', 'b', 'c']);
  });

  it('tells those whose id is taken, and writes the others', async () => {
    await insert('b');
    expect(await Promise.all(['a', 'b', 'c', 'c'].map(insert))).to.deep.equal([true, false, true, false]);
    expect(await stored()).to.deep.equal(['a', 'b', 'c']);
  });

  it('lets one of fifty have an id', async () => {
    const got = await Promise.all(Array.from({ length: 50 }, () => insert('one')));
    expect(got.filter(Boolean)).to.have.length(1);
  });

  it('takes up in the next command what is asked for while one is on its way', async () => {
    const first = insert('a');
    await new Promise((turn) => setImmediate(turn));
    expect(await Promise.all([first, insert('b')])).to.deep.equal([true, true]);
    expect(sent).to.deep.equal([['a'], ['b']]);
  });

  const everybodys = {
    'the database is away': {},
    'the write is not confirmed by a majority, though only one id was taken': {
      writeErrors: [{ index: 0, code: 11_000 }],
      result: { getWriteConcernError: () => ({ code: 64 }) },
    },
  };
  for (const [why, failure] of Object.entries(everybodys)) {
    it(`fails for everybody when ${why}`, async () => {
      const got = await Promise.allSettled(['a', 'b'].map(inserter(failure)));
      expect(got.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    });
  }

  it('fails for those alone whose document was refused for another reason', async () => {
    const refused = {
      writeErrors: { index: 1, code: 121 },
      result: { getWriteConcernError: () => undefined },
    };
    const got = await Promise.allSettled(['a', 'b'].map(inserter(refused)));
    expect(got.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected']);
  });
});
