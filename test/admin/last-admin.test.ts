import { expect } from 'chai';
import type { Role } from '../../src/accounts/account.ts';
import { startCallers, type Callers } from '../api/callers.ts';
import type { Person } from '../support/idp.ts';

describe('the last admin of a tenant', () => {
  let api: Callers;
  let offset = 0;
  before(
    async () => void (api = await startCallers({ clock: () => new Date(Date.now() - 60_000 + offset) })),
  );
  after(() => api.idp.close());

  const pathOf = ({ account }: Person) => `/tenants/northwind/agents/${account.accountId}`;
  const now = async ({ account }: Person) => {
    const found = await api.idp.app.stores.accounts.find(account);
    if (!found) throw new Error('gone');
    return found;
  };
  const become = async (person: Person, roles: Role[]) =>
    api.idp.app.stores.accounts.save(await now(person), { roles, state: 'active' });
  const patch = (who: string, whom: Person, body: object) => api.call(who, 'PATCH', pathOf(whom), body);

  it('stays, when two take the role from each other, or disable each other, at the same moment', async () => {
    const ana = await api.person('ana@northwind.example', ['admin']);
    const ben = await api.person('ben@northwind.example', ['admin']);
    const [byAna, byBen] = [await api.token(ana), await api.token(ben)];
    for (let round = 0; round < 12; round += 1) {
      const wish = { roles: ['agent'] };
      const answers = await Promise.all([patch(byAna, ben, wish), patch(byBen, ana, wish)]);
      const left = [await now(ana), await now(ben)].filter(({ roles }) => roles.includes('admin'));
      expect(left.length, answers.map(({ status }) => status).join()).to.equal(1);
      expect(answers.map(({ status }) => status)).to.include(200);
      await become(ana, ['admin']);
      await become(ben, ['admin']);
    }
    const out = { state: 'disabled' };
    await Promise.all([patch(byAna, ben, out), patch(byBen, ana, out)]);
    const inUse = [await now(ana), await now(ben)].filter(({ state }) => state === 'active');
    expect(inUse.length).to.equal(1);
  });

  it('is told of by its own name, and a change that never landed bars nobody for longer than a minute', async () => {
    const [ana, ben] = [
      await api.person('a@globex.example', ['admin']),
      await api.person('b@globex.example', ['admin']),
    ];
    const editor = { kind: 'person', who: { tenantId: 'globex', accountId: 'x' } } as const;
    const occasion = { editor, reference: 'r', source: 's' };
    const { adminWatch } = api.idp.app.stores;
    // Ana was about to go when the process died: nothing tells whether the write is still on its way.
    const { accountId, credVersion } = await now(ana);
    const at = new Date(Date.now() - 60_000);
    const { version } = await adminWatch.find('globex');
    await adminWatch.save('globex', version, [{ accountId, credVersion, at }]);
    const go = async () =>
      api.idp.app.admin.agents.change(await now(ben), { roles: ['agent'] }, occasion).then(
        ({ roles }) => roles.join(),
        (error: { code: string; detail?: string }) => `${error.code} ${error.detail}`,
      );
    expect(await go()).to.equal('refused last_admin');
    offset = 61_000;
    expect(await go()).to.equal('agent');
    expect(await api.idp.app.admin.agents.change(await now(ana), { name: 'Ana' }, occasion)).to.include({
      name: 'Ana',
    });
    const last = await api.idp.app.admin.agents
      .change(await now(ana), { state: 'disabled' }, occasion)
      .catch(({ detail }: { detail?: string }) => detail);
    expect(last).to.equal('last_admin');
  });
});
