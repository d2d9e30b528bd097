import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import type { Account } from '../../src/accounts/account.ts';
import { tokenOf, wayOf } from '../security-settings/owners.ts';
import type { Person } from '../support/idp.ts';
import { seedAgents } from '../support/many-agents.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { startConsoles, type Consoles } from './console.ts';

const HERE = '/admin/selected-agents';

describe('something done to everybody of a list', () => {
  let consoles: Consoles;
  let tenant: string;
  let admin: Person;
  let browser: PageBrowser;
  let count = 0;
  before(async () => (consoles = await startConsoles()));
  after(() => consoles.close());
  beforeEach(async () => {
    tenant = `whole-${(count += 1)}`;
    await consoles.idp.addTenant(tenant);
    await seedAgents(consoles.idp.database.connection, tenant, 70);
    admin = await consoles.inCharge('admin', { keys: [{}] }, tenant);
    browser = await consoles.open(admin);
  });

  const text = (selector: string) => browser.page()(selector).text().replaceAll(/\s+/g, ' ').trim();
  const ask = (deed: string, query = '') =>
    consoles.confirm(browser, admin, `${HERE}/${deed}?all=yes&${query}`);
  const inState = (state: 'active' | 'disabled') => consoles.stores.roster.count(tenant, { state });
  const events = async (name: 'agent_disabled' | 'agent_signed_out') => {
    const { records } = await consoles.stores.operations.search.list(
      tenant,
      { events: [name] },
      { limit: 200 },
    );
    return records.map(({ subject }) => subject?.accountId ?? '');
  };
  async function finished(): Promise<void> {
    for (let i = 0; i < 200 && browser.heading() === 'This is being done'; i += 1) {
      await setTimeout(50);
      await browser.open(browser.url.pathname);
    }
  }

  it('is said in words in the list, with its number and by its filter', async () => {
    await browser.open('/admin/agents');
    expect(text('label.check')).to.include('All 71 agents').and.not.include('filter');
    await browser.open('/admin/agents?has=none&state=active');
    const total = text('.pager .num').split(' of ')[1] ?? '';
    expect(text('label.check')).to.include(`All ${total} agents in this filter`);
    const fields = browser.page()('form[data-bulk] input[type=hidden]');
    expect(fields.map((_, one) => browser.page()(one).attr('name')).get()).to.deep.equal(['has', 'state']);
  });

  it('asks for number and proof, is done behind the request, once to each, and tells what became of it', async () => {
    const active = await inState('active');
    await browser.open(`${HERE}/disable?all=yes&state=active`);
    expect(wayOf(browser)).to.equal('security-key');
    await ask('disable', 'state=active');
    expect(browser.heading()).to.equal(`Disable ${active - 1} accounts?`);
    expect(browser.page()('form.panel .rows li').length).to.equal(20);
    expect(text('form.panel')).to.include(`${active - 21} more are in it.`);
    await browser.submit({ count: String(active) });
    expect(browser.status).to.equal(422);
    const once = browser.page()('input[name=once]').val() as string;
    const fields = {
      all: 'yes',
      state: 'active',
      once,
      shown: String(active - 1),
      count: String(active - 1),
    };
    const form = { _csrf: tokenOf(browser), ...fields };
    await browser.post(`${HERE}/disable`, form);
    const report = browser.url.pathname;
    expect(report).to.match(/^\/admin\/selected-agents\/runs\/[\w-]{43}$/);
    await finished();
    expect(browser.heading()).to.equal(`${active - 1} accounts were disabled`);
    expect(await inState('active'), 'who did it stays').to.equal(1);
    const told = await events('agent_disabled');
    expect(told.length).to.equal(active - 1);
    expect(new Set(told).size).to.equal(active - 1);

    const second = await consoles.open(await consoles.inCharge('admin', { keys: [{}] }, tenant));
    expect((await second.open(report)).status, 'somebody else’s report').to.equal(404);
  });

  it('is one change of the hour, however many they are; a form that is sent twice begins one', async () => {
    for (let made = 0; made < 97; made += 1) await consoles.idp.app.admin.countChange(admin.account);
    await ask('sign-out', 'has=key');
    const shown = browser.page()('input[name=shown]').val() as string;
    const once = browser.page()('input[name=once]').val() as string;
    const form = { _csrf: tokenOf(browser), all: 'yes', has: 'key', once, shown, count: shown };
    await browser.post(`${HERE}/sign-out`, form);
    await finished();
    await browser.post(`${HERE}/sign-out`, form);
    expect(browser.heading()).to.equal(`${shown} agents were signed out`);
    expect((await events('agent_signed_out')).length).to.equal(Number(shown));
  });

  it('comes back with the new number when it changed while it was read, and does nothing', async () => {
    await ask('disable', 'has=none&state=active');
    const shown = Number(browser.page()('input[name=shown]').val());
    await consoles.person({}, tenant);
    await browser.submit({ count: String(shown) });
    expect([browser.status, text('.alert').includes(`It is now ${shown + 1}.`)]).to.deep.equal([409, true]);
    expect(await events('agent_disabled')).to.deep.equal([]);
  });

  it('is no more than an hour allows of resets, and says so', async () => {
    await seedAgents(consoles.idp.database.connection, `${tenant}-big`, 220);
    await consoles.idp.addTenant(`${tenant}-big`);
    const boss = await consoles.inCharge('admin', { keys: [{}] }, `${tenant}-big`);
    browser = await consoles.open(boss);
    await consoles.confirm(browser, boss, `${HERE}/reset?all=yes`);
    expect(browser.heading()).to.equal('These are too many at once');
    expect(text('main header p')).to.include('can reset 100 agents in an hour');
    expect(browser.page()('form.panel').length).to.equal(0);
    await consoles.confirm(browser, boss, `${HERE}/reset?all=yes&q=agent-0000`);
    const shown = browser.page()('input[name=shown]').val() as string;
    await browser.submit({ count: shown, reason: 'New keys for all' });
    await finished();
    expect(browser.heading()).to.equal(`${shown} resets were asked for`);
    expect((await consoles.stores.resets.waiting(`${tenant}-big`, new Date(0))).length).to.equal(
      Number(shown),
    );
  });

  it('stops when who began it may not any more, and goes on after a crash where it was', async () => {
    const { bulkRuns, agents } = consoles.idp.app.admin;
    const { store, by } = { store: consoles.stores.bulkRuns, by: { reference: 'r', source: 's' } };
    const occasion = { editor: { kind: 'person', who: admin.account }, ...by } as const;
    async function disabled(): Promise<Account> {
      const { account } = await consoles.person({}, tenant);
      return agents.change(account, { state: 'disabled' }, occasion);
    }
    const [first, second] = [await disabled(), await disabled()];
    // As a process leaves it that dies between doing something and noting it: taken up, done, not noted.
    const run = {
      tenantId: tenant,
      accountId: admin.account.accountId,
      runId: 'r'.repeat(43),
      deed: 'enable',
    } as const;
    const more = { reason: null, state: 'running', parts: 1, total: 2, ...by } as const;
    const part = { runId: run.runId, at: 0, accountIds: [first.accountId, second.accountId] };
    const taken = { ...part, came: 1, takenAt: new Date(), outcomes: {} };
    await store.insert({ ...run, ...more, expiresAt: new Date(Date.now() + 1e9) }, [taken]);
    await agents.change(first, { state: 'active' }, occasion);
    await bulkRuns.step({ runId: run.runId, at: 0 });
    const told = await consoles.stores.operations.search.list(
      tenant,
      { events: ['agent_enabled'] },
      { limit: 9 },
    );
    expect(told.records.map(({ subject }) => subject?.accountId).sort()).to.deep.equal(
      [first.accountId, second.accountId].sort(),
    );
    expect(
      (await bulkRuns.report(admin.account, run.runId)).came.map(({ outcome }) => outcome),
    ).to.deep.equal(['done', 'done']);

    const out = { ...run, runId: 'o'.repeat(43), deed: 'sign-out' as const };
    await store.insert({ ...out, ...more, expiresAt: new Date(Date.now() + 1e9) }, [
      { ...part, runId: out.runId, came: 0, takenAt: null, outcomes: {} },
    ]);
    await Promise.all([1, 2, 3, 4].map(() => bulkRuns.step({ runId: out.runId, at: 0 })));
    expect((await events('agent_signed_out')).sort()).to.deep.equal(
      [first.accountId, second.accountId].sort(),
    );

    const late = { ...run, runId: 's'.repeat(43), deed: 'disable' as const };
    const untaken = { ...part, runId: late.runId, came: 0, takenAt: null, outcomes: {} };
    await store.insert({ ...late, ...more, expiresAt: new Date(Date.now() + 1e9) }, [untaken]);
    await consoles.stores.accounts.save(await consoles.now(admin), { roles: ['agent'] });
    await Promise.all([1, 2, 3].map(() => bulkRuns.step({ runId: late.runId, at: 0 })));
    const { came } = await bulkRuns.report(admin.account, late.runId);
    expect(came.map(({ outcome }) => outcome)).to.deep.equal(['role', 'role']);
  });
});
