import { expect } from 'chai';
import { settingsOf } from '../../src/tenants/tenants.ts';
import { startIdp, type Idp, type Person } from '../support/idp.ts';
import { saveAs, signInAt, until, works } from './held.ts';
import { startListeningApp, type ListeningApp } from './listening-app.ts';

const REQUIRED = { secondFactor: 'required' } as const;

describe('cleaning up after a policy', function () {
  this.timeout(60_000);
  let idp: Idp;
  let app: ListeningApp;
  let boss: Person;
  /** How far the clock is put back; milliseconds. */
  let behind: number;
  beforeEach(async () => {
    behind = 60 * 60 * 1000;
    idp = await startIdp({ clock: () => new Date(Date.now() - behind) });
    app = await startListeningApp(idp, 'crm');
    boss = await idp.addPerson('boss@northwind.example', { app: true });
  });
  afterEach(async () => {
    await idp.close();
    await app.close();
  });

  const tenants = () => idp.app.stores.tenants;
  const cleanUp = () => idp.app.admin.cleanUp;
  const sessionsOf = ({ account }: Person) => idp.app.sessions.ofAccount(account.accountId);
  const done = async () =>
    (
      await idp.app.stores.operations.search.list(
        'northwind',
        { events: ['enforcement_cleaned_up'] },
        { limit: 10 },
      )
    ).records;
  /** Saves, and dies before anything else is done. @returns the version */
  async function saveAndDie(): Promise<number> {
    const tenant = await tenants().findFresh('northwind');
    const saved =
      tenant && (await tenants().savePolicy(tenant, { ...settingsOf(tenant.policy), ...REQUIRED }));
    if (!saved) throw new Error('not saved');
    return saved.policy.version;
  }

  it('comes by a second time, for what was stored while it went by', async () => {
    const ana = await idp.addPerson('ana@northwind.example');
    await signInAt(idp, ana, app);
    const version = await saveAndDie();
    // The first round has gone past her: whatever she has now was stored behind its back.
    const step = { version, reason: 'saved', round: 1, after: '~' } as const;
    await cleanUp().step('northwind', step);
    expect(await sessionsOf(ana)).to.have.length(1);
    expect(app.told).to.deep.equal([]);
    expect(await tenants().cleanUpsOwed()).to.deep.equal([{ tenantId: 'northwind', version }]);

    behind -= 10_000;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(app.told, 'not before its time').to.deep.equal([]);
    behind -= 6_000;
    await until(async () => (await done()).length > 0, 'the second round');
    await until(() => app.told.length > 0, 'a logout token');
    expect(app.told.map(({ sub }) => sub)).to.deep.equal([ana.account.accountId]);
    expect(await sessionsOf(ana)).to.deep.equal([]);
    expect(await tenants().cleanUpsOwed()).to.deep.equal([]);
    expect(JSON.parse((await done())[0]?.details ?? '{}')).to.deep.equal({ version });
  });

  it('goes through many people in steps, and reaches the last one', async () => {
    const { account } = await idp.addPerson('first@northwind.example');
    const has = account.password ? { password: account.password } : {};
    const people = await Promise.all(
      Array.from({ length: 230 }, (_, n) => idp.addPerson(`agent${n}@northwind.example`, has)),
    );
    const last = people.sort((a, b) => (a.account.accountId < b.account.accountId ? -1 : 1)).at(-1);
    if (!last) throw new Error('nobody');
    await signInAt(idp, last, app);
    await saveAs(idp, () => boss)(REQUIRED);
    await until(() => app.told.length > 0, 'a logout token');
    expect(app.told.map(({ sub }) => sub)).to.deep.equal([last.account.accountId]);
  });

  it('works by the policy that is in force by then, and not by the one that began it', async () => {
    const ana = await idp.addPerson('ana@northwind.example');
    const ben = await idp.addPerson('ben@northwind.example');
    const dead = await signInAt(idp, ana, app);
    const version = await saveAndDie();
    await saveAs(idp, () => boss)({ secondFactor: 'optional' });
    const alive = await signInAt(idp, ben, app);
    await cleanUp().step('northwind', { version, reason: 'saved', round: 1, after: null });
    expect(await sessionsOf(ana), 'dead for good').to.deep.equal([]);
    expect(await sessionsOf(ben)).to.have.length(1);
    expect(await works(dead)).to.deep.equal([]);
    expect(await works(alive)).not.to.deep.equal([]);
    await cleanUp().step('northwind', { version, reason: 'saved', round: 2, after: '~' });
    expect(await tenants().cleanUpsOwed(), 'the newer one still owes').to.have.length(1);
  });

  it('does the same step again without telling anybody twice', async () => {
    const ana = await idp.addPerson('ana@northwind.example');
    await signInAt(idp, ana, app);
    const version = await saveAndDie();
    const step = { version, reason: 'saved', round: 1, after: null } as const;
    await Promise.all([1, 2, 3].map(() => cleanUp().step('northwind', step)));
    await cleanUp().step('northwind', step);
    await until(() => app.told.length > 0, 'a logout token');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(app.told).to.have.length(1);
  });

  it('is nothing where there is no such tenant, and where nothing was ended', async () => {
    await cleanUp().step('nobody', { version: 1, reason: 'saved', round: 1, after: null });
    await cleanUp().follow();
    await saveAs(idp, () => boss)({ rescueCodes: 'leads' });
    expect(await tenants().cleanUpsOwed()).to.deep.equal([]);
    expect(await done()).to.deep.equal([]);
  });
});
