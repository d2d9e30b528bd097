import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import type { Account } from '../../src/accounts/account.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { startConsoles, type Consoles } from './console.ts';

describe('the list of agents, narrowed', () => {
  let consoles: Consoles;
  let tenant: string;
  let admin: Person;
  let browser: PageBrowser;
  let ana: Person;
  let ben: Person;
  let count = 0;
  before(async () => (consoles = await startConsoles()));
  after(() => consoles.close());
  beforeEach(async () => {
    tenant = `narrow-${(count += 1)}`;
    await consoles.idp.addTenant(tenant);
    admin = await consoles.inCharge('admin', { keys: [{}] }, tenant);
    browser = await consoles.open(admin);
    [ana, ben] = [await consoles.person({ app: true }, tenant), await consoles.person({}, tenant)];
  });

  async function save(person: Person, changes: Partial<Account>): Promise<void> {
    const saved = await consoles.stores.accounts.save(await consoles.now(person), changes);
    if (!saved) throw new Error('changed meanwhile');
  }
  const emails = (...people: Person[]) => people.map(({ account }) => account.email).sort();
  /** Whom the list shows, as its number says. */
  async function shown(query: string): Promise<string[]> {
    await browser.open(`/admin/agents?${query}`);
    const page = browser.page();
    const found = page('tbody th .sub')
      .toArray()
      .map((one) => page(one).text());
    if (found.length > 0) expect(page('.pager .num').text()).to.match(new RegExp(` of ${found.length}$`));
    return found.sort();
  }

  it('shows who is signed in now, and no longer once that is over', async () => {
    await consoles.idp.addTenant(`${tenant}-other`);
    await consoles.signIn(await consoles.person({}, `${tenant}-other`));
    const hers = await consoles.signIn(ana);
    await consoles.signIn(ben);
    expect(await shown('live=now')).to.deep.equal(emails(admin, ana, ben));
    await hers.open('/logout');
    await hers.submit({ logout: 'yes' });
    expect(await shown('live=now')).to.deep.equal(emails(admin, ben));
    await consoles.idp.app.admin.agents.change(
      await consoles.now(ben),
      { state: 'disabled' },
      { editor: { kind: 'person', who: admin.account }, reference: 'r', source: 's' },
    );
    expect(await shown('live=now')).to.deep.equal(emails(admin));
  });

  it('does not show as signed in whom the policy has signed out, whatever is still stored', async () => {
    await consoles.signIn(ben);
    const now = await consoles.stores.tenants.findFresh(tenant);
    if (now) await consoles.stores.tenants.savePolicy(now, { ...now.policy, secondFactor: 'required' });
    expect(await shown('live=now')).to.deep.equal(emails(admin));
    expect(await shown('live=now&has=none')).to.deep.equal([]);
  });

  it('is narrowed by team and role, together with all else', async () => {
    await save(ana, { team: 'Night & day' });
    await save(ben, { team: 'Sales', roles: ['agent', 'lead'] });
    await consoles.signIn(ana);
    expect(await shown('team=Night+%26+day')).to.deep.equal(emails(ana));
    expect(await shown('role=lead')).to.deep.equal(emails(ben));
    expect(await shown('role=agent')).to.deep.equal(emails(ana, ben));
    expect(
      await shown('team=Night+%26+day&live=now&has=app-only&state=active&role=agent&q=owner'),
    ).to.deep.equal(emails(ana));
    expect(await shown('team=Sales&live=now')).to.deep.equal([]);
    expect(
      browser
        .page()('#team option')
        .map((_, one) => browser.page()(one).text())
        .get(),
    ).to.deep.equal(['Any', 'Night & day', 'Sales']);
    const kept = browser.page()('form[role=search] [name]');
    expect(
      kept.map((_, one) => [[browser.page()(one).attr('name'), browser.page()(one).val() ?? '']]).get(),
    ).to.deep.equal([
      ['q', ''],
      ['team', 'Sales'],
      ['live', 'now'],
    ]);
  });

  it('is the same list as a file, with the team, which no spreadsheet runs', async () => {
    await save(ana, { team: '=1+1' });
    await save(ben, { team: 'Sales' });
    await browser.open('/admin/agents.csv?team=%3D1%2B1');
    const lines = parse<Record<string, string>>(browser.html, { columns: true, bom: true });
    expect(lines.map(({ email, team }) => [email, team])).to.deep.equal([[ana.account.email, "'=1+1"]]);
  });

  it('shows who has one method only, by what the policy allows', async () => {
    const cara = await consoles.person({ keys: [{}, {}] }, tenant);
    const dele = await consoles.person({ keys: [{}], app: true }, tenant);
    expect(await shown('care=one-method')).to.deep.equal(emails(admin, ana));
    const now = await consoles.stores.tenants.findFresh(tenant);
    if (now)
      await consoles.stores.tenants.savePolicy(now, { ...now.policy, allowedMethods: ['security-key'] });
    expect(await shown('care=one-method')).to.deep.equal(emails(admin, dele));
    await save(dele, { state: 'disabled' });
    expect(await shown('care=one-method')).to.deep.equal(emails(admin));
    expect(await shown('q=owner&has=key')).to.deep.equal(emails(cara, dele));
  });

  it('shows whose recovery codes run out, as they are spent', async () => {
    const digests = Array.from({ length: 4 }, (_, at) => `${at}`.repeat(43));
    await save(ana, { recovery: { salt: 's', pepperId: 'p', digests, madeAt: new Date(0) } });
    await save(admin, { recovery: { salt: 's', pepperId: 'p', digests, madeAt: new Date(0) } });
    expect(await shown('care=codes-low')).to.deep.equal([]);
    await consoles.stores.accounts.spendRecoveryDigest(ana.account, digests[0] ?? '');
    await consoles.stores.accounts.spendRecoveryDigest(ana.account, digests[0] ?? '');
    expect(await shown('care=codes-low')).to.deep.equal(emails(ana));
  });

  it('is what the overview leads to, with the same numbers', async () => {
    const { resets } = consoles.idp.app.admin;
    const asker = { editor: { kind: 'person', who: admin.account }, reference: 'r', source: 's' } as const;
    await resets.ask(ana.account, { reason: 'lost', once: null }, asker);
    await browser.open('/admin');
    const page = browser.page();
    const lines = page('section[aria-labelledby=to-do] li');
    const hrefs = lines.map((_, one) => page(one).find('a').attr('href')).get();
    const told = lines.map((_, one) => page(one).text().replace(/\D+/g, ' ').trim()).get();
    expect(hrefs).to.deep.equal([
      '/admin/agents?care=reset',
      '/admin/agents?care=one-method',
      '/admin/agents?care=codes-low',
    ]);
    expect(told).to.deep.equal(['1', '2', '2 3']);
    expect(await shown('care=reset')).to.deep.equal(emails(ana));
    const [waiting] = await consoles.stores.resets.waiting(tenant, new Date(0));
    expect(waiting).to.equal(ana.account.accountId);
    const lead = await consoles.open(await consoles.inCharge('lead', { keys: [{}] }, tenant));
    expect(lead.html).not.to.include('care=reset');
  });

  it('takes what it does not know for not said', async () => {
    const all = await shown('');
    for (const query of [
      'live=1',
      'care=x',
      'role=root',
      'team=',
      'team=%00',
      'live[]=now',
      'has=key&has=none',
    ])
      expect((await shown(query)).length, query).to.be.oneOf([all.length, 0]);
  });
});
