import { expect } from 'chai';
import type { Role } from '../../src/accounts/account.ts';
import { apiEndpoints } from '../../src/api/wiring.ts';
import type { Endpoint } from '../../src/api/endpoint.ts';
import { addressOf, documentedPath } from '../../src/api/openapi.ts';
import { machineScopeOf } from '../../src/admin/permissions.ts';
import type { Person } from '../support/idp.ts';
import { mountedRoutes } from '../support/mounted.ts';
import { startCallers, type Callers } from './callers.ts';

type Target = 'agent' | 'admin' | 'operator' | 'self' | 'stranger';
interface Row {
  /** Who may, to an agent or to nobody. */
  readonly who: readonly (Role | 'machine')[];
  /** Whom an admin may not do it to. */
  readonly never?: readonly Target[];
  readonly body?: unknown;
}

const IN_CHARGE = ['lead', 'admin', 'operator', 'machine'] as const;
const ADMINS = ['admin', 'operator', 'machine'] as const;
const OTHERS = ['operator', 'self', 'stranger'] as const;
const reason = { reason: 'a test' };

/** One row for each route; the numbers of a reset are those of none. */
const ROWS: Readonly<Record<string, Row>> = {
  'get /tenants': { who: ['operator'] },
  'get ': { who: IN_CHARGE },
  'get /policy': { who: ADMINS },
  'put /policy': { who: ADMINS, body: {} },
  'post /policy/preview': { who: ADMINS, body: {} },
  'post /policy/announcements': { who: ADMINS, body: {} },
  'get /settings': { who: ADMINS },
  'put /settings': { who: ADMINS, body: {} },
  'get /settings/logo': { who: ADMINS },
  'put /settings/logo': { who: ADMINS, body: { base64: '' } },
  'delete /settings/logo': { who: ADMINS },
  'get /agents': { who: IN_CHARGE },
  'post /agents': { who: ADMINS, body: {} },
  'post /agents/bulk': { who: IN_CHARGE, body: { action: 'sign-out', agents: ['of-nobody'] } },
  'post /agents/imports': { who: ADMINS, body: { agents: [{ email: 'x', name: '' }], dryRun: true } },
  'get /agents/imports/:import': { who: ADMINS },
  'post /agents/:agent/invitation/send-again': { who: ADMINS, never: OTHERS },
  'post /agents/:agent/invitation/withdraw': { who: ADMINS, never: OTHERS },
  'get /agents/:agent': { who: IN_CHARGE, never: ['stranger'] },
  'patch /agents/:agent': { who: ADMINS, never: ['operator', 'stranger'], body: {} },
  'post /agents/:agent/sign-out': { who: IN_CHARGE, never: ['operator', 'stranger'] },
  'get /agents/:agent/methods': { who: IN_CHARGE, never: ['stranger'] },
  'get /agents/:agent/activity': { who: IN_CHARGE, never: ['stranger'] },
  'get /agents/:agent/sessions': { who: IN_CHARGE, never: ['stranger'] },
  'post /agents/:agent/sessions/:session/end': { who: IN_CHARGE, never: ['operator', 'stranger'] },
  'get /agents/:agent/two-factor-resets': { who: ADMINS, never: OTHERS },
  'get /agents/:agent/two-factor-resets/:reset': { who: ADMINS, never: OTHERS },
  'post /agents/:agent/two-factor-resets': { who: ADMINS, never: OTHERS, body: reason },
  'post /agents/:agent/two-factor-resets/:reset/approve': { who: ['admin', 'operator'], never: OTHERS },
  'post /agents/:agent/two-factor-resets/:reset/cancel': { who: ADMINS, never: OTHERS },
  'post /agents/:agent/rescue-codes': { who: ['lead', 'admin', 'operator'], never: OTHERS, body: reason },
  'get /audit-events': { who: ADMINS },
  'get /audit-events/:seq': { who: ADMINS },
  'post /audit-events/check': { who: ADMINS },
};
const ROLES = ['agent', 'lead', 'admin', 'operator'] as const;

