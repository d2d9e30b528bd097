import { expect } from 'chai';
import { createReadAhead } from '../../src/storage/read-ahead.ts';
import { readTogether } from '../../src/storage/read-together.ts';
import { testDatabase } from '../support/database.ts';

describe('what is read ahead', () => {
  const [one, other] = [{}, {}];

  it('is handed out once: whoever asks again reads anew', () => {
    const ahead = createReadAhead(() => one);
    ahead.put('rows', 'a', [{ _id: 'a' }]);
    expect(ahead.take('rows', 'b')).to.equal(undefined);
    expect(ahead.take('rows', 'a')).to.deep.equal([{ _id: 'a' }]);
    expect(ahead.take('rows', 'a')).to.equal(undefined);
  });

  it('is for the request that read it, and for no other', () => {
    let request: object | undefined = one;
    const ahead = createReadAhead(() => request);
    ahead.put('rows', 'a', []);
    request = other;
    expect(ahead.take('rows', 'a')).to.equal(undefined);
    request = undefined;
    ahead.put('rows', 'a', [{ _id: 'a' }]);
    expect(ahead.take('rows', 'a')).to.equal(undefined);
    request = one;
    expect(ahead.take('rows', 'a')).to.deep.equal([]);
  });

  it('comes by one command with what points to it', async () => {
    const database = await testDatabase();
    interface Row {
      readonly _id: string;
      readonly owner: string;
      readonly owners?: object[];
    }
    const rows = database.connection.collection<Row>('rows');
    const owners = database.connection.collection<{ _id: string; name: string }>('owners');
    await rows.insertMany([
      { _id: 'a', owner: 'ana' },
      { _id: 'b', owner: '' },
    ]);
    await owners.insertOne({ _id: 'ana', name: 'Ana' });
    const join = { from: 'owners', localField: 'owner', foreignField: '_id', as: 'owners' };
    const read = readTogether<Row>(rows, '_id', [join]);
    const [a, b, nobody] = await Promise.all(['a', 'b', 'c'].map(read));
    expect(a?.[0]?.owners).to.deep.equal([{ _id: 'ana', name: 'Ana' }]);
    expect(b?.[0]?.owners).to.deep.equal([]);
    expect(nobody).to.deep.equal([]);
    await database.drop();
  });
});
