import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import type { Account } from '../../src/accounts/account.ts';
import { epochSeconds, systemClock } from '../../src/core/clock.ts';
import { browser, plugIn } from '../support/browser.ts';
import { Agent } from './agent.ts';
import { startDeskWorld, type DeskWorld } from './desk-world.ts';
import { giveApp, giveKey } from './give.ts';

const ANA = 'ana.ribeiro@northwind.example';
const BEN = 'ben.ode@northwind.example';

const WITH_PASSWORD = { amr: 'pwd', acr: 'urn:stile:acr:1fa' };
const WITH_APP = { amr: 'pwd otp mfa', acr: 'urn:stile:acr:2fa' };
const WITH_APP_AND_KEY = { amr: 'pwd otp hwk user mfa', acr: 'phr' };

describe('the contact desk asks for more on a live session', function () {
  this.timeout(60_000);
  let world: DeskWorld;
  let context: BrowserContext;
  let agent: Agent;

  beforeEach(async () => {
    world = await startDeskWorld();
    context = await (await browser()).newContext();
    agent = await Agent.in(context);
  });
  afterEach(async () => {
    await context.close();
    await world.close();
  });

  /** Ana has a key and an app, and signed in with the app. */
  async function anaWithApp(): Promise<void> {
    const { account } = await world.idp.addPerson(ANA, { app: true, codes: true });
    const credential = await giveKey(world.idp, account);
    await (await plugIn(agent.page)).add(credential);
    await agent.begin(world.desks[0].url, ANA);
    await agent.sees('Use your security key');
    await agent.anotherWay(/^Authenticator app/);
    await agent.appCode(await world.idp.appCode());
    await agent.isSignedIn('ana ribeiro', WITH_APP);
  }

  /** Ben has no second step, and signed in with his password. */
  async function benWithPassword(): Promise<Account> {
    const { account } = await world.idp.addPerson(BEN);
    await agent.begin(world.desks[0].url, BEN);
    await agent.isSignedIn('ben ode', WITH_PASSWORD);
    return account;
  }

  const sessionCookie = async () =>
    (await context.cookies(world.idp.issuer)).find(({ name }) => name === 'session')?.value;

  it('and is given more at once when it asks for what was proved already', async () => {
    await anaWithApp();
    await agent.select('Sign in with two factors');
    await agent.isSignedIn('ana ribeiro', WITH_APP);
    expect(await agent.fact(/Asked by/)).to.equal('Sign in with two factors');
  });

  it('and Stile asks for the key alone, and gives the browser a new session id', async () => {
    await anaWithApp();
    const signedInAt = await agent.fact(/Signed in/);
    const before = await sessionCookie();
    await agent.select('Sign in with a security key');
    await agent.touchKey();
    await agent.isSignedIn('ana ribeiro', WITH_APP_AND_KEY);
    expect(await agent.fact(/Signed in/)).to.equal(signedInAt);
    expect(before).to.be.a('string');
    expect(await sessionCookie())
      .to.be.a('string')
      .and.not.equal(before);
  });

  it('and Stile asks for the app code alone of somebody who set one up meanwhile', async () => {
    await giveApp(world.idp, await benWithPassword());
    await agent.select('Sign in with two factors');
    await agent.appCode(await world.idp.appCode());
    await agent.isSignedIn('ben ode', WITH_APP);
  });

  it('and keeps the sign-in it had when the person walks away from the key', async () => {
    await anaWithApp();
    await agent.select('Sign in with a security key');
    await agent.sees('Use your security key');
    await agent.page.goto(world.desks[0].url);
    await agent.isSignedIn('ana ribeiro', WITH_APP);
    await agent.select('Silent check');
    await agent.page.getByRole('heading', { name: 'You are still signed in at Stile' }).waitFor();
    await agent.isSignedIn('ana ribeiro', WITH_APP);
  });

  it('and offers no recovery code where only a key is enough', async () => {
    await anaWithApp();
    await agent.select('Sign in with a security key');
    await agent.sees('Use your security key');
    await agent.follow('Try another way');
    await agent.sees('Try another way');
    expect(
      await agent.page.getByRole('link', { name: /^(Authenticator app|Recovery code)/ }).count(),
    ).to.equal(0);
  });

  it('and sends somebody who sets up no second step back with an error, not with a weak token', async () => {
    await benWithPassword();
    await agent.select('Sign in with two factors');
    await agent.sees('Contact desk asks you to set up two-factor authentication');
    await agent.select('Go back to Contact desk');
    await agent.page.getByRole('heading', { name: 'The sign-in was not strong enough' }).waitFor();
    await agent.isSignedIn('ben ode', WITH_PASSWORD);
  });

  it('and says so when it only asked nicely and was given less', async () => {
    await benWithPassword();
    await agent.select('Ask for two factors, accept less');
    await agent.page
      .getByRole('heading', { name: 'This sign-in is weaker than the desk asked for' })
      .waitFor();
    await agent.isSignedIn('ben ode', WITH_PASSWORD);
  });

  it('and demanding it from the start, is given nothing by a password alone', async () => {
    await world.idp.addPerson(BEN);
    await agent.begin(world.desks[0].url, BEN, 'Sign in with a security key');
    await agent.sees('Contact desk asks you to set up a security key');
    await agent.select('Go back to Contact desk');
    await agent.page.getByRole('heading', { name: 'The sign-in was not strong enough' }).waitFor();
    await agent.select('Silent check');
    await agent.page.getByRole('heading', { name: 'Stile needs you for this' }).waitFor();
    await agent.sees('Welcome');
  });

  it('and "Sign in again now" asks for everything that is owed, and makes the sign-in young', async () => {
    await anaWithApp();
    const begunAt = epochSeconds(systemClock());
    await agent.select('Sign in again now');
    await agent.password(ANA);
    await agent.touchKey();
    await agent.isSignedIn('ana ribeiro', { amr: 'pwd hwk user mfa', acr: 'phr' });
    await agent.page.getByText('The claims as they came').click();
    const claims = JSON.parse(await agent.page.getByLabel('Claims of the ID token').innerText()) as {
      auth_time: number;
    };
    expect(claims.auth_time).to.be.at.least(begunAt);
  });

  it('and new tokens tell of the same sign-in', async () => {
    await anaWithApp();
    await agent.select('Get new tokens');
    await agent.page.getByRole('heading', { name: 'The desk has new tokens' }).waitFor();
    await agent.isSignedIn('ana ribeiro', WITH_APP);
  });
});
