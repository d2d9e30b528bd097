import { expect } from 'chai';
import type { Person } from '../support/idp.ts';
import { startCallers, type Callers } from '../api/callers.ts';

const DAY = 24 * 3600_000;

/** Between the moment at which a reset is asked for and the one at which it becomes true, much can happen. */
describe('a reset of two factors, and what happens meanwhile', () => {
  let api: Callers;
  let offset = 0;
  let admin: Person;
  let number = 0;

  before(async () => {
    api = await startCallers({ clock: () => new Date(Date.now() + offset) });
    admin = await api.person('boss@northwind.example', ['admin']);
  });
  after(() => api.idp.close());
  afterEach(() => (offset = 0));

  const somebody = (role: 'agent' | 'admin') =>
    api.person(`${role}${(number += 1)}@northwind.example`, [role], { app: true, codes: true });
  const pathOf = ({ account }: Person) => `/tenants/northwind/agents/${account.accountId}`;
  const methodsOf = async ({ account }: Person) =>
    (await api.idp.app.stores.accounts.find(account))?.methodCount;
  const stateOf = async (id: unknown) => (await api.idp.app.stores.resets.find(String(id)))?.state;
  async function ask(who: Person, token: string, headers = {}) {
    const answer = await api.call(
      token,
      'POST',
      `${pathOf(who)}/two-factor-resets`,
      { reason: 'lost' },
      headers,
    );
    return answer.body.id;
  }
  async function dayPasses(id: unknown) {
    offset = DAY + 1000;
    await api.idp.app.admin.resets.due(String(id));
    offset = 0;
  }
  async function want(resetApproval: 'second-admin' | 'delay') {
    const tenant = await api.idp.app.stores.tenants.findFresh('northwind');
    if (tenant) await api.idp.app.stores.tenants.savePolicy(tenant, { ...tenant.policy, resetApproval });
  }
  /** Results of an event that are in the log about somebody, the oldest first. */
  async function logged({ account }: Person, event: string) {
    const filter = { accountId: account.accountId };
    const { records } = await api.idp.app.stores.operations.search.list('northwind', filter, { limit: 100 });
    return records
      .filter((one) => one.event === event)
      .map(({ result }) => result)
      .reverse();
  }

  it('is stopped when who asked is in charge no more', async () => {
    const thief = await somebody('admin');
    const [ana, ben] = [await somebody('agent'), await somebody('agent')];
    const token = await api.token(thief);
    const asked = [await ask(ana, token), await ask(ben, token)];
    const stop = { state: 'disabled' };
    expect((await api.call(await api.token(admin), 'PATCH', pathOf(thief), stop)).status).to.equal(200);
    for (const id of asked) await dayPasses(id);
    expect([await methodsOf(ana), await methodsOf(ben)]).to.deep.equal([1, 1]);
    expect(await stateOf(asked[0])).to.equal('cancelled');
    expect(await logged(ana, 'two_factor_reset_cancelled')).to.deep.equal(['ok']);
  });

  it('is stopped when the person has become somebody whom who asked may not touch', async () => {
    const ana = await somebody('agent');
    const id = await ask(ana, await api.machineToken());
    await api.call(await api.token(admin), 'PATCH', pathOf(ana), { roles: ['admin'] });
    await dayPasses(id);
    expect(await methodsOf(ana), 'no machine touches an admin').to.equal(1);
    expect(await stateOf(id)).to.equal('cancelled');
  });

  it('is stopped when the machine that asked was taken away', async () => {
    const ana = await somebody('agent');
    const id = await ask(ana, await api.machineToken('machine-northwind'));
    const { clients } = api.idp.app.stores;
    const record = await clients.find('machine-northwind');
    await clients.remove('machine-northwind');
    await dayPasses(id);
    if (record) await clients.save(record);
    expect([await methodsOf(ana), await stateOf(id)]).to.deep.equal([1, 'cancelled']);
  });

  it('still happens when nothing stands against it', async () => {
    const [ana, ben] = [await somebody('agent'), await somebody('agent')];
    await dayPasses(await ask(ana, await api.token(admin)));
    await dayPasses(await ask(ben, await api.machineToken()));
    expect([await methodsOf(ana), await methodsOf(ben)]).to.deep.equal([0, 0]);
  });

  it('is asked for five times an hour at most, of one person by all: each time they are mailed', async () => {
    const ana = await somebody('agent');
    const token = await api.machineToken();
    const path = `${pathOf(ana)}/two-factor-resets`;
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      const { status, body } = await api.call(token, 'POST', path, { reason: 'lost' });
      statuses.push(status);
      await api.call(token, 'POST', `${path}/${String(body.id)}/cancel`);
    }
    expect(statuses).to.deep.equal([201, 201, 201, 201, 201, 429]);
  });

  it('is told in the log as it was: nothing is stopped, approved or asked that is not', async () => {
    const ana = await somebody('agent');
    const token = await api.token(admin);
    const key = { 'idempotency-key': 'again' };
    const id = await ask(ana, token, key);
    const { linkSecret = '' } = (await api.idp.app.stores.resets.find(String(id))) ?? {};
    await ask(ana, token, key);
    expect(await ask(ana, token)).to.equal(undefined);
    expect(await logged(ana, 'two_factor_reset_asked')).to.deep.equal(['ok', 'ok', 'refused']);
    const link = await api.idp.browser().open(`/two-factor-reset/${String(id)}.${linkSecret}`);
    await dayPasses(id);
    const cancel = await api.call(token, 'POST', `${pathOf(ana)}/two-factor-resets/${String(id)}/cancel`);
    expect(cancel.status).to.equal(409);
    await link.submit({});
    expect(link.status).to.equal(409);
    expect(await logged(ana, 'two_factor_reset_cancelled')).to.deep.equal([]);

    await want('second-admin');
    const ben = await somebody('agent');
    const other = String(await ask(ben, token));
    const path = `${pathOf(ben)}/two-factor-resets/${other}`;
    const second = await api.token(await somebody('admin'));
    const all = await Promise.all(
      ['approve', 'cancel', 'approve', 'cancel'].map((verb) => api.call(second, 'POST', `${path}/${verb}`)),
    );
    expect(all.filter(({ status }) => status === 200).length).to.equal(1);
    const told = ['two_factor_reset_approved', 'two_factor_reset_cancelled'].map((one) => logged(ben, one));
    const [approved = [], cancelled = []] = await Promise.all(told);
    const sum = (list: string[]) =>
      list.filter((one) => one === 'ok').length - list.filter((one) => one === 'refused').length;
    expect(sum(approved) + sum(cancelled), JSON.stringify({ approved, cancelled })).to.equal(1);
    await want('delay');
  });
});
