import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { browser } from '../support/browser.ts';
import { PASSWORD } from '../support/idp.ts';
import { Agent } from './agent.ts';
import { startDeskWorld, type DeskWorld } from './desk-world.ts';

const EMAIL = 'ana.ribeiro@northwind.example';
const WITH_APP = { amr: 'pwd otp mfa', acr: 'urn:stile:acr:2fa' };
const APP_PAGE = 'Enter the code from your authenticator app';

describe('moving about in a sign-in', function () {
  this.timeout(60_000);
  let world: DeskWorld;
  let context: BrowserContext;
  let agent: Agent;
  let codes: readonly string[];

  beforeEach(async () => {
    world = await startDeskWorld();
    ({ codes } = await world.idp.addPerson(EMAIL, { app: true, codes: true }));
    context = await (await browser()).newContext();
    agent = await Agent.in(context);
  });
  afterEach(async () => {
    await context.close();
    await world.close();
  });

  const begin = () => agent.begin(world.desks[0].url, EMAIL);

  it('stays on the same step when the page is reloaded', async () => {
    await begin();
    await agent.sees(APP_PAGE);
    await agent.page.reload();
    await agent.appCode(await world.idp.appCode());
    await agent.isSignedIn('ana ribeiro', WITH_APP);
  });

  it('leads on from the password page that the Back button shows', async () => {
    await begin();
    await agent.sees(APP_PAGE);
    await agent.page.goBack();
    await agent.password(EMAIL);
    await agent.appCode(await world.idp.appCode());
    await agent.isSignedIn('ana ribeiro', WITH_APP);
  });

  it('says that one is signed in already when Back leads into a sign-in that is over', async () => {
    await begin();
    await agent.sees(APP_PAGE);
    const step = agent.page.url();
    await agent.appCode(await world.idp.appCode());
    await agent.isSignedIn('ana ribeiro', WITH_APP);
    await agent.page.goto(step);
    await agent.sees('You are already signed in');
    await agent.follow(/Contact desk/);
    await agent.isSignedIn('ana ribeiro', WITH_APP);
  });

  it('finishes in two tabs one after the other', async () => {
    const second = await Agent.in(context);
    await begin();
    await agent.sees(APP_PAGE);
    await second.begin(world.desks[0].url, EMAIL);
    await second.sees(APP_PAGE);
    await agent.appCode(await world.idp.appCode());
    await agent.isSignedIn('ana ribeiro', WITH_APP);
    await second.anotherWay(/^Recovery code/);
    await second.recoveryCode(codes[0] ?? '');
    await second.select('Continue to Contact desk');
    await second.isSignedIn('ana ribeiro', { ...WITH_APP, amr: 'pwd recovery_code mfa' });
  });

  it('refuses in the second tab the code that the first one used, and says so', async () => {
    const second = await Agent.in(context);
    await begin();
    await second.begin(world.desks[0].url, EMAIL);
    const code = await world.idp.appCode();
    await agent.appCode(code);
    await agent.isSignedIn('ana ribeiro', WITH_APP);
    await second.appCode(code);
    await second.alert().getByRole('heading', { name: 'That code was used already' }).waitFor();
  });

  it('takes a form that is sent twice as one', async () => {
    await agent.page.goto(world.desks[0].url);
    await agent.select('Sign in');
    await agent.sees('Sign in');
    await agent.page.getByLabel('Email').fill(EMAIL);
    await agent.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await agent.page.getByRole('button', { name: 'Sign in' }).dblclick();
    await agent.sees(APP_PAGE);
    await agent.page.getByLabel('6-digit code').fill(await world.idp.appCode());
    await agent.page.getByRole('button', { name: 'Continue' }).dblclick();
    await agent.isSignedIn('ana ribeiro', WITH_APP);
  });

  it('starts over with "Not you?"', async () => {
    await begin();
    await agent.sees(APP_PAGE);
    await agent.follow('Not you?');
    await agent.sees('Sign in');
    await agent.password(EMAIL);
    await agent.sees(APP_PAGE);
  });

  it('lets nobody go on in another browser, and says so', async () => {
    await begin();
    await agent.sees(APP_PAGE);
    const stranger = await Agent.in(await (await browser()).newContext());
    const answer = await stranger.page.goto(agent.page.url());
    expect(answer?.status()).to.be.within(400, 499);
    expect(await stranger.page.getByRole('heading', { level: 1 }).innerText()).to.be.oneOf([
      'Go on where you started',
      'This page has been open too long',
    ]);
    await stranger.page.context().close();
  });
});
