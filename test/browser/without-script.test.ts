import type { BrowserContext } from 'playwright-core';
import { browser } from '../support/browser.ts';
import { Agent } from './agent.ts';
import { startDeskWorld, type DeskWorld } from './desk-world.ts';
import { giveKey } from './give.ts';

const EMAIL = 'ana.ribeiro@northwind.example';

describe('a browser without script', function () {
  this.timeout(60_000);
  let world: DeskWorld;
  let context: BrowserContext;
  let agent: Agent;
  let codes: readonly string[];

  beforeEach(async () => {
    world = await startDeskWorld();
    const ana = await world.idp.addPerson(EMAIL, { app: true, codes: true });
    codes = ana.codes;
    await giveKey(world.idp, ana.account);
    context = await (await browser()).newContext({ javaScriptEnabled: false });
    agent = await Agent.in(context);
    await agent.begin(world.desks[0].url, EMAIL);
    await agent.sees('Use your security key');
  });
  afterEach(async () => {
    await context.close();
    await world.close();
  });

  it('is told that keys need script, and signs in with an app code', async () => {
    await agent.page.getByRole('heading', { name: 'Security keys need JavaScript' }).waitFor();
    await agent.page.getByRole('button', { name: 'Use security key' }).waitFor({ state: 'hidden' });
    await agent.anotherWay(/^Authenticator app/);
    await agent.appCode(await world.idp.appCode());
    await agent.isSignedIn('ana ribeiro', { amr: 'pwd otp mfa', acr: 'urn:stile:acr:2fa' });
  });

  it('signs in with a recovery code, and out again', async () => {
    await agent.anotherWay(/^Recovery code/);
    await agent.recoveryCode(codes[0] ?? '');
    await agent.sees('You used a recovery code');
    await agent.select('Continue to Contact desk');
    await agent.isSignedIn('ana ribeiro', { amr: 'pwd recovery_code mfa', acr: 'urn:stile:acr:2fa' });
    await agent.select('Sign out');
    await agent.sees('Sign out?');
    await agent.select('Sign out');
    await agent.page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  });
});
