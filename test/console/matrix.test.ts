import { expect } from 'chai';
import type { Role } from '../../src/accounts/account.ts';
import { consolePages } from '../../src/console/console-routes.ts';
import { tokenOf } from '../security-settings/owners.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf } from '../support/walk.ts';
import { startConsoles, type Consoles } from './console.ts';

/** The roles that each page of the console is for. */
const OPEN_TO: Readonly<Record<string, readonly Role[]>> = {
  'get ': ['lead', 'admin', 'operator'],
  'get /agents': ['lead', 'admin', 'operator'],
  'get /agents.csv': ['admin', 'operator'],
  'get /audit-log': ['admin', 'operator'],
  'get /audit-log.csv': ['admin', 'operator'],
  'get /audit-log.ndjson': ['admin', 'operator'],
  'get /audit-log/:seq': ['admin', 'operator'],
  'post /audit-log/check': ['admin', 'operator'],
  'get /agents/invite': ['admin', 'operator'],
  'post /agents/invite': ['admin', 'operator'],
  'get /agents/:agent/invitation': ['admin', 'operator'],
  'post /agents/:agent/invitation/send-again': ['admin', 'operator'],
  'post /agents/:agent/invitation/withdraw': ['admin', 'operator'],
  'get /agents/:agent/rescue-code': ['lead', 'admin', 'operator'],
  'post /agents/:agent/rescue-code': ['lead', 'admin', 'operator'],
  'get /policy': ['admin', 'operator'],
  'get /policy/review': ['admin', 'operator'],
  'post /policy': ['admin', 'operator'],
  'get /policy/methods': ['admin', 'operator'],
  'post /policy/methods/review': ['admin', 'operator'],
  'post /policy/methods': ['admin', 'operator'],
  'get /policy/email': ['admin', 'operator'],
  'post /policy/email': ['admin', 'operator'],
};
const ROLES = ['agent', 'lead', 'admin', 'operator'] as const;

describe('the pages of the console', () => {
  let consoles: Consoles;
  let target: Person;
  /** Where a page is, when it is about somebody or an event: the first one is of every log. */
  const addressOf = (path: string) =>
    `/admin${path.replace(':agent', target.account.accountId).replace(':seq', '1')}`;
  const people = new Map<Role, { person: Person; browser: PageBrowser }>();
  before(async () => {
    consoles = await startConsoles();
    for (const role of ROLES) {
      const person = await consoles.inCharge(role);
      people.set(role, { person, browser: await consoles.open(person) });
    }
    target = await consoles.person({ app: true });
    const tenant = await consoles.stores.tenants.findFresh('northwind');
    if (tenant) await consoles.stores.tenants.savePolicy(tenant, { ...tenant.policy, rescueCodes: 'leads' });
  });
  after(() => consoles.close());

  it('have a row each in the table of who may open them', () => {
    const rows = consolePages.map(({ method, path }) => `${method} ${path}`);
    expect(rows.sort()).to.deep.equal(Object.keys(OPEN_TO).sort());
  });

  for (const { method, path } of consolePages) {
    for (const role of ROLES) {
      const open = OPEN_TO[`${method} ${path}`]?.includes(role) === true;
      it(`${open ? 'open' : 'refuse'} ${method} /admin${path} to one who is ${role}`, async () => {
        const found = people.get(role);
        if (!found) throw new Error('nobody');
        const { browser } = found;
        if (method === 'get') await browser.open(addressOf(path));
        else {
          await browser.open('/account/confirm/turn-off');
          expect(tokenOf(browser)).not.to.equal('');
          await browser.post(addressOf(path), { _csrf: tokenOf(browser) });
        }
        // 400: the form says nothing yet, or the address, to those who may.
        if (open) expect(browser.status).to.be.oneOf([200, 400]);
        else expect([browser.status, browser.heading()]).to.deep.equal([403, 'You cannot open this page']);
      });
    }

    it(`ask who it is before ${method} /admin${path}`, async () => {
      const nobody = consoles.idp.browser();
      if (method === 'get') {
        await nobody.open(addressOf(path));
        expect(pageOf(nobody)).to.equal('password');
      } else {
        await nobody.post(addressOf(path), {});
        expect(nobody.status).to.equal(401);
      }
    });
  }

  it('show a role that was taken away as gone at the next request', async () => {
    const person = await consoles.inCharge('admin');
    const browser = await consoles.open(person);
    expect(browser.status).to.equal(200);
    const now = await consoles.now(person);
    await consoles.stores.accounts.save(now, { roles: ['agent'] });
    await browser.open('/admin');
    expect(browser.status).to.equal(403);
  });

  it('show people of one’s own company alone, by whatever address', async () => {
    await consoles.idp.addTenant('southwind');
    const stranger = await consoles.person({}, 'southwind');
    const browser = people.get('admin')?.browser;
    if (!browser) throw new Error('nobody');
    const { email } = stranger.account;
    for (const query of [
      `q=${email}`,
      'tenantId=southwind',
      'tenant=southwind',
      `after=${email.slice(0, 3)}`,
    ]) {
      await browser.open(`/admin/agents?${query}`);
      expect(browser.status).to.equal(200);
      expect(browser.page()('tbody').text()).not.to.include('southwind');
    }
  });
});
