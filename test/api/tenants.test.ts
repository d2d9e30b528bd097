import { expect } from 'chai';
import { startCallers, type Callers } from './callers.ts';

const TENANTS = '/tenants';
const OWN = '/tenants/northwind';

describe('tenants in the API', () => {
  let api: Callers;
  let operator: string;
  before(async () => {
    api = await startCallers();
    await api.idp.addTenant('southwind', { secondFactor: 'required' });
    await api.person('key@southwind.example', ['agent']);
    await api.person('app@southwind.example', ['agent'], { app: true });
    await api.person('none@southwind.example', ['agent'], {});
    const gone = await api.person('gone@southwind.example', ['agent'], {});
    await api.idp.app.stores.accounts.save(gone.account, { state: 'disabled' });
    operator = await api.token(await api.person('top@northwind.example', ['operator']));
  });
  after(() => api.idp.close());

  interface Page {
    tenants: { id: string }[];
    next: string | null;
  }
  const page = async (query = '') =>
    (await api.call(operator, 'GET', `${TENANTS}${query}`)).body as unknown as Page;

  it('are listed for operators with the numbers that the console shows, and name nobody', async () => {
    const { tenants, next } = await page();
    expect([tenants.map(({ id }) => id), next]).to.deep.equal([['globex', 'northwind', 'southwind'], null]);
    expect(tenants[2]).to.deep.equal({
      id: 'southwind',
      name: 'southwind support',
      secondFactor: 'required',
      coverage: { total: 3, withKey: 1, withAppOnly: 1, withoutMethod: 1 },
    });
    expect(JSON.stringify(tenants)).not.to.include('@');
  });

  it('come in pages', async () => {
    const first = await page('?limit=2');
    expect(first.tenants.map(({ id }) => id)).to.deep.equal(['globex', 'northwind']);
    const second = await page(`?limit=2&after=${first.next ?? ''}`);
    expect([second.tenants.map(({ id }) => id), second.next]).to.deep.equal([['southwind'], null]);
    for (const query of ['?limit=201', '?limit=0', `?after=${'x'.repeat(64)}`])
      expect((await api.call(operator, 'GET', `${TENANTS}${query}`)).status, query).to.equal(400);
  });

  it('are for operators with two factors alone, and no machine', async () => {
    const admin = await api.token(await api.person('boss@northwind.example', ['admin']));
    const weak = await api.token(await api.person('weak@northwind.example', ['operator'], {}));
    for (const [token, status, code] of [
      [null, 401, 'unauthorized'],
      [admin, 403, 'forbidden'],
      [await api.machineToken(), 403, 'insufficient_scope'],
      [weak, 401, 'insufficient_user_authentication'],
    ] as const) {
      const answer = await api.call(token, 'GET', TENANTS);
      expect([answer.status, answer.body.code]).to.deep.equal([status, code]);
      expect(answer.body).not.to.have.property('tenants');
    }
    const challenge = (await api.call(weak, 'GET', TENANTS)).headers.get('www-authenticate');
    expect(challenge).to.include('acr_values="urn:stile:acr:2fa"');
  });

  it('tell of the own one how it stands, and of no other', async () => {
    const lead = await api.token(await api.person('lead@northwind.example', ['lead']));
    const machine = await api.machineToken('machine-northwind', 'agents:read');
    const { tenants } = api.idp.app.stores;
    const northwind = await tenants.findFresh('northwind');
    if (northwind) await tenants.saveDetails(northwind, { name: 'Northwind' });
    const told = await api.call(lead, 'GET', OWN);
    expect(told.body).to.deep.include({ id: 'northwind', name: 'Northwind', secondFactor: 'optional' });
    expect(told.body).to.deep.include({ domains: ['northwind.example'], invited: 0, disabled: 0 });
    const { total, withKey } = told.body.coverage as Record<string, number>;
    expect(total).to.equal(withKey === undefined ? undefined : withKey + 1);
    expect((await api.call(machine, 'GET', OWN)).body).to.deep.equal(told.body);
    const policyOnly = await api.machineToken('machine-northwind', 'policy:read');
    expect((await api.call(policyOnly, 'GET', OWN)).status).to.equal(403);
    for (const [slug, token] of [
      ['southwind', operator],
      ['of-nobody', operator],
      ['globex', lead],
      ['globex', machine],
    ] as const) {
      const { status, body } = await api.call(token, 'GET', `${TENANTS}/${slug}`);
      expect([status, body.code], slug).to.deep.equal([404, 'not_found']);
    }
  });
});
