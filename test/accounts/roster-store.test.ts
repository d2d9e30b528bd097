import { expect } from 'chai';
import type { Account, AccountState } from '../../src/accounts/account.ts';
import { accountCollection, accountStore } from '../../src/accounts/account-store.ts';
import type { Accounts } from '../../src/accounts/accounts.ts';
import type { Roster, RosterFilter } from '../../src/accounts/roster.ts';
import { rosterStore } from '../../src/accounts/roster-store.ts';
import type { EnrollableId } from '../../src/core/method-ids.ts';
import { randomId } from '../../src/core/random.ts';
import { ensureIndexes } from '../../src/storage/indexes.ts';
import { testDatabase, type TestDatabase } from '../support/database.ts';

const AT = new Date('2026-01-02T00:00:00Z');
const methods = (...kinds: EnrollableId[]) => kinds.map((kind) => ({ id: randomId(), kind, addedAt: AT }));

describe('the roster of a tenant', () => {
  let database: TestDatabase;
  let accounts: Accounts;
  let roster: Roster;
  let tenantId: string;

  before(async () => {
    database = await testDatabase();
    await ensureIndexes(database.connection, [accountCollection]);
    accounts = accountStore(database.connection);
    roster = rosterStore(database.connection);
  });
  after(() => database.drop());

  async function add(name: string, kinds: EnrollableId[] = [], state: AccountState = 'active') {
    const account: Account = {
      tenantId,
      accountId: randomId(),
      email: `${name}@northwind.example`,
      name,
      roles: ['agent'],
      state,
      claims: {},
      password: null,
      methods: methods(...kinds),
      methodCount: kinds.length,
      firstMethodAt: null,
      recovery: null,
      skips: 0,
      lastSkipIn: null,
      validFrom: 0,
      keptSessionUid: null,
      credVersion: 1,
      userHandle: randomId(),
      createdAt: AT,
    };
    await accounts.insert(account);
    return account;
  }

  beforeEach(async () => {
    tenantId = `tenant-${randomId()}`;
    await add('ana', ['security-key']);
    await add('ben', ['authenticator-app']);
    await add('cai', ['authenticator-app', 'security-key', 'security-key']);
    await add('dee');
    await add('eva');
    await add('fay', [], 'disabled');
  });

  const names = async (filter: RosterFilter) =>
    (await roster.page(tenantId, filter, { after: null, limit: 50 })).accounts.map(({ name }) => name);

  it('counts the people in use by what they hold', async () => {
    expect([...(await roster.countByKinds(tenantId))]).to.have.deep.members([
      ['', 2],
      ['security-key', 1],
      ['authenticator-app', 1],
      ['security-key security-key authenticator-app', 1],
    ]);
    expect([...(await roster.countByKinds('nowhere'))]).to.deep.equal([]);
  });

  it('knows at once what somebody has set up or taken away', async () => {
    const dee = await accounts.findByEmail(tenantId, 'dee@northwind.example');
    const equipped = dee && (await accounts.save(dee, { methods: methods('security-key') }));
    expect(await names({ state: 'active', kinds: [''] })).to.deep.equal(['eva']);
    if (equipped) await accounts.save(equipped, { methods: [] });
    expect(await names({ state: 'active', kinds: [''] })).to.deep.equal(['dee', 'eva']);
  });

  it('lists and counts by what people hold, by state and by how their email begins', async () => {
    const app = ['authenticator-app', 'security-key security-key authenticator-app'];
    for (const [filter, expected] of [
      [{}, ['ana', 'ben', 'cai', 'dee', 'eva', 'fay']],
      [{ kinds: app }, ['ben', 'cai']],
      [{ state: 'active', kinds: [''] }, ['dee', 'eva']],
      [{ state: 'disabled' }, ['fay']],
      [{ email: 'E' }, ['eva']],
      [{ email: 'dee@northwind.example' }, ['dee']],
      [{ email: 'e.a' }, []],
      [{ kinds: [] }, []],
    ] as const) {
      expect(await names(filter), JSON.stringify(filter)).to.deep.equal(expected);
      expect(await roster.count(tenantId, filter), JSON.stringify(filter)).to.equal(expected.length);
    }
  });

  it('pages by key, so that nobody is told twice and nobody is left out', async () => {
    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const page = await roster.page(tenantId, { email: '' }, { after, limit: 4 });
      seen.push(...page.accounts.map(({ name }) => name));
      after = page.next;
      if (after === null) break;
    }
    expect(seen).to.deep.equal(['ana', 'ben', 'cai', 'dee', 'eva', 'fay']);
  });

  it('pages back the way it came, to a full first page', async () => {
    const at = async (wish: { after?: string | null; before?: string }) => {
      const page = await roster.page(tenantId, { email: '' }, { after: null, limit: 2, ...wish });
      return { ...page, names: page.accounts.map(({ name }) => name) };
    };
    const first = await at({});
    const second = await at({ after: first.next });
    const third = await at({ after: second.next });
    expect([first.previous, third.next]).to.deep.equal([null, null]);
    expect(await at({ before: third.previous ?? '' })).to.deep.equal(second);
    expect(await at({ before: second.previous ?? '' })).to.deep.equal(first);
    expect(await at({ before: 'b' }), 'less than a page before it').to.deep.equal(first);
    const { accounts: none } = await roster.page(
      tenantId,
      { email: 'b' },
      { after: null, before: 'z', limit: 1 },
    );
    expect(
      none.map(({ name }) => name),
      'a place outside of the list',
    ).to.deep.equal(['ben']);
  });

  it('names people by their ids, of this tenant alone', async () => {
    const ana = await accounts.findByEmail(tenantId, 'ana@northwind.example');
    const id = ana?.accountId ?? '';
    expect([...(await roster.named(tenantId, [id, 'gone'])).values()]).to.deep.equal([
      { accountId: id, name: 'ana', email: 'ana@northwind.example' },
    ]);
    expect((await roster.named('nowhere', [id])).size).to.equal(0);
  });

  it('gives what decides whether somebody is signed in, and nothing else', async () => {
    const { people } = await roster.standings(
      tenantId,
      { state: 'active', kinds: [''] },
      {
        after: null,
        limit: 1,
      },
    );
    const dee = await accounts.findByEmail(tenantId, 'dee@northwind.example');
    expect(people).to.deep.equal([
      {
        tenantId,
        accountId: dee?.accountId,
        state: 'active',
        methods: [],
        methodCount: 0,
        firstMethodAt: null,
        skips: 0,
        validFrom: 0,
        keptSessionUid: null,
      },
    ]);
  });

  it('walks through everybody of this tenant in steps, whatever changes on the way', async () => {
    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const { people, next } = await roster.everybody(tenantId, { after, limit: 2 });
      seen.push(...people.map(({ accountId }) => accountId));
      const [first] = people;
      const account = first && (await accounts.find(first));
      if (account) await accounts.save(account, { email: `zz-${account.email}` });
      after = next;
      if (after === null) break;
    }
    expect(new Set(seen).size).to.equal(6);
    expect(seen).to.have.length(6);
  });
});
