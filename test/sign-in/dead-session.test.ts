import { expect } from 'chai';
import { pageOf, walk } from '../support/walk.ts';
import { startAgents, type Agents } from './agents.ts';

describe('a sign-in in a browser whose session is over', () => {
  let agents: Agents;
  before(async () => void (agents = await startAgents()));
  after(() => agents.close());

  it('goes on after its password, whenever the session is tidied up', async () => {
    const { idp } = agents;
    const { tenants } = idp.app.stores;
    await idp.addTenant('enforcing', { secondFactor: 'optional' });
    const person = await idp.addPerson('nia@enforcing.example', {});
    const browser = idp.browser();
    await browser.open(agents.app().authorizeUrl());
    await walk(browser, person, agents);
    expect(browser.left?.searchParams.has('code')).to.equal(true);

    const tenant = await tenants.findFresh('enforcing');
    if (!tenant) throw new Error('no tenant');
    await tenants.savePolicy(tenant, { ...tenant.policy, secondFactor: 'required' });
    await browser.open(agents.app().authorizeUrl());
    expect(pageOf(browser)).to.equal('password');
    await idp.app.sessions.endDead(person.account.accountId);
    await walk(browser, person, { ...agents, until: 'set-up' });
    expect([browser.status, pageOf(browser)]).to.deep.equal([200, 'set-up']);
  });

  it('hangs on no session of somebody who was taken out of use', async () => {
    const { idp } = agents;
    const gone = await idp.addPerson('gone@northwind.example', {});
    const browser = idp.browser();
    await browser.open(agents.app().authorizeUrl());
    await walk(browser, gone, agents);
    await idp.app.stores.accounts.save(gone.account, { state: 'disabled' });
    await browser.open(agents.app().authorizeUrl());
    await idp.app.sessions.endAll(gone.account);
    const next = await idp.addPerson('next@northwind.example', {});
    await walk(browser, next, agents);
    expect(browser.left?.searchParams.has('code')).to.equal(true);
  });
});
