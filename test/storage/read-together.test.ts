import { expect } from 'chai';
import { readTogether } from '../../src/storage/read-together.ts';
import { testDatabase, type TestDatabase } from '../support/database.ts';

interface Row {
  readonly _id: string;
  readonly uid: string;
}

describe('reading together', () => {
  let database: TestDatabase;
  let filters: object[];
  let readBy: (field: keyof Row) => (value: string) => Promise<readonly Row[]>;

  beforeEach(async () => {
    database = await testDatabase();
    const rows = database.connection.collection<Row>('rows');
    await rows.insertMany([
      { _id: 'a', uid: 'one' },
      { _id: 'b', uid: 'one' },
      { _id: 'c', uid: 'two' },
    ]);
    filters = [];
    readBy = (field) =>
      readTogether<Row>(
        {
          find(filter, options) {
            filters.push(filter);
            return rows.find(filter, options);
          },
        },
        field,
      );
  });
  afterEach(() => database.drop());

  it('gives everybody what they asked for, by one command', async () => {
    const read = readBy('_id');
    const found = await Promise.all(['c', 'a', 'nobody', 'a'].map(read));
    expect(found.map((rows) => rows.map(({ _id }) => _id))).to.deep.equal([['c'], ['a'], [], ['a']]);
    expect(filters).to.deep.equal([{ _id: { $in: ['c', 'a', 'nobody'] } }]);
  });

  it('gives all documents that share a value', async () => {
    const found = await readBy('uid')('one');
    expect(found.map(({ _id }) => _id)).to.have.members(['a', 'b']);
  });

  it('remembers nothing: who asks after a write gets what was written', async () => {
    const read = readBy('_id');
    expect(await read('d')).to.deep.equal([]);
    await database.connection.collection<Row>('rows').insertOne({ _id: 'd', uid: 'three' });
    expect(await read('d')).to.have.length(1);
    expect(filters).to.have.length(2);
  });

  it('tells everybody in a command of its failure, and the next command nothing', async () => {
    const rows = database.connection.collection<Row>('rows');
    let broken = true;
    const read = readTogether<Row>(
      { find: (filter, options) => rows.find(broken ? { $nonsense: 1 } : filter, options) },
      '_id',
    );
    const failed = await Promise.allSettled([read('a'), read('b')]);
    expect(failed.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    broken = false;
    expect(await read('a')).to.have.length(1);
  });
});
