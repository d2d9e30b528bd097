import { expect } from 'chai';
import type { Role } from '../../src/accounts/account.ts';
import { CONSOLE_CALLBACK } from '../../src/provider/own-client.ts';
import { tokenOf, wayOf } from '../security-settings/owners.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { mountedRoutes, type MountedRoute } from '../support/mounted.ts';
import { pageOf } from '../support/walk.ts';
import { startConsoles, type Consoles } from './console.ts';

type Target = 'agent' | 'lead' | 'admin' | 'operator' | 'self' | 'stranger';
interface Row {
  /** Who may, to an agent or to nobody. */
  readonly who: readonly Role[];
  /** Whom an admin may not do it to; absent = it is about nobody. A stranger is of another company, and never there. */
  readonly never?: readonly Target[];
}

const IN_CHARGE: Row = { who: ['lead', 'admin', 'operator'] };
const ADMINS: Row = { who: ['admin', 'operator'] };
const LOOK: Row = { ...IN_CHARGE, never: [] };
/** Oneself too: nobody locks themselves out by it. */
const NOT_ABOVE: Row = { ...IN_CHARGE, never: ['operator'] };
const OTHERS: Row = { ...ADMINS, never: ['operator', 'self'] };

/** Whom each page of the console is for, and whom it may be about. A route that is mounted without a row is a mistake. */
const ROWS: Readonly<Record<string, Row>> = {
  'get /admin': IN_CHARGE,
  'get /admin/agents': IN_CHARGE,
  'get /admin/agents.csv': ADMINS,
  'get /admin/agents/import': ADMINS,
  'post /admin/agents/import': ADMINS,
  'get /admin/agents/import/:import': ADMINS,
  'post /admin/agents/import/:import': ADMINS,
  'get /admin/agents/invite': ADMINS,
  'post /admin/agents/invite': ADMINS,
  'get /admin/agents/:agent/invitation': OTHERS,
  'post /admin/agents/:agent/invitation/send-again': OTHERS,
  'post /admin/agents/:agent/invitation/withdraw': OTHERS,
  'get /admin/agents/:agent': LOOK,
  'post /admin/agents/:agent/sessions/:session/end': NOT_ABOVE,
  'get /admin/agents/:agent/sign-out': NOT_ABOVE,
  'post /admin/agents/:agent/sign-out': NOT_ABOVE,
  'get /admin/agents/:agent/disable': OTHERS,
  'post /admin/agents/:agent/disable': OTHERS,
  'get /admin/agents/:agent/enable': OTHERS,
  'post /admin/agents/:agent/enable': OTHERS,
  'get /admin/agents/:agent/roles': OTHERS,
  'post /admin/agents/:agent/roles': OTHERS,
  'get /admin/agents/:agent/reset': OTHERS,
  'post /admin/agents/:agent/reset': OTHERS,
  'get /admin/agents/:agent/resets/:reset': OTHERS,
  'post /admin/agents/:agent/resets/:reset/approve': OTHERS,
  'post /admin/agents/:agent/resets/:reset/cancel': OTHERS,
  'get /admin/agents/:agent/rescue-code': { ...IN_CHARGE, never: ['operator', 'self'] },
  'post /admin/agents/:agent/rescue-code': { ...IN_CHARGE, never: ['operator', 'self'] },
  'get /admin/selected-agents/sign-out': IN_CHARGE,
  'post /admin/selected-agents/sign-out': IN_CHARGE,
  'get /admin/selected-agents/disable': ADMINS,
  'post /admin/selected-agents/disable': ADMINS,
  'get /admin/selected-agents/enable': ADMINS,
  'post /admin/selected-agents/enable': ADMINS,
  'get /admin/selected-agents/reset': ADMINS,
  'post /admin/selected-agents/reset': ADMINS,
  'get /admin/selected-agents/runs/:run': IN_CHARGE,
  'get /admin/audit-log': ADMINS,
  'get /admin/audit-log.csv': ADMINS,
  'get /admin/audit-log.ndjson': ADMINS,
  'get /admin/audit-log/:seq': ADMINS,
  'post /admin/audit-log/check': ADMINS,
  'get /admin/tenants': { who: ['operator'] },
  'get /admin/settings': ADMINS,
  'post /admin/settings': ADMINS,
  'get /admin/settings/look.css': ADMINS,
  'post /admin/settings/preview': ADMINS,
  'get /admin/settings/drafts/:draft': ADMINS,
  'get /admin/settings/drafts/:draft/logo': ADMINS,
  'get /admin/policy': ADMINS,
  'get /admin/policy/review': ADMINS,
  'post /admin/policy': ADMINS,
  'get /admin/policy/methods': ADMINS,
  'post /admin/policy/methods/review': ADMINS,
  'post /admin/policy/methods': ADMINS,
  'get /admin/policy/email': ADMINS,
  'post /admin/policy/email': ADMINS,
};
/** Checking changes nothing; the others want more than these fields say before they look for a proof: see their tests. */
const OTHER_PROOFS = /audit-log\/check$|\/invitation\/|\/import\/|\/policy|\/settings/;
const ROLES = ['agent', 'lead', 'admin', 'operator'] as const;
const TARGETS = ['agent', 'lead', 'admin', 'operator', 'self', 'stranger'] as const;

