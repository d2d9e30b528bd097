import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import { tokenOf } from '../security-settings/owners.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { startConsoles, type Consoles } from './console.ts';

const LOG = '/admin/audit-log';

describe('the audit log page', () => {
  let consoles: Consoles;
  let tenant: string;
  let admin: Person;
  let ana: Person;
  let browser: PageBrowser;
  let count = 0;
  before(async () => void (consoles = await startConsoles()));
  after(() => consoles.close());

  beforeEach(async () => {
    tenant = `logged-${(count += 1)}`;
    await consoles.idp.addTenant(tenant);
    admin = await consoles.inCharge('admin', { keys: [{}] }, tenant);
    ana = await consoles.person({}, tenant);
    browser = await consoles.open(admin, LOG);
  });

  const texts = (selector: string) => {
    const page = browser.page();
    return page(selector)
      .toArray()
      .map((one) => page(one).text().trim());
  };
  const events = () => texts('tbody th a');
  const rows = () => consoles.idp.database.connection.collection('audit_events');
  async function tell(event: 'agent_disabled' | 'agent_enabled', times = 1, subject = ana): Promise<void> {
    for (let i = 0; i < times; i += 1)
      await consoles.stores.operations.audit.record({
        event,
        tenantId: subject.account.tenantId,
        actor: null,
        subject: subject.account,
        result: 'ok',
        details: { client: 'staff-directory', before: { state: 'active' }, list: ['a', 'b'] },
      });
  }
  const check = async () => {
    await browser.open(LOG);
    await browser.submit({}, `form[action="${LOG}/check"]`);
    return {
      ok: browser.page()('#check.ok').length,
      alarm: browser.page()('#check.danger[role=alert]').text(),
    };
  };

  it('tells what happened, newest first, with who it was, and nothing of another company', async () => {
    const stranger = await consoles.person({}, 'northwind');
    await tell('agent_disabled', 1, stranger);
    await tell('agent_disabled');
    await browser.open(LOG);
    expect(events().slice(0, 2)).to.deep.equal(['Agent disabled', 'Signed in']);
    expect(texts('tbody tr:first-child td').slice(0, 2)).to.deep.equal([
      'App: staff-directory',
      ana.account.name,
    ]);
    expect(browser.html).not.to.include(stranger.account.name);
  });

  it('tells that Stile itself added an app from a file, not that the app did', async () => {
    await consoles.stores.operations.audit.record({
      event: 'client_added',
      tenantId: tenant,
      actor: null,
      subject: null,
      result: 'ok',
      details: { by: 'provisioning', client: 'roster' },
    });
    await browser.open(LOG);
    expect(texts('tbody tr:first-child td')[0]).to.equal('System');
  });

  it('is narrowed by what stands in the address: event, person and days', async () => {
    await tell('agent_disabled', 2);
    await tell('agent_enabled');
    const at = async (query: string) => (await browser.open(`${LOG}?${query}`), events());
    expect(await at('event=agent_disabled')).to.deep.equal(['Agent disabled', 'Agent disabled']);
    expect(browser.page()('option[selected]').attr('value')).to.equal('agent_disabled');
    const all = ['Agent enabled', 'Agent disabled', 'Agent disabled'];
    expect(await at(`person=${encodeURIComponent(ana.account.email.toUpperCase())}`)).to.deep.equal(all);
    expect(await at(`person=${ana.account.accountId}`)).to.deep.equal(all);
    expect(await at('person=nobody%40logged.example')).to.deep.equal([]);
    expect(browser.page()('main').text()).to.include('No events match.');
    const [row] = await rows().find({ tenantId: tenant, event: 'agent_enabled' }).toArray();
    const day = (row?.at as Date).toISOString().slice(0, 10);
    expect(await at(`event=agent_enabled&from=${day}&to=${day}`)).to.deep.equal(['Agent enabled']);
    expect(await at(`event=agent_enabled&to=2020-01-01`)).to.deep.equal([]);
    expect(await at(`event=agent_enabled&from=2120-01-01`)).to.deep.equal([]);
    expect(await at('event=nonsense&from=x&to=2026-02-31&after=$ne&person=')).to.include('Agent enabled');
    expect((await browser.open(`${LOG}?event=a&event=b&from=1&from=2`)).status).to.equal(200);
  });

  it('pages to the oldest and back, and tells each event once', async () => {
    await tell('agent_disabled', 103);
    const follow = (rel: string) => browser.open(browser.page()(`.pager a[rel=${rel}]`).attr('href') ?? '');
    const numbers = () =>
      browser
        .page()('tbody th a')
        .toArray()
        .map((link) => Number(link.attribs.href?.split('/').at(-1)));
    await browser.open(`${LOG}?event=agent_disabled`);
    const pages = [numbers()];
    for (; browser.page()('.pager a[rel=next]').length > 0; pages.push(numbers())) await follow('next');
    expect(pages.map(({ length }) => length)).to.deep.equal([50, 50, 3]);
    expect(new Set(pages.flat()).size).to.equal(103);
    for (const page of pages.slice(0, 2).reverse()) {
      await follow('prev');
      expect(numbers()).to.deep.equal(page);
    }
    expect(browser.page()('.pager a[rel=prev]').length).to.equal(0);
  });

  it('shows one event with everything that is known of it, and none of another number', async () => {
    await tell('agent_disabled');
    await browser.open(`${LOG}?event=agent_disabled`);
    const href = browser.page()('tbody th a').attr('href') ?? '';
    await browser.open(href);
    expect(browser.heading()).to.equal('Agent disabled');
    expect(texts('.pairs dt')).to.include.members(['before.state', 'list']);
    expect(texts('.pairs dd')).to.include.members(['active', 'a, b']);
    for (const path of ['0', '999999', '-1', 'x', '1e3', '%00']) {
      await browser.open(`${LOG}/${path}`);
      expect(browser.status, path).to.be.oneOf([400, 404]);
    }
  });

  it('says that the log is whole, and raises the alarm when it is not', async () => {
    await tell('agent_disabled', 3);
    expect(await check()).to.deep.include({ ok: 1 });
    const last = await rows().findOne({ tenantId: tenant }, { sort: { seq: -1 } });
    const marks = consoles.idp.database.connection.collection<{ _id: string; headSeq: number }>(
      'audit_marks',
    );
    // The mark of the last event follows in a moment; what lies behind it can only be put in.
    for (let tries = 0; tries < 200; tries += 1) {
      if ((await marks.findOne({ _id: tenant }))?.headSeq === last?.seq) break;
      await setTimeout(50);
    }
    const which = { tenantId: tenant, seq: Number(last?.seq) - 1 };
    const genuine = await rows().findOne(which);
    await rows().updateOne(which, { $set: { event: 'agent_enabled' } });
    expect((await check()).alarm).to.include(`Event ${which.seq} is not as it was written.`);
    expect(browser.page()('title').text()).to.match(/^Error: /);
    await rows().deleteOne(which);
    expect((await check()).alarm).to.include(`Event ${which.seq} is missing.`);
    if (genuine) await rows().insertOne(genuine);
    expect(await check()).to.deep.equal({ ok: 1, alarm: '' });
    await marks.updateOne({ _id: tenant }, { $set: { 'head.mac': 'x' } });
    expect((await check()).alarm).to.include('The seals at the two ends');
    await browser.open(LOG);
    await browser.post(`${LOG}/check`, { _csrf: `${tokenOf(browser)}x` });
    expect(browser.status).to.equal(403);
  });

  it('is taken away as a file of what the address says, which is recorded', async () => {
    await tell('agent_disabled', 2);
    await browser.open(`${LOG}.csv?event=agent_disabled`);
    expect(browser.headers.get('content-disposition')).to.equal(
      `attachment; filename="${tenant}-audit-log.csv"`,
    );
    expect(browser.headers.get('cache-control')).to.equal('no-store');
    const lines = parse<Record<string, string>>(browser.html, { columns: true, bom: true });
    expect(lines.map(({ event }) => event)).to.deep.equal(['agent_disabled', 'agent_disabled']);
    expect(lines[0]?.subject).to.equal(ana.account.accountId);
    await browser.open(`${LOG}.ndjson?person=${ana.account.accountId}`);
    expect(
      browser.html
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { event: string }).event),
    ).to.deep.equal(['agent_disabled', 'agent_disabled']);
    await browser.open(`${LOG}.ndjson?person=no%40no.example`);
    expect([browser.status, browser.html]).to.deep.equal([200, '']);
    await browser.open(`${LOG}?event=audit_exported`);
    expect(events().length).to.equal(3);
    expect(texts('tbody tr:first-child td')[0]).to.equal(admin.account.name);
    expect((await consoles.told(admin, 'audit_exported')).length).to.equal(3);
  });
});

