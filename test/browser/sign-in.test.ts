import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import type { Account } from '../../src/accounts/account.ts';
import { browser, plugIn, type VirtualCredential, type VirtualKeyOptions } from '../support/browser.ts';
import { Agent } from './agent.ts';
import { startDeskWorld, type DeskWorld } from './desk-world.ts';
import { giveKey, newCredential } from './give.ts';

const EMAIL = 'ana.ribeiro@northwind.example';
const NAME = 'ana ribeiro';

const WITH_KEY = { amr: 'pwd hwk user mfa', acr: 'phr' };
const WITH_APP = { amr: 'pwd otp mfa', acr: 'urn:stile:acr:2fa' };
const WITH_RECOVERY_CODE = { amr: 'pwd recovery_code mfa', acr: 'urn:stile:acr:2fa' };

describe('Ana signs in from the contact desk', function () {
  this.timeout(60_000);
  let world: DeskWorld;
  let context: BrowserContext;
  let agent: Agent;
  let ana: Account;
  let codes: readonly string[];
  let blueKey: VirtualCredential;

  beforeEach(async () => {
    world = await startDeskWorld();
    ({ account: ana, codes } = await world.idp.addPerson(EMAIL, { app: true, codes: true }));
    blueKey = await giveKey(world.idp, ana);
    context = await (await browser()).newContext();
    agent = await Agent.in(context);
  });
  afterEach(async () => {
    await context.close();
    await world.close();
  });

  const begin = (button?: string) => agent.begin(world.desks[0].url, EMAIL, button);
  const plug = async (credential = blueKey, options: VirtualKeyOptions = {}) => {
    const key = await plugIn(agent.page, options);
    await key.add(credential);
    return key;
  };

  it('with a touch of her security key', async () => {
    const key = await plug();
    await begin();
    await agent.touchKey();
    await agent.isSignedIn(NAME, WITH_KEY);
    await agent.page.getByText(/^You signed in just now with your password and a security key\.$/).waitFor();
    expect(await agent.fact(/Tenant/)).to.equal('northwind');
    expect((await key.credentials())[0]?.signCount).to.equal(2);
  });

  it('with an old key that knows U2F only', async () => {
    await plug(blueKey, { protocol: 'u2f' });
    await begin();
    await agent.touchKey();
    await agent.isSignedIn(NAME, WITH_KEY);
  });

  it('with her second key', async () => {
    const greenKey = await giveKey(world.idp, ana, { name: 'Green key' });
    await plug(greenKey);
    await begin();
    await agent.touchKey();
    await agent.isSignedIn(NAME, WITH_KEY);
  });

  it('with a key that checks her finger, which makes the same claims', async () => {
    await plug(blueKey, { hasUserVerification: true, isUserVerified: true });
    await begin();
    await agent.touchKey();
    await agent.isSignedIn(NAME, WITH_KEY);
  });

  it('with a passkey that is copied between devices, which is no hardware key', async () => {
    await plug(await giveKey(world.idp, ana, { name: 'Phone', backupEligible: true }));
    await begin();
    await agent.touchKey();
    await agent.isSignedIn(NAME, { amr: 'pwd pop user mfa', acr: 'phr' });
    await agent.page.getByText(/with your password and a passkey\.$/).waitFor();
  });

  it('by "Try another way" with a code from her app, without her password again', async () => {
    await begin();
    await agent.sees('Use your security key');
    await agent.anotherWay(/^Authenticator app/);
    await agent.appCode(await world.idp.appCode());
    await agent.isSignedIn(NAME, WITH_APP);
  });

  it('by "Try another way" with a recovery code, and learns how many are left', async () => {
    await begin();
    await agent.sees('Use your security key');
    await agent.anotherWay(/^Recovery code/);
    await agent.recoveryCode(codes[3] ?? '');
    await agent.sees('You used a recovery code');
    await agent.page.getByText('14 codes are left', { exact: false }).waitFor();
    await agent.select('Continue to Contact desk');
    await agent.isSignedIn(NAME, WITH_RECOVERY_CODE);
  });

  it('not with the key of somebody else, and reads what to do', async () => {
    const { account: ben } = await world.idp.addPerson('ben.ode@northwind.example');
    await plug(await giveKey(world.idp, ben));
    await begin();
    await agent.touchKey();
    await agent.alert().getByRole('heading', { name: 'We did not hear from your key' }).waitFor();
    await agent.page.getByRole('button', { name: 'Try again' }).waitFor();
    await agent.anotherWay(/^Authenticator app/);
    await agent.appCode(await world.idp.appCode());
    await agent.isSignedIn(NAME, WITH_APP);
  });

  it('not with the key of somebody else that a browser lets answer, and reads why', async () => {
    const { account: ben } = await world.idp.addPerson('ben.ode@northwind.example');
    const key = await giveKey(world.idp, ben);
    await plug(key);
    // A browser that does not hold to the list of keys that it is given.
    const content = `
      const get = navigator.credentials.get.bind(navigator.credentials);
      const id = Uint8Array.from(atob('${key.credentialId}'), (char) => char.charCodeAt(0));
      navigator.credentials.get = ({ publicKey }) =>
        get({ publicKey: { ...publicKey, allowCredentials: [{ type: 'public-key', id }] } });`;
    await agent.page.addInitScript({ content });
    await begin();
    await agent.touchKey();
    await agent.alert().getByRole('heading', { name: 'This key is not set up for your account' }).waitFor();
  });

  it('not with a key that only says it is hers', async () => {
    await plug({ ...newCredential().credential, credentialId: blueKey.credentialId });
    await begin();
    await agent.touchKey();
    await agent.alert().getByRole('heading', { name: 'That did not work' }).waitFor();
  });

  it('after a try with the wrong key, on the same page', async () => {
    const wrong = await plug(newCredential().credential);
    await begin();
    await agent.touchKey();
    await agent.alert().getByRole('heading', { name: 'We did not hear from your key' }).waitFor();
    await wrong.unplug();
    await plug();
    await agent.select('Try again');
    await agent.isSignedIn(NAME, WITH_KEY);
  });
});
