import { expect } from 'chai';
import { kindsOf } from '../../src/accounts/kinds.ts';
import { coverageOf, holdingOf, kindsOfHolding, type Holding } from '../../src/admin/coverage.ts';
import { METHOD_IDS } from '../../src/core/method-ids.ts';
import { DEFAULT_POLICY } from '../../src/tenants/tenant.ts';

const MODEL = 'cb69481e-8ff7-4039-93ec-0a2729a154a8';
const OTHER = 'ee882879-721c-4913-9775-3dfcce97072a';
const { keys: open } = DEFAULT_POLICY;

const none = kindsOf([]);
const app = kindsOf([{ kind: 'authenticator-app' }]);
const key = kindsOf([{ kind: 'security-key', model: MODEL }]);
const synced = kindsOf([{ kind: 'security-key', model: OTHER, synced: true }]);
const untold = kindsOf([{ kind: 'security-key' }]);
const both = kindsOf([{ kind: 'security-key', model: MODEL, synced: true }, { kind: 'authenticator-app' }]);
const ALL = [none, app, key, synced, untold, both];

describe('how people are protected by what they hold', () => {
  const rules = (more: Partial<typeof open>, allowedMethods = DEFAULT_POLICY.allowedMethods) => ({
    allowedMethods,
    keys: { ...open, ...more },
  });
  const rows: [string, Parameters<typeof holdingOf>[0], Holding[]][] = [
    ['everything', rules({}), ['none', 'app-only', 'key', 'key', 'key', 'key']],
    ['keys alone', rules({}, ['security-key']), ['none', 'none', 'key', 'key', 'key', 'key']],
    [
      'apps alone',
      rules({}, ['authenticator-app']),
      ['none', 'app-only', 'none', 'none', 'none', 'app-only'],
    ],
    [
      'codes alone count as nothing',
      rules({}, ['recovery-code']),
      ['none', 'none', 'none', 'none', 'none', 'none'],
    ],
    ['separate keys', rules({ allowSynced: false }), ['none', 'app-only', 'key', 'none', 'key', 'app-only']],
    ['one model', rules({ allowModels: [MODEL] }), ['none', 'app-only', 'key', 'none', 'none', 'key']],
    [
      'not that model',
      rules({ denyModels: [MODEL] }),
      ['none', 'app-only', 'none', 'key', 'key', 'app-only'],
    ],
    [
      'a model on both lists is denied',
      rules({ allowModels: [MODEL], denyModels: [MODEL] }),
      ['none', 'app-only', 'none', 'none', 'none', 'app-only'],
    ],
    [
      'all keys, where nothing is said of them',
      { allowedMethods: METHOD_IDS },
      ['none', 'app-only', 'key', 'key', 'key', 'key'],
    ],
  ];
  for (const [name, policy, expected] of rows) {
    it(`is told by what is allowed: ${name}`, () => {
      expect(ALL.map((kinds) => holdingOf(policy, kinds))).to.deep.equal(expected);
      for (const holding of ['key', 'app-only', 'none'] as const) {
        expect(ALL.filter(kindsOfHolding(policy, holding))).to.deep.equal(
          ALL.filter((_, at) => expected[at] === holding),
        );
      }
    });
  }

  it('is counted for a tenant', () => {
    const counts = new Map(ALL.map((kinds, at) => [kinds, 10 ** at]));
    expect(coverageOf(rules({ allowSynced: false }), counts)).to.deep.equal({
      total: 111_111,
      withKey: 10_100,
      withAppOnly: 100_010,
      withoutMethod: 1001,
    });
    expect(coverageOf(rules({}), new Map())).to.deep.equal({
      total: 0,
      withKey: 0,
      withAppOnly: 0,
      withoutMethod: 0,
    });
  });
});
