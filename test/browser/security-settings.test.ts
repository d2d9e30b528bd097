import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { browser, plugIn } from '../support/browser.ts';
import { PASSWORD } from '../support/idp.ts';
import { Agent } from './agent.ts';
import { startDeskWorld, type DeskWorld } from './desk-world.ts';
import { giveKey } from './give.ts';

const BEN = 'ben.ode@northwind.example';
const WITH_KEY = { amr: 'pwd hwk user mfa', acr: 'phr' };
const ONE_FACTOR = { amr: 'pwd', acr: 'urn:stile:acr:1fa' };

describe('Ben, signed in at a desk with his key, in the security settings', function () {
  this.timeout(60_000);
  let world: DeskWorld;
  let context: BrowserContext;
  let agent: Agent;

  beforeEach(async () => {
    world = await startDeskWorld();
    const { account } = await world.idp.addPerson(BEN);
    const credential = await giveKey(world.idp, account);
    context = await (await browser()).newContext();
    agent = await Agent.in(context);
    await (await plugIn(agent.page)).add(credential);
    await agent.begin(world.desks[0].url, BEN);
    await agent.touchKey();
    await agent.isSignedIn('ben ode', WITH_KEY);
  });
  afterEach(async () => {
    await context.close();
    await world.close();
  });

  const settings = (path = '') => agent.page.goto(`${world.idp.issuer}/account/security${path}`);

  const confirm = () => agent.select('Use security key');

  it('turns two-factor off, and signs in with the password alone', async () => {
    await settings();
    await agent.follow('Turn off two-factor authentication');
    await confirm();
    await agent.sees('Turn off two-factor authentication?');
    await agent.select('Turn off');
    await agent.page
      .getByText('Two-factor authentication is off. You are signed out everywhere else.')
      .waitFor();
    await agent.page.goto(world.desks[0].url);
    await agent.select('Sign in again now');
    await agent.password(BEN);
    await agent.isSignedIn('ben ode', ONE_FACTOR);
  });

  it('finds no way to turn it off where the company requires it, by link or by address', async () => {
    const { tenants } = world.idp.app.stores;
    const tenant = await tenants.findFresh('northwind');
    if (!tenant) throw new Error('no tenant');
    await tenants.savePolicy(tenant, { ...tenant.policy, secondFactor: 'required' });
    await settings();
    await agent.page.getByText('You can change methods, but one must stay.').waitFor();
    expect(await agent.page.getByRole('link', { name: 'Turn off' }).count()).to.equal(0);
    await settings('/turn-off');
    await confirm();
    await agent.sees('You cannot turn this off');
    expect(await agent.page.getByRole('button', { name: 'Turn off' }).count()).to.equal(0);
  });

  it('changes his password, after mistakes, shown while he types', async () => {
    const next = 'a kettle of green ferns';
    await settings();
    await agent.follow('Change password');
    await confirm();
    await agent.sees('Change your password');
    const field = agent.page.getByLabel('New password');
    for (const [current, typed, problem] of [
      ['', 'short', 'Enter your current password'],
      [PASSWORD, 'short', 'Use at least 15 characters'],
      [PASSWORD, PASSWORD, 'This is your current password. Choose another one'],
      ['another password', next, 'That is not your current password'],
    ] as const) {
      await agent.page.getByLabel('Current password').fill(current);
      await field.fill(typed);
      await agent.select('Change password');
      await agent.alert().getByRole('link', { name: problem }).click();
      expect(await agent.page.locator(':focus').inputValue(), 'no secret comes back').to.equal('');
    }
    await agent.page.getByLabel('Current password').fill(PASSWORD);
    await field.fill(next);
    await agent.page.getByRole('button', { name: 'Show password' }).nth(1).click();
    expect(await field.getAttribute('type')).to.equal('text');
    await agent.select('Change password');
    await agent.page.getByText('Your password is changed. You are signed out everywhere else.').waitFor();
    expect(agent.complaints).to.deep.equal([]);
  });
});