describe('role, action and target of every route of the API', () => {
  let api: Callers;
  const people = new Map<string, Person>();
  const tokens = new Map<string, string>();
  const stand = (name: string): Person => {
    const person = people.get(name);
    if (!person) throw new Error(`nobody is ${name}`);
    return person;
  };

  before(async () => {
    api = await startCallers();
    for (const role of ROLES) {
      people.set(role, await api.person(`${role}@northwind.example`, [role]));
      people.set(`target-${role}`, await api.person(`target-${role}@northwind.example`, [role]));
      tokens.set(role, await api.token(stand(role)));
    }
    people.set('target-stranger', await api.person('x@globex.example', ['agent']));
    tokens.set('machine', await api.machineToken());
  });
  after(() => api.idp.close());

  const endpoints = () => apiEndpoints({ stores: api.idp.app.stores, admin: api.idp.app.admin });
  const rows = () =>
    endpoints().map((one) => ({
      ...one,
      name: `${one.method} ${one.path}`,
      row: ROWS[`${one.method} ${one.path}`],
    }));

  /** Who acts must be let in again after they were signed out by a call. */
  async function tokenOf(caller: string): Promise<string> {
    const token = tokens.get(caller) ?? '';
    if (caller === 'machine' || (await api.call(token, 'GET', '/tenants/northwind/agents')).status !== 401)
      return token;
    const fresh = await api.token(stand(caller));
    tokens.set(caller, fresh);
    return fresh;
  }

  /** @param id in the place of whatever the path names besides the tenant */
  const placeOf = (one: Endpoint, id: string, agent = id) =>
    addressOf(one)
      .replace('/api/v1', '')
      .replace(':slug', 'northwind')
      .replace(':agent', agent)
      .replace(/:\w+/, id);

  async function attempt(caller: string, one: Endpoint, target: string, body: unknown) {
    const at = placeOf(one, 'of-nobody', stand(target).account.accountId);
    return api.call(await tokenOf(caller), one.method.toUpperCase(), at, body);
  }
  /** 403 is no; what is not there, or waits already, was let in. */
  const letIn = ({ status }: { status: number }) => status !== 403 && status !== 401;

  it('has a row for each route that is mounted, and no row without one', () => {
    const mounted = mountedRoutes(api.idp, '/api').filter(({ path }) => path !== '/api/v1/openapi.json');
    expect(rows().map(({ name }) => name)).to.have.members(Object.keys(ROWS));
    const listed = endpoints().map((one) => `${one.method} ${addressOf(one)}`);
    expect(mounted.map(({ method, path }) => `${method} ${path}`)).to.have.members(listed);
  });

  it('lets in exactly the roles of its row', async () => {
    for (const { name, row, ...one } of rows()) {
      for (const caller of [...ROLES, 'machine']) {
        const answer = await attempt(caller, one, 'target-agent', row?.body);
        expect(letIn(answer), `${caller}: ${name} ${answer.status}`).to.equal(
          (row?.who as readonly string[] | undefined)?.includes(caller),
        );
      }
    }
  });

  it('takes a key with every create, so that a request that is sent again makes nothing twice', () => {
    const creates = endpoints().filter(({ answers }) => 201 in answers);
    expect(creates.length).to.be.greaterThan(0);
    for (const { method, path, idempotent } of creates)
      expect(idempotent, `${method} ${path}`).to.equal(true);
  });

  it('does nothing to whom it must not be done', async () => {
    for (const { name, row, ...one } of rows().filter(({ path }) => path.includes(':agent'))) {
      for (const target of ['agent', 'admin', 'operator', 'self', 'stranger'] as const) {
        const whom = target === 'self' ? 'admin' : `target-${target}`;
        const answer = await attempt('admin', one, whom, row?.body);
        const never = row?.never?.includes(target) ?? false;
        if (target === 'stranger') expect(answer.status, name).to.equal(404);
        else expect(letIn(answer), `${name} to ${target}: ${answer.status}`).to.equal(!never);
      }
    }
  });

  it('answers whatever it is sent with a status that the document names, and never with a fault', async function () {
    this.timeout(60_000);
    const { body: document } = await api.call(null, 'GET', '/openapi.json');
    const paths = document.paths as Record<string, Record<string, { responses: object }>>;
    const odd = [
      undefined,
      null,
      1,
      'x',
      [],
      {},
      { reason: '' },
      { roles: ['king'] },
      { skips: -1 },
      { keys: { a: 1 } },
      { agents: [{ email: 'fuzz', name: '💩' }] },
      { agents: [{ email: 'a@b.example', name: 'x', role: '$ne', team: '' }], dryRun: true },
      { action: 'disable', agents: ['of-nobody', '../..'] },
      { action: 'enable', agents: ['of-nobody'] },
      { action: 'reset', agents: ['of-nobody'] },
    ];
    const queries = [
      '',
      '?limit=0',
      '?limit=x',
      '?after=%00',
      '?after=a&after=b',
      '?state=%F0%9F%92%A9',
      '?from=x',
      '?holding=',
      '?format=xml',
      '?format=csv&format=json',
    ];
    const ids = [stand('target-lead').account.accountId, '%2e%2e', '%24ne', 'x'.repeat(300), '%F0%9F%92%A9'];
    for (const one of endpoints()) {
      const { method, action, body } = one;
      // What no machine may do is asked by somebody who may do everything.
      const caller = machineScopeOf(action) === null ? 'operator' : 'machine';
      const documented = Object.keys(paths[documentedPath(one)]?.[method]?.responses ?? {});
      for (const [n, id] of ids.entries()) {
        for (const query of n === 0 && one.query ? queries : ['']) {
          for (const input of body ? odd : [undefined]) {
            const at = placeOf(one, id);
            const token = await tokenOf(caller);
            const { status } = await api.call(token, method.toUpperCase(), `${at}${query}`, input);
            expect(documented, `${method} ${at}${query} ${JSON.stringify(input)}`).to.include(String(status));
          }
        }
      }
    }
  });
});
