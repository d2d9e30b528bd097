import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import type { Policy } from '../../src/tenants/tenant.ts';
import { browser } from '../support/browser.ts';
import { Agent } from './agent.ts';
import { startDeskWorld, type DeskWorld } from './desk-world.ts';

const BEN = 'ben.ode@northwind.example';
const ASKED = 'northwind support asks you to set up two-factor authentication';
const ONE_FACTOR = { amr: 'pwd', acr: 'urn:stile:acr:1fa' };

describe('Ben, whose company begins to require two factors', function () {
  this.timeout(60_000);
  let world: DeskWorld;
  let context: BrowserContext;
  let agent: Agent;

  beforeEach(async () => {
    world = await startDeskWorld();
    await world.idp.addPerson(BEN);
  });
  afterEach(async () => {
    await context.close();
    await world.close();
  });

  async function require(more: Partial<Policy>): Promise<void> {
    const { tenants } = world.idp.app.stores;
    const tenant = await tenants.findFresh('northwind');
    const saved =
      tenant && (await tenants.savePolicy(tenant, { ...tenant.policy, secondFactor: 'required', ...more }));
    expect(saved?.policy.secondFactor).to.equal('required');
  }

  async function open(options: { javaScriptEnabled?: boolean } = {}): Promise<void> {
    context = await (await browser()).newContext(options);
    agent = await Agent.in(context);
    await agent.begin(world.desks[0].url, BEN);
  }

  for (const javaScriptEnabled of [true, false]) {
    it(`skips it as often as he may, ${javaScriptEnabled ? 'with' : 'without'} script`, async () => {
      await require({ skips: 1 });
      await open({ javaScriptEnabled });
      await agent.sees(ASKED);
      await agent.page.getByText('You can skip this 1 more time.').waitFor();
      await agent.select('Skip for now');
      await agent.isSignedIn('ben ode', ONE_FACTOR);

      await agent.select('Sign in again now');
      await agent.password(BEN);
      await agent.sees(ASKED);
      expect(await agent.page.getByRole('button', { name: 'Skip for now' }).count()).to.equal(0);
      await agent.select('Start');
      await agent.sees('Save your recovery codes');
    });
  }
});
