import { expect } from 'chai';
import type { Account } from '../../src/accounts/account.ts';
import { accountCollection, accountStore } from '../../src/accounts/account-store.ts';
import type { Accounts } from '../../src/accounts/accounts.ts';
import { DomainError } from '../../src/core/errors.ts';
import { randomId } from '../../src/core/random.ts';
import { testDatabase, type TestDatabase } from '../support/database.ts';

const key = (id: string, addedAt = new Date('2026-01-02T00:00:00Z')) =>
  ({ id, kind: 'security-key', addedAt }) as const;

function anAccount(over: Partial<Account> = {}): Account {
  return {
    tenantId: 'northwind',
    accountId: randomId(),
    email: `${randomId()}@northwind.example`,
    name: 'Ana Ribeiro',
    roles: ['agent'],
    state: 'active',
    claims: {},
    password: null,
    methods: [],
    methodCount: 0,
    firstMethodAt: null,
    recovery: null,
    skips: 0,
    lastSkipIn: null,
    validFrom: 0,
    keptSessionUid: null,
    credVersion: 1,
    userHandle: randomId(),
    createdAt: new Date('2026-01-01T00:00:00Z'),
    ...over,
  };
}

describe('the account store', () => {
  let database: TestDatabase;
  let accounts: Accounts;
  before(async () => {
    database = await testDatabase();
    for (const { key: fields, ...options } of accountCollection.indexes) {
      await database.connection.collection(accountCollection.name).createIndex(fields, options);
    }
    accounts = accountStore(database.connection);
  });
  after(() => database.drop());

  async function stored(over: Partial<Account> = {}): Promise<Account> {
    const account = anAccount(over);
    expect(await accounts.insert(account)).to.equal(true);
    return account;
  }

  it('gives back what was put in, by id, by tenant and id, and by any spelling of the email', async () => {
    const account = await stored({ email: 'Ana.Ribeiro@Northwind.example', claims: { locale: 'pt-PT' } });
    const expected = { ...account, email: 'ana.ribeiro@northwind.example' };
    expect(await accounts.findById(account.accountId)).to.deep.equal(expected);
    expect(await accounts.find(account)).to.deep.equal(expected);
    expect(await accounts.findByEmail('northwind', ' ANA.RIBEIRO@northwind.example ')).to.deep.equal(
      expected,
    );
  });

  it('does not give an account to another tenant', async () => {
    const account = await stored();
    expect(await accounts.find({ tenantId: 'harbor-line', accountId: account.accountId })).to.equal(null);
    expect(await accounts.findByEmail('harbor-line', account.email)).to.equal(null);
    expect(await accounts.save({ ...account, tenantId: 'harbor-line' }, { name: 'Mallory' })).to.equal(null);
    expect((await accounts.findById(account.accountId))?.name).to.equal('Ana Ribeiro');
  });

  it('lets one of 50 callers take an email', async () => {
    const email = `${randomId()}@northwind.example`;
    const results = await Promise.all(
      Array.from({ length: 50 }, () => accounts.insert(anAccount({ email }))),
    );
    expect(results.filter(Boolean)).to.have.length(1);
  });

  it('takes the same email in two tenants', async () => {
    const { email } = await stored();
    expect(await accounts.insert(anAccount({ email, tenantId: 'harbor-line' }))).to.equal(true);
  });

  it('lets one of 50 savers win, and tells the others that they were too late', async () => {
    const account = await stored();
    const names = Array.from({ length: 50 }, (_, i) => `Name ${i}`);
    const results = await Promise.all(names.map((name) => accounts.save(account, { name })));
    const winners = results.filter((result) => result !== null);
    expect(winners).to.have.length(1);
    expect(await accounts.find(account)).to.deep.equal(winners[0]);
    expect(winners[0]?.credVersion).to.equal(2);
  });

  it('moves methodCount with the methods, and remembers when the first one ever was added', async () => {
    const account = await stored();
    const two = await accounts.save(account, {
      methods: [key('b'), key('a', new Date('2026-01-01T10:00:00Z'))],
    });
    expect(two).to.include({ methodCount: 2 });
    expect(two?.firstMethodAt).to.deep.equal(new Date('2026-01-01T10:00:00Z'));
    const none = two && (await accounts.save(two, { methods: [] }));
    expect(none).to.include({ methodCount: 0 });
    expect(none?.firstMethodAt).to.deep.equal(new Date('2026-01-01T10:00:00Z'));
  });

  it('counts the methods of a new account itself', async () => {
    const account = await stored({ methods: [key('a')], methodCount: 7 });
    expect(await accounts.find(account)).to.include({ methodCount: 1 });
  });

  it('removes one method only, of two that are removed at the same time', async () => {
    const account = await stored({ methods: [key('a'), key('b')] });
    const results = await Promise.all([
      accounts.save(account, { methods: [key('a')] }),
      accounts.save(account, { methods: [key('b')] }),
    ]);
    expect(results.filter(Boolean)).to.have.length(1);
    expect(await accounts.find(account)).to.include({ methodCount: 1 });
  });

  it('refuses an email that somebody else of the tenant has', async () => {
    const taken = await stored();
    const account = await stored();
    const refusal = await accounts.save(account, { email: taken.email }).then(
      () => null,
      (error: unknown) => error,
    );
    expect(refusal).to.be.instanceOf(DomainError).and.include({ code: 'refused', detail: 'email_taken' });
  });

  it('takes away somebody who is invited, as they were read, and nobody who is not or has a password', async () => {
    const invited = await stored({ state: 'invited' });
    const accepted = await accounts.save(invited, { state: 'active' });
    expect(await accounts.removeInvited(invited), 'accepted meanwhile').to.equal(false);
    expect(accepted && (await accounts.removeInvited(accepted))).to.equal(false);
    const phc = { phc: '$argon2id$x', pepperId: null, changedAt: new Date(0) };
    const withPassword = await stored({ state: 'invited', password: phc });
    expect(await accounts.removeInvited(withPassword)).to.equal(false);
    const other = await stored({ state: 'invited' });
    expect(await accounts.removeInvited({ ...other, tenantId: 'globex' })).to.equal(false);
    for (const { accountId } of [invited, withPassword, other])
      expect(await accounts.findById(accountId)).not.to.equal(null);
    const all = await Promise.all(Array.from({ length: 20 }, () => accounts.removeInvited(other)));
    expect(all.filter(Boolean)).to.have.length(1);
    expect(await accounts.findById(other.accountId)).to.equal(null);
  });

  it('spends a recovery digest for one of 50 callers, and raises no version', async () => {
    const recovery = { salt: 's', pepperId: 'p', digests: ['d1', 'd2', 'd3'], madeAt: new Date(0) };
    const account = await stored({ recovery });
    const spend = () => accounts.spendRecoveryDigest(account, 'd2');
    const results = await Promise.all(Array.from({ length: 50 }, spend));
    expect(results.filter((left) => left !== null)).to.deep.equal([2]);
    const after = await accounts.find(account);
    expect(after?.recovery?.digests).to.deep.equal(['d1', 'd3']);
    expect(after?.credVersion).to.equal(1);
  });

  it('tells "none left" from "not there": 0 is not null', async () => {
    const account = await stored({
      recovery: { salt: 's', pepperId: 'p', digests: ['last'], madeAt: new Date(0) },
    });
    expect(await accounts.spendRecoveryDigest(account, 'last')).to.equal(0);
    expect(await accounts.spendRecoveryDigest(account, 'last')).to.equal(null);
    expect(await accounts.spendRecoveryDigest(await stored(), 'last')).to.equal(null);
  });

  it('does not spend a code of the set before, once there is a new one', async () => {
    const set = (digests: string[]) => ({ salt: 's', pepperId: 'p', digests, madeAt: new Date(0) });
    const account = await stored({ recovery: set(['old']) });
    await accounts.save(account, { recovery: set(['new']) });
    expect(await accounts.spendRecoveryDigest(account, 'old')).to.equal(null);
  });

  it('counts skips up to their limit among 50 callers, one for each sign-in, and raises no version', async () => {
    const account = await stored();
    const skip = (signIn: string) => accounts.countSkip(account, signIn, { most: 3, until: null });
    const results = await Promise.all(Array.from({ length: 50 }, (_, i) => skip(`sign-in ${i}`)));
    expect(results.filter(Boolean)).to.have.length(3);
    expect(await accounts.find(account)).to.include({ skips: 3, credVersion: 1 });

    const other = await stored();
    const again = () => accounts.countSkip(other, 'the same', { most: 3, until: null });
    expect(await Promise.all(Array.from({ length: 50 }, again))).to.not.include(false);
    expect(await accounts.find(other)).to.include({ skips: 1, lastSkipIn: 'the same' });
    expect(await accounts.countSkip(other, 'another', { most: null, until: null })).to.equal(true);
  });

  it('counts no skip once a method was ever set up', async () => {
    const account = await stored();
    await accounts.countSkip(account, 'before', { most: 3, until: null });
    await accounts.save(account, { methods: [key('a')] });
    expect(await accounts.countSkip(account, 'before', { most: 3, until: null })).to.equal(false);
    expect(await accounts.countSkip(account, 'after', { most: null, until: null })).to.equal(false);
  });

  it('upgrades a digest only while the password is the one that was checked', async () => {
    const password = (phc: string) => ({ phc, pepperId: null, changedAt: new Date(0) });
    const account = await stored({ password: password('old') });
    expect(await accounts.upgradePassword(account, 'old', password('new'))).to.equal(true);
    expect(await accounts.upgradePassword(account, 'old', password('stale'))).to.equal(false);
    const after = await accounts.find(account);
    expect(after?.password?.phc).to.equal('new');
    expect(after?.credVersion).to.equal(1);
  });

  it('lists a tenant page by page, each account once, by email', async () => {
    const tenantId = randomId();
    const emails = ['c', 'a', 'e', 'b', 'd'].map((letter) => `${letter}@example.org`);
    for (const email of emails) await stored({ tenantId, email });
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page = await accounts.list(tenantId, { after, limit: 2 });
      seen.push(...page.accounts.map((account) => account.email));
      after = page.next;
    } while (after !== null);
    expect(seen).to.deep.equal([...emails].sort());
  });
});