describe('role, action and target of every page of the console', () => {
  let consoles: Consoles;
  let routes: MountedRoute[];
  const actors = new Map<string, { person: Person; browser: PageBrowser; token: string }>();
  const targets = new Map<Target, Person>();

  /** Somebody signed in, with the token of a form of theirs. Each of them makes fewer changes than an hour allows. */
  async function act(name: string, role: Role): Promise<void> {
    const person = await consoles.inCharge(role);
    const browser = await consoles.open(person);
    await browser.open('/account/confirm/turn-off');
    const token = tokenOf(browser);
    expect(token).not.to.equal('');
    actors.set(name, { person, browser, token });
  }

  before(async () => {
    consoles = await startConsoles();
    await consoles.idp.addTenant('southwind');
    for (const role of ROLES) {
      await act(role, role);
      targets.set(role, await consoles.inCharge(role, { app: true }));
    }
    for (const target of TARGETS) await act(`admin on ${target}`, 'admin');
    targets.set('stranger', await consoles.person({ app: true }, 'southwind'));
    const tenant = await consoles.stores.tenants.findFresh('northwind');
    if (tenant) await consoles.stores.tenants.savePolicy(tenant, { ...tenant.policy, rescueCodes: 'leads' });
    routes = mountedRoutes(consoles.idp, '/admin').filter(({ path }) => path !== CONSOLE_CALLBACK);
  });
  after(() => consoles.close());

  const rows = () => routes.map((route) => ({ ...route, row: ROWS[`${route.method} ${route.path}`] }));

  /** @returns the status that `who` gets */
  async function attempt(who: string, { method, path }: MountedRoute, target: Target): Promise<number> {
    const actor = actors.get(who);
    const whom = target === 'self' ? actor?.person : targets.get(target);
    if (!actor || !whom) throw new Error('nobody');
    const at = path
      .replace(':agent', whom.account.accountId)
      // The first event is of every log.
      .replace(':seq', '1')
      .replace(/:\w+/g, 'of-nobody');
    const { browser, token } = actor;
    if (method === 'get') await browser.open(at);
    else await browser.post(at, { _csrf: token });
    return browser.status;
  }
  /** What is not there, or says nothing yet, or wants a proof first, was let in. */
  const letIn = (status: number) => status !== 403 && status !== 401 && status !== 429;

  it('has a row for each route that is mounted, and no row without one', () => {
    const mounted = routes.map(({ method, path }) => `${method} ${path}`);
    expect(mounted.sort()).to.deep.equal(Object.keys(ROWS).sort());
    for (const { path, row } of rows())
      expect(row?.never !== undefined, path).to.equal(path.includes(':agent'));
  });

  it('opens exactly to the roles of its row', async function () {
    this.timeout(60_000);
    for (const route of rows()) {
      for (const role of ROLES) {
        const status = await attempt(role, route, 'agent');
        const name = `${role}: ${route.method} ${route.path} ${status}`;
        expect(letIn(status), name).to.equal(route.row?.who.includes(role));
      }
    }
  });

  it('is done to nobody above, nor to oneself where that is barred; who is of another company is not there', async function () {
    this.timeout(60_000);
    for (const route of rows().filter(({ path }) => path.includes(':agent'))) {
      for (const target of TARGETS) {
        const status = await attempt(`admin on ${target}`, route, target);
        const name = `${route.method} ${route.path} to ${target}: ${status}`;
        if (target === 'stranger') expect(status, name).to.equal(404);
        else expect(letIn(status), name).to.equal(!route.row?.never?.includes(target));
      }
    }
  });

  it('asks first who it is', async () => {
    for (const { method, path } of routes) {
      const nobody = consoles.idp.browser();
      const at = path.replace(/:\w+/g, '1');
      if (method === 'get') {
        await nobody.open(at);
        expect(pageOf(nobody), at).to.equal('password');
      } else {
        await nobody.post(at, {});
        expect(nobody.status, at).to.equal(401);
      }
    }
  });

  it('changes nothing without a fresh proof, but goes to have it given', async () => {
    const { browser, token } = actors.get('operator') ?? {};
    const agent = targets.get('agent');
    if (!browser || token === undefined || !agent) throw new Error('nobody');
    const { accountId, tenantId } = agent.account;
    const asker = { editor: { kind: 'client', clientId: 'x' }, reference: 'r', source: 's' } as const;
    const { resetId } = await consoles.idp.app.admin.resets.ask(
      { tenantId, accountId },
      { reason: 'a test', once: null },
      asker,
    );
    const before = await consoles.now(agent);
    const fields = {
      ...{ _csrf: token, version: String(before.credVersion), role: 'lead', reason: 'a test', hours: '1' },
      ...{ once: 'a'.repeat(22), who: accountId, shown: '1', count: '1' },
    };
    for (const { path } of routes.filter(({ method }) => method === 'post')) {
      const at = path.replace(':agent', accountId).replace(':reset', resetId).replace(/:\w+/g, 'x');
      await browser.post(at, fields);
      if (!OTHER_PROOFS.test(path)) expect(wayOf(browser), path).to.equal('security-key');
    }
    expect(await consoles.now(agent)).to.deep.equal(before);
    expect((await consoles.stores.resets.find(resetId))?.state).to.equal('waiting');
  });

  it('changes nothing by a form without the token of its session', async () => {
    const { browser } = actors.get('admin') ?? {};
    if (!browser) throw new Error('nobody');
    for (const { path } of routes.filter(({ method }) => method === 'post')) {
      for (const fields of [{}, { _csrf: 'x' }]) {
        await browser.post(path.replace(/:\w+/g, '1'), fields);
        expect(browser.status, path).to.equal(403);
      }
    }
  });

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
    const stranger = await consoles.person({}, 'southwind');
    const browser = actors.get('admin')?.browser;
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
