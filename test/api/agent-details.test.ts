import { expect } from 'chai';
import type { Person } from '../support/idp.ts';
import { startCallers, type Callers } from './callers.ts';

const AGENTS = '/tenants/northwind/agents';

describe('what the API tells of one agent, and how it finds them', () => {
  let api: Callers;
  let token: string;
  let ana: Person;
  let dee: Person;
  before(async () => {
    api = await startCallers();
    const { accounts } = api.idp.app.stores;
    token = await api.token(await api.person('boss@northwind.example', ['admin']));
    ana = await api.person('ana@northwind.example', ['agent'], { app: true, keys: [{}] });
    await accounts.save(ana.account, { team: 'Claims' });
    await api.person('ben@northwind.example', ['agent'], { app: true });
    dee = await api.person('dee@globex.example', ['agent'], { app: true });
    await api.token(ana, 'plain', 'openid');
  });
  after(() => api.idp.close());

  const get = async (path: string) => (await api.call(token, 'GET', `${AGENTS}${path}`)).body;
  const emails = async (query: string) =>
    ((await get(query)).agents as { email: string }[]).map(({ email }) => email.split('@')[0]);

  it('are their methods by kind and days, under the policy in force, and never by what they call them', async () => {
    const path = `/${ana.account.accountId}/methods`;
    const { methods } = (await get(path)) as { methods: Record<string, unknown>[] };
    expect(methods.map(({ kind, allowed }) => [kind, allowed])).to.deep.equal([
      ['security-key', true],
      ['authenticator-app', true],
    ]);
    for (const one of methods) expect(one).to.have.all.keys('id kind addedAt lastUsedAt allowed'.split(' '));
    expect(JSON.stringify(methods)).not.to.match(/Blue key|Phone/);
    const policy = '/tenants/northwind/policy';
    await api.call(token, 'PUT', policy, { allowedMethods: ['security-key'] });
    const after = ((await get(path)) as { methods: Record<string, unknown>[] }).methods;
    expect(after.map(({ allowed }) => allowed)).to.deep.equal([true, false]);
    await api.call(token, 'PUT', policy, { allowedMethods: ['security-key', 'authenticator-app'] });
  });

  it('is what happened to them, in pages', async () => {
    for (let i = 0; i < 21; i += 1) {
      await api.call(token, 'POST', `${AGENTS}/${ana.account.accountId}/sign-out`);
    }
    const path = `/${ana.account.accountId}/activity`;
    const first = (await get(path)) as { events: Record<string, unknown>[]; next: string };
    expect(first.events).to.have.length(20);
    expect(first.events[0]).to.have.all.keys('event', 'at', 'method');
    expect(first.events[0]).to.include({ event: 'agent_signed_out', method: null });
    const second = await get(`${path}?after=${encodeURIComponent(first.next)}`);
    const rest = (second.events as { event: string }[]).map(({ event }) => event);
    expect(rest).to.include('sign_in_completed');
    expect(second.next).to.equal(null);
  });

  it('is one reset by its number, of that very person', async () => {
    await api.call(token, 'PUT', '/tenants/northwind/policy', { resetApproval: 'delay' });
    const path = `/${ana.account.accountId}/two-factor-resets`;
    const { body } = await api.call(token, 'POST', `${AGENTS}${path}`, { reason: 'lost' });
    expect(await get(`${path}/${String(body.id)}`)).to.deep.equal(body);
    await api.call(token, 'POST', `${AGENTS}${path}/${String(body.id)}/cancel`);
    expect(await get(`${path}/${String(body.id)}`)).to.include({ state: 'cancelled' });
    const boss = ((await get('?email=boss')).agents as { id: string }[])[0]?.id ?? '';
    for (const other of [`/${boss}/two-factor-resets/${String(body.id)}`, `${path}/of-nobody`])
      expect((await api.call(token, 'GET', `${AGENTS}${other}`)).status).to.be.oneOf([403, 404]);
  });

  it('is nothing of another tenant', async () => {
    for (const rest of ['methods', 'activity', 'two-factor-resets/x']) {
      const { status, body } = await api.call(token, 'GET', `${AGENTS}/${dee.account.accountId}/${rest}`);
      expect([status, body.code], rest).to.deep.equal([404, 'not_found']);
    }
  });

  it('finds them by what the console finds them by', async () => {
    expect(await emails('?team=Claims')).to.deep.equal(['ana']);
    expect(await emails('?role=admin')).to.deep.equal(['boss']);
    expect(await emails('?care=one-method&role=agent')).to.deep.equal(['ben']);
    expect(await emails('?signedIn=true&role=agent'), 'signed out above').to.deep.equal([]);
    expect(await emails('?signedIn=true&role=admin')).to.deep.equal(['boss']);
    const [listed] = (await get('?email=ana')).agents as { lastSignInAt: string }[];
    expect(Date.parse(listed?.lastSignInAt ?? '')).to.be.greaterThan(0);
    for (const query of ['?role=king', '?team=', '?care=x', '?signedIn=false'])
      expect((await api.call(token, 'GET', `${AGENTS}${query}`)).status, query).to.equal(400);
  });
});
