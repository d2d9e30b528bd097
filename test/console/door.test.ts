import { expect } from 'chai';
import type { MethodId } from '../../src/core/method-ids.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, walk } from '../support/walk.ts';
import { tokenOf } from '../security-settings/owners.ts';
import { startConsoles, type Consoles } from './console.ts';

const LACKS = 'Set up your own second step first';

/** The console asks for two factors whatever the tenant asks, and not only when somebody came in. */
describe('the door of the console', () => {
  let consoles: Consoles;
  let tenant: string;
  let admin: Person;
  let browser: PageBrowser;
  let count = 0;
  before(async () => void (consoles = await startConsoles()));
  after(() => consoles.close());
  beforeEach(async () => {
    tenant = `door-${(count += 1)}`;
    await consoles.idp.addTenant(tenant);
    admin = await consoles.inCharge('admin', { app: true }, tenant);
    browser = await consoles.open(admin, '/admin/agents/invite');
  });

  const turnOff = async () => {
    const now = await consoles.stores.accounts.find(admin.account);
    if (now) await consoles.stores.accounts.save(now, { methods: [], recovery: null });
  };
  const allow = async (allowedMethods: MethodId[]) => {
    const found = await consoles.stores.tenants.findFresh(tenant);
    if (found) await consoles.stores.tenants.savePolicy(found, { ...found.policy, allowedMethods });
  };
  /** What the person still reads there, and what leads on. */
  async function looks(path: string) {
    await browser.open(path);
    const page = browser.page();
    return [browser.status, browser.heading(), page('nav').length, page('main .btn').text()];
  }
  const shut = [403, LACKS, 0, 'Set it up'];
  /** Follows what leads on, as far as the page that asks for a new method. */
  async function setUp() {
    await browser.open(browser.page()('main .btn').attr('href') ?? '');
    const answered = await walk(browser, admin, { appCode: () => consoles.idp.appCode(), until: 'set-up' });
    return [...answered, pageOf(browser)];
  }

  it('is shut for somebody who turned their two factors off, in the session that it was done in', async () => {
    const token = tokenOf(browser);
    await turnOff();
    for (const path of ['/admin', '/admin/agents', '/admin/agents.csv', '/admin/audit-log'])
      expect(await looks(path), path).to.deep.equal(shut);
    await browser.post('/admin/agents/invite', { _csrf: token, email: 'new@door.example', role: 'agent' });
    expect([browser.status, browser.heading()]).to.deep.equal([403, LACKS]);
    expect(await setUp()).to.deep.equal(['password', 'set-up']);
  });

  it('is shut while the tenant forbids the only method of somebody, and leads to a new one', async () => {
    await allow(['security-key']);
    expect(await looks('/admin')).to.deep.equal(shut);
    expect(await setUp()).to.deep.equal(['password', 'set-up']);
    await allow(['security-key', 'authenticator-app']);
    expect((await looks('/admin'))[0]).to.equal(200);
  });

  it('is no way into the console for an agent, who is told nothing of methods', async () => {
    await consoles.stores.accounts.save(
      (await consoles.stores.accounts.find(admin.account)) ?? admin.account,
      { roles: ['agent'], methods: [], recovery: null },
    );
    await browser.open('/admin');
    expect([browser.status, browser.heading()]).to.deep.equal([403, 'You cannot open this page']);
  });
});
