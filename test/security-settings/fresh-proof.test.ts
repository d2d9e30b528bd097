import { expect } from 'chai';
import type { Account } from '../../src/accounts/account.ts';
import { freshProofCollection, freshProofStore } from '../../src/security-settings/fresh-proof-store.ts';
import { isFresh, type FreshProof, type FreshProofStore } from '../../src/security-settings/fresh-proof.ts';
import type { Goal } from '../../src/security-settings/goal.ts';
import type { Visit } from '../../src/security-settings/visit.ts';
import { ensureIndexes } from '../../src/storage/indexes.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/tenants/tenant.ts';
import { testDatabase, type TestDatabase } from '../support/database.ts';

const NOW = new Date('2026-11-24T09:12:00Z');
const GOAL: Goal = { kind: 'set-up' };
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);
const who = { tenantId: 'northwind', accountId: 'ana' };

const proof: FreshProof = {
  ...who,
  sessionKey: 's1',
  credVersion: 4,
  method: 'security-key',
  credentialId: 'blue',
  at: NOW,
};
const blue = { id: 'blue', kind: 'security-key', addedAt: NOW } as const;

function visit(account: Partial<Account> = {}, sessionKey = 's1', rules: Partial<Policy> = {}): Visit {
  const usual = { ...who, credVersion: 4, methods: [blue], methodCount: 1 };
  const tenant = { policy: { ...DEFAULT_POLICY, ...rules } };
  return { sessionKey, account: { ...usual, ...account } as Account, tenant } as Visit;
}

describe('a fresh proof', () => {
  it('opens a change for ten minutes, to the second', () => {
    expect(isFresh({ ...proof, at: ago(600) }, visit(), GOAL, NOW)).to.equal(true);
    expect(isFresh({ ...proof, at: ago(601) }, visit(), GOAL, NOW)).to.equal(false);
  });

  for (const [what, asks] of [
    ['another session', visit({}, 's2')],
    ['another person', visit({ accountId: 'ben' })],
    ['the same id in another company', visit({ tenantId: 'southwind' })],
    ['an account that changed since', visit({ credVersion: 5 })],
    ['an account that lists its method no more', visit({ methods: [{ ...blue, id: 'red' }] })],
  ] as const) {
    it(`is nothing to ${what}`, () => {
      expect(isFresh(proof, visit(), GOAL, NOW)).to.equal(true);
      expect(isFresh(proof, asks, GOAL, NOW)).to.equal(false);
    });
  }

  it('is nothing once the tenant forbids what it was given with', () => {
    const onlyApps: Partial<Policy> = { allowedMethods: ['authenticator-app'] };
    const code: FreshProof = { ...proof, method: 'recovery-code', credentialId: null };
    const model = { keys: { allowSynced: true, allowModels: [], denyModels: ['m'] } };
    for (const [given, account, rules] of [
      [proof, {}, onlyApps],
      [proof, { methods: [{ ...blue, model: 'm' }] }, model],
      [code, {}, onlyApps],
    ] as const) {
      expect(isFresh(given, visit(account), GOAL, NOW)).to.equal(true);
      expect(isFresh(given, visit(account, 's1', rules), GOAL, NOW)).to.equal(false);
    }
  });

  it('by password is for people who have nothing else', () => {
    const password: FreshProof = { ...proof, method: 'password', credentialId: null };
    expect(isFresh(password, visit({ methods: [], methodCount: 0 }), GOAL, NOW)).to.equal(true);
    expect(isFresh(password, visit(), GOAL, NOW)).to.equal(false);
  });
});

describe('the store of fresh proofs', () => {
  let database: TestDatabase;
  let store: FreshProofStore;
  const later = new Date(NOW.getTime() + 600_000);

  before(async () => {
    database = await testDatabase();
    await ensureIndexes(database.connection, [freshProofCollection]);
    store = freshProofStore(database.connection);
  });
  after(() => database.drop());

  it('keeps one a session, the latest', async () => {
    await store.put(proof, later);
    await store.put({ ...proof, method: 'authenticator-app' }, later);
    expect((await store.find('s1', NOW))?.method).to.equal('authenticator-app');
    expect(await store.find('s2', NOW)).to.equal(null);
    expect(await store.find('s1', later)).to.equal(null);
  });

  it('gives what was asked to one of 50 who answer at once, and to nobody after its time', async () => {
    const asked = { ...who, method: 'security-key', value: { challenge: 'x' } } as const;
    await Promise.all(Array.from({ length: 10 }, () => store.ask('s3', asked, later)));
    expect(await store.take('s3', 'authenticator-app', NOW)).to.equal(null);
    expect(await store.take('s3', 'security-key', later)).to.equal(null);
    const taken = await Promise.all(Array.from({ length: 50 }, () => store.take('s3', 'security-key', NOW)));
    expect(taken.filter((one) => one !== null)).to.deep.equal([asked]);
  });

  it('carries a proof over its own change alone', async () => {
    await store.put({ ...proof, sessionKey: 's4' }, later);
    await store.carry({ ...proof, sessionKey: 's4', credVersion: 3 }, 9);
    expect((await store.find('s4', NOW))?.credVersion).to.equal(4);
    await store.carry({ ...proof, sessionKey: 's4' }, 5);
    expect((await store.find('s4', NOW))?.credVersion).to.equal(5);
  });

  describe('with a mailed code', () => {
    const code = (sealed: string) => ({ sealed, tries: 0, expiresAt: later });
    const at50 = async (one: () => Promise<boolean>) =>
      (await Promise.all(Array.from({ length: 50 }, one))).filter(Boolean).length;
    const found = async () => {
      const now = await store.find('s1', NOW);
      if (!now) throw new Error('no proof');
      return now;
    };

    it('keeps one of 50 that are sent at once, takes five answers, and is proved once', async () => {
      await store.put(proof, later);
      let count = 0;
      expect(await at50(() => store.putCode(proof, code(`c${(count += 1)}`)))).to.equal(1);
      const { mailedCode } = await found();
      if (!mailedCode) throw new Error('no code');
      expect(await at50(async () => store.countCodeTry(await found(), mailedCode))).to.equal(5);
      expect(await at50(() => store.proveByCode(proof, mailedCode))).to.equal(1);
      expect(await found()).to.include({ mailedCode: null, enrolmentProved: 'email' });
    });

    it('takes it from the proof alone that it was sent for', async () => {
      await store.put(proof, later);
      await store.putCode(proof, code('c'));
      for (const other of [
        { ...proof, at: ago(1) },
        { ...proof, credVersion: 5 },
        { ...proof, sessionKey: 's2' },
        { ...proof, accountId: 'ben' },
      ]) {
        expect(await store.proveByCode(other, code('c'))).to.equal(false);
      }
      expect(await store.proveByCode(proof, code('another'))).to.equal(false);
      await store.put({ ...proof, at: ago(1) }, later);
      expect(await store.proveByCode(proof, code('c'))).to.equal(false);
    });
  });
});
