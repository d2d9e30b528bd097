import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { browser, plugIn, type VirtualKey } from '../support/browser.ts';
import { PASSWORD } from '../support/idp.ts';
import { Agent } from './agent.ts';
import { startDeskWorld, type DeskWorld } from './desk-world.ts';

const BEN = 'ben.ode@northwind.example';
const WITH_KEY = { amr: 'pwd hwk user mfa', acr: 'phr' };
const ONE_FACTOR = { amr: 'pwd', acr: 'urn:stile:acr:1fa' };

describe('Ben, who looks after his methods in the security settings', function () {
  this.timeout(90_000);
  let world: DeskWorld;
  let context: BrowserContext;
  let agent: Agent;
  let key: VirtualKey;

  beforeEach(async () => {
    world = await startDeskWorld();
    await world.idp.addPerson(BEN);
    context = await (await browser()).newContext();
    agent = await Agent.in(context);
    key = await plugIn(agent.page);
    await settings();
    await agent.password(BEN);
  });
  afterEach(async () => {
    await context.close();
    await world.close();
  });

  const settings = () => agent.page.goto(`${world.idp.issuer}/account/security`);
  const says = (words: string) => agent.page.getByText(words).waitFor();
  const methods = () => agent.page.locator('.rows b').allTextContents();

  async function begin(): Promise<void> {
    await agent.follow('Set up two-factor authentication');
    await agent.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await agent.select('Continue');
    await agent.select('Start');
    await agent.saveCodes();
  }

  async function addKey(name: string): Promise<void> {
    await agent.choose('Security key');
    await agent.select('Add security key');
    await agent.sees('Name your key');
    await agent.page.getByLabel('Name').fill(name);
    await agent.select('Finish');
    await agent.sees('You are set up');
  }

  it('sets up an app, then a key, and is asked for the key from then on', async () => {
    await begin();
    await agent.choose('Authenticator app');
    await agent.addApp();
    await agent.select('Add a second method so that you are never locked out');
    await addKey('Blue key');
    await agent.select('Continue to Security settings');
    expect(await methods()).to.deep.equal(['Blue key', 'Authenticator app']);

    await context.clearCookies();
    await agent.begin(world.desks[0].url, BEN);
    await agent.touchKey();
    await agent.isSignedIn('ben ode', WITH_KEY);
  });

  it('cannot add the same key twice, and is told so', async () => {
    await begin();
    await addKey('Blue key');
    await agent.select('Continue to Security settings');
    await agent.follow('Add a method');
    await agent.select('Start');
    await agent.choose('Security key');
    await agent.select('Add security key');
    await agent.alert().getByText('This key is already on your account').waitFor();
    await agent.page.getByText('Plug in a different key, or go back.').waitFor();
    expect(await key.credentials()).to.have.length(1);
    await settings();
    expect(await methods()).to.deep.equal(['Blue key']);
  });

  it('gives a key another name, removes it, and with the last method two-factor is off', async () => {
    await begin();
    await addKey('Blue key');
    await agent.select('Add a second method so that you are never locked out');
    await agent.choose('Authenticator app');
    await agent.addApp();
    await agent.select('Continue to Security settings');

    await agent.follow('Rename Blue key');
    await agent.page.getByLabel('Name').fill('Desk 12');
    await agent.select('Save');
    await says('The new name is saved.');
    await agent.follow('Remove Desk 12');
    await agent.sees('Remove Desk 12?');
    await agent.follow('Cancel');
    await agent.sees('Security settings');
    await agent.follow('Remove Desk 12');
    await agent.select('Remove Desk 12');
    await says('Removed. You are signed out everywhere else.');
    expect(await methods()).to.deep.equal(['Authenticator app']);

    await agent.follow('Remove Authenticator app');
    await agent.sees('Remove your last method?');
    await agent.select('Turn off');
    await says('Two-factor authentication is off. You are signed out everywhere else.');
    await context.clearCookies();
    await agent.begin(world.desks[0].url, BEN);
    await agent.isSignedIn('ben ode', ONE_FACTOR);
  });
});