describe('the list of agents', () => {
  let consoles: Consoles;
  let browser: PageBrowser;
  const NASTY = '=HYPERLINK("http://evil.example","me")';
  before(async () => {
    consoles = await startConsoles();
    await consoles.idp.addTenant('listed');
    const admin = await consoles.inCharge('admin', { keys: [{}] }, 'listed');
    browser = await consoles.open(admin, '/admin/agents');
    const ana = await consoles.idp.addPerson('ana@listed.example', {});
    await consoles.stores.accounts.save(ana.account, { name: NASTY });
    await consoles.signIn(ana);
    await consoles.idp.addPerson('ben@listed.example', { app: true });
  });
  after(() => consoles.close());

  it('tells when somebody last signed in', async () => {
    await browser.open('/admin/agents?q=a');
    const page = browser.page();
    const when = page('tbody tr td.when')
      .toArray()
      .map((cell) => page(cell).find('time').length);
    expect(when).to.deep.equal([1, 1]);
    await browser.open('/admin/agents?q=ben');
    expect(browser.page()('tbody tr td.when').text()).to.equal('None in a year');
  });

  it('is taken away as a file in which no name is a formula, and that is recorded', async () => {
    await browser.open('/admin/agents?has=none');
    const href = browser.page()('a[download]').attr('href') ?? '';
    expect(href).to.equal('/admin/agents.csv?has=none');
    await browser.open(href);
    expect(browser.html).to.not.match(/(^|[,"\n])=/m);
    const lines = parse<Record<string, string>>(browser.html, { columns: true, bom: true });
    expect(lines.map(({ email, name, two_factor }) => [email, name, two_factor])).to.deep.equal([
      ['ana@listed.example', `'${NASTY}`, 'none'],
    ]);
    await browser.open('/admin/agents.csv');
    expect(parse<Record<string, string>>(browser.html, { columns: true, bom: true })).to.have.length(3);
    await browser.open(`${LOG}?event=agents_exported`);
    expect(browser.page()('tbody tr').length).to.equal(2);
  });
});
