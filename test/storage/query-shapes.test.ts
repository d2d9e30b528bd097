import { expect } from 'chai';
import type { CollectionSpec } from '../../src/storage/indexes.ts';
import { indexMissing, type Query } from '../support/query-shapes.ts';

const specs: CollectionSpec[] = [
  {
    name: 'people',
    indexes: [
      { key: { tenantId: 1, email: 1 }, unique: true },
      { key: { tenantId: 1, state: 1, email: 1 } },
      { key: { tenantId: 1, at: -1, seq: -1 } },
    ],
  },
];
const T = { tenantId: 't' };
const ask = (filter: Query['filter'], sort: Query['sort'] = {}, more: Partial<Query> = {}) =>
  indexMissing({ collection: 'people', filter, sort, hint: null, ...more }, specs);

/** The judge of the other tests is judged here. */
describe('whether an index serves a query', () => {
  it('is so when it finds and sorts', () => {
    for (const [filter, sort] of [
      [{ _id: 'x', name: 'y' }, {}],
      [{ _id: { $in: ['x'] } }, {}],
      [T, { email: 1 }],
      [T, { email: -1 }],
      [{ ...T, email: { $gte: 'a', $lt: 'b' } }, { email: 1 }],
      [{ ...T, email: 'a', name: 'y' }, {}],
      [{ ...T, state: { $in: ['a', 'b'] }, email: { $gt: 'a' } }, { email: 1 }],
      [{ ...T, state: 'a' }, {}],
      [
        { ...T, at: { $lte: 1 }, $or: [{ at: { $lt: 1 } }, { at: 1, seq: { $lt: 2 } }] },
        { at: -1, seq: -1 },
      ],
      [
        { ...T, at: { $gte: 1 } },
        { at: 1, seq: 1 },
      ],
    ] as const)
      expect(ask(filter, sort), JSON.stringify([filter, sort])).to.equal(null);
  });

  it('is not so when it would walk through everybody, or sort in memory', () => {
    for (const [filter, sort] of [
      [{}, {}],
      [{ email: 'a' }, {}],
      [{ state: 'a', email: 'b' }, {}],
      [{ ...T, name: 'y' }, {}],
      [{ ...T, state: 'a', name: 'y' }, {}],
      [{ ...T, email: { $gt: 'a' } }, { name: 1 }],
      [{ ...T, state: { $ne: 'a' } }, { email: 1 }],
      [T, { at: -1, seq: 1 }],
      [T, { seq: -1 }],
      [{ ...T, $or: [{ name: 'x' }] }, {}],
      [{ tenantId: { $ne: 't' } }, {}],
    ] as const)
      expect(ask(filter, sort), JSON.stringify([filter, sort])).to.include('no index');
    expect(ask(T, {}, { hint: { tenantId: 1 } })).to.include('no such index');
    expect(ask(T, { email: 1 }, { collection: 'others' })).to.include('no index');
  });
});
