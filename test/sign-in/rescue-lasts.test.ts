import { expect } from 'chai';
import type { Person } from '../support/idp.ts';
import type { Tokens } from '../support/bare-browser.ts';
import { giveCode, giver, holding } from '../support/rescue.ts';
import { pageOf, walk, within } from '../support/walk.ts';
import { codeOf, startAgents, type Agents } from './agents.ts';

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };

/** It is for one shift. Nothing that it opens may be worth more than that. */
describe('what a rescue code opened', () => {
  let agents: Agents;
  let lead: Person;
  before(async () => {
    agents = await startAgents();
    await agents.idp.addTenant('caring', { rescueCodes: 'leads' });
    lead = await giver(agents.idp, 'caring');
  });
  after(() => agents.close());
  beforeEach(() => agents.putClockBack(0));

  const stored = async ({ account }: Person) => {
    const found = await agents.idp.app.stores.accounts.find(account);
    if (!found) throw new Error('the account is gone');
    return found;
  };

  it('ends with its session, also for an app that asks for more', async () => {
    const app = agents.app();
    const ana = await agents.person({ app: true, keys: [{}] }, 'caring');
    const refreshed = async (by: string, person: Person) => {
      agents.putClockBack(13 * 3600);
      const code = by === 'rescue-code' ? await giveCode(agents.idp, lead, person) : '';
      const browser = await agents.idp.browser().open(app.authorizeUrl(OFFLINE));
      await walk(browser, holding(person, code), { ...agents, by });
      const tokens = (await (await app.redeem(codeOf(browser) ?? '')).json()) as Tokens;
      const soon = await app.refresh(tokens.refresh_token ?? '');
      const next = (await soon.json()) as Tokens;
      agents.putClockBack(0);
      return [soon.status, (await app.refresh(next.refresh_token ?? '')).status];
    };
    expect(await refreshed('security-key', ana)).to.deep.equal([200, 200]);
    expect(await refreshed('rescue-code', ana)).to.deep.equal([200, 400]);
  });

  it('is never a new password in place of one that its owner gave up', async () => {
    const app = agents.app();
    const ana = await agents.person({ app: true }, 'caring');
    const early = await giveCode(agents.idp, lead, ana);
    const { stores, admin } = agents.idp.app;
    const before = await stored(ana);
    if (!before.password) throw new Error('no password');
    await stores.accounts.save(before, { password: { ...before.password, exposedAt: new Date() } });

    const give = giveCode(agents.idp, lead, { ...ana, account: await stored(ana) });
    expect(await give.catch((error: unknown) => error)).to.include({
      code: 'refused',
      detail: 'password_exposed',
    });
    const { rescue } = await stored(ana);
    if (!rescue) throw new Error('no code');
    // One that was given in the very moment of the report.
    const code = { ...rescue.code, credVersion: (await stored(ana)).credVersion };
    await stores.accounts.giveRescueCode(await stored(ana), { rescue: { ...rescue, code }, owed: [] });

    const browser = await agents.idp.browser().open(app.authorizeUrl());
    await walk(browser, ana, { ...agents, until: 'authenticator-app' });
    await browser.open(within(browser, 'second-factor/rescue-code'));
    expect(browser.status).to.equal(404);
    const _csrf = browser.page()('input[name=_csrf]').first().attr('value') ?? '';
    await browser.post(within(browser, 'second-factor/rescue-code'), { _csrf, code: early });
    await browser.open(within(browser, 'new-password'));
    expect(pageOf(browser)).to.equal('authenticator-app');
    expect(admin.rescueCodes.outlook(lead.account, await stored(ana), await policy()).refusal).to.equal(
      'password-exposed',
    );
  });

  async function policy() {
    const tenant = await agents.idp.app.stores.tenants.findFresh('caring');
    if (!tenant) throw new Error('no tenant');
    return tenant.policy;
  }
});
