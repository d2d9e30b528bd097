import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { browser } from '../support/browser.ts';
import { Agent } from './agent.ts';
import { startDeskWorld, type DeskWorld } from './desk-world.ts';

const EMAIL = 'ben.ode@northwind.example';
const WITH_PASSWORD = { amr: 'pwd', acr: 'urn:stile:acr:1fa' };

describe('signing out at the contact desk', function () {
  this.timeout(60_000);
  let world: DeskWorld;
  let context: BrowserContext;
  let agent: Agent;

  beforeEach(async () => {
    world = await startDeskWorld();
    await world.idp.addPerson(EMAIL);
    context = await (await browser()).newContext();
    agent = await Agent.in(context);
    await agent.begin(world.desks[0].url, EMAIL);
    await agent.isSignedIn('ben ode', WITH_PASSWORD);
  });
  afterEach(async () => {
    await context.close();
    await world.close();
  });

  async function signOut(): Promise<void> {
    await agent.select('Sign out');
    await agent.sees('Sign out?');
    await agent.select('Sign out');
    await agent.page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  }

  it('ends the sign-in at Stile too, and comes back to the desk', async () => {
    await signOut();
    expect(agent.page.url()).to.equal(`${world.desks[0].url}/`);
    await agent.sees('Welcome');
    await agent.select('Silent check');
    await agent.page.getByRole('heading', { name: 'Stile needs you for this' }).waitFor();
    expect(agent.complaints).to.deep.equal([]);
  });

  it('tells the other apps, which say so on their next page', async () => {
    const [, wallboard] = world.desks;
    const other = await Agent.in(context);
    await other.page.goto(wallboard?.url ?? '');
    await other.select('Sign in');
    await other.isSignedIn('ben ode', WITH_PASSWORD);
    await signOut();
    for (let tries = 0; wallboard?.receivedLogoutTokens.length === 0 && tries < 50; tries += 1) {
      await new Promise((later) => setTimeout(later, 200));
    }
    expect(wallboard?.receivedLogoutTokens).to.have.length(1);
    await other.page.reload();
    await other.page.getByRole('heading', { name: 'You were signed out by Stile' }).waitFor();
    await other.sees('Welcome');
  });

  it('ends at the desk alone when the person stays signed in at Stile', async () => {
    await agent.select('Sign out');
    await agent.sees('Sign out?');
    await agent.select('Stay signed in');
    await agent.sees('Welcome');
    await agent.select('Silent check');
    await agent.page.getByRole('heading', { name: 'You are still signed in at Stile' }).waitFor();
  });
});
