import { expect } from 'chai';
import { pageOf, walk } from '../support/walk.ts';
import { SECURITY, startOwners, type Owners } from './owners.ts';

describe('one’s own pages, once the tenant has forbidden the only method', () => {
  let owners: Owners;
  before(async () => void (owners = await startOwners()));
  after(() => owners.idp.close());

  it('change nothing by what was proved before, and lead to a sign-in that sets up another one', async () => {
    const { idp, stores } = owners;
    await idp.addTenant('narrow');
    const person = await owners.person({ app: true }, 'narrow');
    const browser = await owners.signIn(person);
    const found = await stores.tenants.findFresh('narrow');
    if (!found) throw new Error('no tenant');
    await stores.tenants.savePolicy(found, { ...found.policy, allowedMethods: ['security-key'] });
    await owners.confirm(browser, person, `${SECURITY}/set-up`);
    expect([browser.status, browser.heading()]).to.deep.equal([403, 'Set up your own second step first']);

    await browser.open(browser.page()('main .btn').attr('href') ?? '');
    const asked = await walk(browser, person, { appCode: () => owners.appCode(), until: 'set-up' });
    expect([...asked, pageOf(browser)]).to.deep.equal(['password', 'set-up']);
  });
});
