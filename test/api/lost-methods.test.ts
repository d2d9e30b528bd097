import { expect } from 'chai';
import type { Person } from '../support/idp.ts';
import { startCallers, type Callers } from './callers.ts';

/** ADR 13: a method that somebody holds no more, or may not use any more, opens nothing that it opened before. */
describe('a second factor that is gone', () => {
  let api: Callers;
  before(async () => void (api = await startCallers()));
  after(() => api.idp.close());

  const PATH = '/tenants/northwind/policy';
  const forbid = async (...allowedMethods: ('security-key' | 'authenticator-app')[]) => {
    const { tenants } = api.idp.app.stores;
    const tenant = await tenants.findFresh('northwind');
    if (tenant) await tenants.savePolicy(tenant, { ...tenant.policy, allowedMethods });
  };
  async function refused(token: string) {
    const { status, headers } = await api.call(token, 'PUT', PATH, { skips: 9 });
    return [status, headers.get('www-authenticate')?.includes('max_age="0"')];
  }
  const boss = (name: string): Promise<Person> =>
    api.person(`${name}@northwind.example`, ['admin'], { app: true });

  it('lets nobody change anything by a token from before they turned it off', async () => {
    const ana = await boss('ana');
    const token = await api.token(ana);
    const { accounts } = api.idp.app.stores;
    const now = await accounts.find(ana.account);
    if (now) await accounts.save(now, { methods: [], recovery: null });
    expect(await refused(token)).to.deep.equal([401, true]);
    const { status, headers } = await api.call(token, 'GET', '/tenants/northwind/agents');
    expect([status, headers.get('www-authenticate')?.includes('max_age="0"')], 'nor read').to.deep.equal([
      401,
      true,
    ]);
  });

  it('is nothing that somebody does to themselves by the rules for methods', async () => {
    const token = await api.token(await boss('cai'));
    const { status, body } = await api.call(token, 'PUT', PATH, { allowedMethods: ['security-key'] });
    expect([status, body.code, body.detail]).to.deep.equal([422, 'refused', 'own_method_missing']);
  });

  it('lets nobody change anything by a token from before the tenant forbade it', async () => {
    const token = await api.token(await boss('ben'));
    await forbid('security-key');
    expect(await refused(token)).to.deep.equal([401, true]);
    await forbid('security-key', 'authenticator-app');
    expect((await api.call(token, 'PUT', PATH, { skips: 8 })).status).to.equal(200);
  });
});
