import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import mongoose from 'mongoose';
import type { Account } from '../../src/accounts/account.ts';
import { collections } from '../../src/stores.ts';
import { appOf } from '../support/bare-browser.ts';
import { sharedEngine } from '../support/database.ts';
import { startIdp, type Idp, type Person } from '../support/idp.ts';
import { seedAgents, seedSessions } from '../support/many-agents.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { indexMissing, recordQueries, type Query } from '../support/query-shapes.ts';
import { walk } from '../support/walk.ts';

const TENANT = 'big';
const PEOPLE = 10_000;
const SECRET = 'a secret of this test, long enough';

describe('a tenant of ten thousand', function () {
  this.timeout(60_000);
  let idp: Idp;
  let boss: Person;
  let queries: Query[];
  let browser: PageBrowser;
  let token: string;
  let agents: Account[];
  const emails = (test: (one: Account) => boolean = () => true) =>
    [...agents, boss.account]
      .filter(test)
      .map(({ email }) => email)
      .sort();
  const inUse = ({ email, state }: Account, begin: string) => state === 'active' && email.startsWith(begin);
  const isOf = ({ email, team, methods }: Account, name: string, begin: string) =>
    team === name && email.startsWith(begin) && methods.some(({ kind }) => kind === 'security-key');
  /** Whose session counts, of those that `seedSessions` stores. */
  const live = ({ email, state }: Account) => state === 'active' && Number(email.slice(6, 11)) % 4 === 1;
  const without = ({ methodCount, state }: Account) => methodCount === 0 && state === 'active';

  before(async () => {
    const { uri } = await sharedEngine();
    const name = `stile_test_${randomBytes(6).toString('hex')}`;
    const connection = await mongoose
      .createConnection(uri, { dbName: name, monitorCommands: true, bufferCommands: false })
      .asPromise();
    async function drop() {
      await connection.dropDatabase();
      await connection.close();
    }
    idp = await startIdp({ database: { uri, name, connection, drop } });
    await idp.addTenant(TENANT);
    agents = await seedAgents(connection, TENANT, PEOPLE);
    await seedSessions(
      connection,
      agents.filter((_, i) => i % 4 === 1),
    );
    boss = await idp.addPerson(`boss@${TENANT}.example`, { keys: [{}] });
    const account = await idp.app.stores.accounts.save(boss.account, { roles: ['admin'] });
    if (!account) throw new Error('changed meanwhile');
    boss = { ...boss, account };
    const scope = 'agents:read agents:write policy:read policy:write';
    await idp.addClient({
      client_id: 'machine',
      client_secret: SECRET,
      tenant: TENANT,
      redirect_uris: [],
      grant_types: ['client_credentials'],
      scope,
    });
    queries = recordQueries(connection);
    browser = await idp.browser().open('/admin/agents');
    await walk(browser, boss, { appCode: () => idp.appCode() });
    const machine = appOf(idp, { clientId: 'machine', redirectUri: 'https://x.example', secret: SECRET });
    const answer = await machine.post('/token', { grant_type: 'client_credentials', scope });
    ({ access_token: token } = (await answer.json()) as { access_token: string });
  });
  after(() => idp.close());

  async function call(method: string, path: string, body?: unknown) {
    const response = await fetch(`${idp.base}/api/v1/tenants/${TENANT}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
  const shown = () => {
    const page = browser.page();
    return page('tbody th .sub')
      .toArray()
      .map((one) => page(one).text());
  };
  const follow = (rel: string) => browser.open(browser.page()(`.pager a[rel=${rel}]`).attr('href') ?? '');
  const has = (rel: string) => browser.page()(`.pager a[rel=${rel}]`).length > 0;

  it('is listed page by page, everybody once', async () => {
    const seen: string[] = [];
    let after = '';
    do {
      const { body } = await call('GET', `/agents?limit=200${after === '' ? '' : `&after=${after}`}`);
      seen.push(...(body.agents as { email: string }[]).map(({ email }) => email));
      after = encodeURIComponent((body.next as string | null) ?? '');
    } while (after !== '');
    expect(seen).to.deep.equal(emails());
  });

  it('is paged in the console to the end and back, by every filter', async () => {
    const few = ({ recovery }: Account) => (recovery?.digests.length ?? 0) <= 3;
    for (const [query, test] of [
      ['state=invited', ({ state }: Account) => state === 'invited'],
      ['state=disabled&has=none', (one: Account) => one.state === 'disabled' && one.methodCount === 0],
      [
        'q=agent-09&has=key',
        ({ email, methods }: Account) =>
          email.startsWith('agent-09') && methods.some(({ kind }) => kind === 'security-key'),
      ],
      [
        'q=agent-0999&state=active',
        ({ email, state }: Account) => email.startsWith('agent-0999') && state === 'active',
      ],
      ['team=Team+3&state=disabled', (one: Account) => one.team === 'Team 3' && one.state === 'disabled'],
      ['team=Team+3&q=agent-08', (one: Account) => one.team === 'Team 3' && one.email.startsWith('agent-08')],
      ['role=admin', ({ roles }: Account) => roles.includes('admin')],
      ['role=agent&team=Team+1&has=key&q=agent-01', (one: Account) => isOf(one, 'Team 1', 'agent-01')],
      ['care=one-method&q=agent-03', (one: Account) => inUse(one, 'agent-03') && one.methodCount === 1],
      [
        'care=codes-low&q=agent-02',
        (one: Account) => inUse(one, 'agent-02') && one.methodCount > 0 && few(one),
      ],
      [
        'care=codes-low&state=disabled',
        (one: Account) => one.state === 'disabled' && one.methodCount > 0 && few(one),
      ],
      ['live=now&team=Team+2&has=key', (one: Account) => live(one) && isOf(one, 'Team 2', 'agent-')],
      ['live=now&state=active&q=agent-00', (one: Account) => live(one) && inUse(one, 'agent-00')],
    ] as const) {
      await browser.open(`/admin/agents?${query}`);
      const pages = [shown()];
      for (; has('next'); pages.push(shown())) await follow('next');
      expect(pages.flat(), query).to.deep.equal(emails(test));
      const total = emails(test).length.toLocaleString('en');
      expect(browser.page()('.pager .num').text(), query).to.match(new RegExp(`-${total} of ${total}$`));
      for (const page of pages.slice(0, -1).reverse()) {
        await follow('prev');
        expect(shown(), query).to.deep.equal(page);
      }
      expect(has('prev')).to.equal(false);
    }
  });

  it('tells what there is to do, and who waits for a reset', async () => {
    await browser.open('/admin');
    expect(browser.page()('a[href*="care="]').length).to.equal(2);
    await browser.open('/admin/agents?care=reset');
    expect(shown()).to.deep.equal([]);
  });

  it('is found by how an email begins', async () => {
    for (const begin of [
      'agent-0123',
      'AGENT-09999',
      'boss',
      'agent-1',
      'zed',
      '.*',
      'agent-00000@big.example',
    ]) {
      await browser.open(`/admin/agents?q=${encodeURIComponent(begin)}`);
      const expected = emails(({ email }) => email.startsWith(begin.toLowerCase()));
      expect(shown(), begin).to.deep.equal(expected.slice(0, 50));
    }
  });

  it('is taken away as a file with everybody in it', async () => {
    await browser.open('/admin/agents.csv');
    const lines = parse<Record<string, string>>(browser.html, { columns: true, bom: true });
    expect(lines.map(({ email }) => email)).to.deep.equal(emails());
    expect(new Set(lines.map(({ id }) => id)).size).to.equal(PEOPLE + 1);
    expect(
      lines.filter(({ two_factor, state }) => two_factor === 'none' && state === 'active').length,
    ).to.equal(emails(without).length);
    expect(
      lines.filter(({ last_sign_in_at }) => last_sign_in_at !== '').map(({ email }) => email),
    ).to.deep.equal([boss.account.email]);
  });

  it('is told beforehand whom a policy signs out, and is signed out so', async () => {
    const affected = emails(without);
    const active = agents.filter(({ state }) => state === 'active');
    const key = ({ methods }: Account) => methods.some(({ kind }) => kind === 'security-key');
    const { body: preview } = await call('POST', '/policy/preview', { secondFactor: 'required' });
    expect(preview).to.include({
      total: active.length + 1,
      withKey: active.filter(key).length + 1,
      withAppOnly: active.filter((one) => one.methodCount > 0 && !key(one)).length,
      withoutMethod: affected.length,
      signedOut: affected.length,
      signedInWithoutMethod: 0,
    });
    const named: string[] = [];
    for (let after: string | null = ''; after !== null;) {
      const at = after === '' ? '' : `&after=${encodeURIComponent(after)}`;
      const { body } = await call('POST', `/policy/preview?limit=200${at}`, { secondFactor: 'required' });
      named.push(...(body.agents as { email: string }[]).map(({ email }) => email));
      after = body.next as string | null;
    }
    expect(named).to.deep.equal(affected);
    const wrong = { secondFactor: 'required', confirmSignedOut: affected.length + 1 };
    expect((await call('PUT', '/policy', wrong)).body).to.include({
      status: 409,
      signedOut: affected.length,
    });
    const right = { ...wrong, confirmSignedOut: affected.length };
    expect((await call('PUT', '/policy', right)).body).to.include({ secondFactor: 'required' });
  });

  it('is told beforehand whom narrower methods leave without one', async () => {
    const has = ({ methods }: Account, wanted: string) => methods.some(({ kind }) => kind === wanted);
    const left = emails(
      (one) => one.state === 'active' && has(one, 'authenticator-app') && !has(one, 'security-key'),
    );
    const keysOnly = { allowedMethods: ['security-key'], keys: { allowSynced: false } };
    const path = '/policy/preview?holding=left-without&limit=200';
    const { body } = await call('POST', path, keysOnly);
    expect(body).to.include({ leftWithout: left.length, signedOut: left.length });
    expect((body.agents as { email: string }[]).map(({ email }) => email)).to.deep.equal(left.slice(0, 200));
  });

  it('has people whose roles and state change, one by one', async () => {
    const path = `/agents/${agents[777]?.accountId ?? ''}`;
    expect((await call('PATCH', path, { roles: ['lead'], state: 'disabled' })).body).to.include({
      state: 'disabled',
    });
    expect((await call('GET', `${path}/sessions`)).body).to.deep.equal({ sessions: [] });
    const { accounts } = idp.app.stores;
    const { account } = await idp.addPerson(`vice@${TENANT}.example`, { app: true });
    const vice = await accounts.save(account, { roles: ['admin'] });
    if (!vice) throw new Error('changed meanwhile');
    const editor = { kind: 'person', who: boss.account } as const;
    const occasion = { editor, reference: 'ref', source: '127.0.0.0/24' };
    expect((await idp.app.admin.agents.change(vice, { roles: ['agent'] }, occasion)).roles).to.deep.equal([
      'agent',
    ]);
  });

  it('has a log that is searched by everything that narrows it', async () => {
    const tell = (i: number) =>
      idp.app.stores.operations.audit.record({
        event: 'agent_changed',
        tenantId: TENANT,
        actor: boss.account,
        subject: agents[i] ?? null,
        result: 'ok',
      });
    for (let i = 0; i < 60; i += 1) await tell(i);
    const today = new Date().toISOString().slice(0, 10);
    const person = encodeURIComponent(boss.account.email);
    for (const query of [
      '',
      'event=agent_changed',
      `person=${person}`,
      `event=agent_changed&person=${person}`,
      `from=${today}`,
      `from=2020-01-01&to=2120-01-01&event=agent_changed`,
    ]) {
      await browser.open(`/admin/audit-log?${query}`);
      expect(browser.page()('tbody tr').length, query).to.equal(50);
      await follow('next');
      expect(browser.page()('tbody tr').length, query).to.be.greaterThan(0);
      await follow('prev');
      expect(browser.page()('tbody tr').length, query).to.equal(50);
    }
    await browser.open('/admin/audit-log.ndjson?event=agent_changed');
    expect(browser.html.trimEnd().split('\n').length).to.equal(60);
    await browser.open('/admin/audit-log/1');
    await browser.open('/admin/audit-log');
    await browser.submit({}, 'form[action$="/check"]');
    expect(browser.page()('#check.ok').length).to.equal(1);
  });

  it('needs no look at everybody for any of this: each query has an index that finds and sorts', async () => {
    await idp.app.stores.operations.sweepMails();
    const missing = (specs = collections) =>
      [...new Set(queries.map((query) => indexMissing(query, specs)))].filter((fault) => fault !== null);
    expect(missing()).to.deep.equal([]);

    // And each of the indexes that this stands on is missed when it is not there.
    for (const [name, ...key] of [
      ['accounts', 'tenantId', 'email'],
      ['accounts', 'tenantId', 'state', 'kinds', 'email'],
      ['accounts', 'tenantId', 'roles', 'email'],
      ['accounts', 'tenantId', 'team', 'email'],
      ['accounts', 'tenantId', 'state', 'codesLeft', 'kinds', 'email'],
      ['audit_events', 'tenantId', 'seq'],
      ['audit_events', 'tenantId', 'at', 'seq'],
      ['audit_events', 'tenantId', 'event', 'at', 'seq'],
      ['audit_events', 'tenantId', 'accounts', 'at', 'seq'],
    ] as const) {
      const dropped = collections.map((spec) => ({
        ...spec,
        indexes: spec.indexes.filter(
          (index) => spec.name !== name || Object.keys(index.key).join() !== key.join(),
        ),
      }));
      expect(missing(dropped), `${name} ${key.join()}`).to.not.deep.equal([]);
    }
  });
});
