import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { browser, plugIn } from '../support/browser.ts';
import { PASSWORD } from '../support/idp.ts';
import { Agent } from './agent.ts';
import { startDeskWorld, type DeskWorld } from './desk-world.ts';
import { giveKey } from './give.ts';

const BEN = 'ben.ode@northwind.example';
const WITH_KEY = { amr: 'pwd hwk user mfa', acr: 'phr' };
const NEXT = 'a kettle of green ferns';

describe('Ben, who finds something in his activity that he did not do', function () {
  this.timeout(60_000);
  let world: DeskWorld;
  const contexts: BrowserContext[] = [];

  before(async () => void (world = await startDeskWorld()));
  after(async () => {
    for (const context of contexts) await context.close();
    await world.close();
  });

  async function someone(): Promise<Agent> {
    const context = await (await browser()).newContext();
    contexts.push(context);
    return Agent.in(context);
  }

  it('signs everybody out, chooses another password, and is back', async () => {
    const person = await world.idp.addPerson(BEN, { codes: true });
    const credential = await giveKey(world.idp, person.account);
    const [desk] = world.desks;
    const thief = await someone();
    await thief.begin(desk.url, BEN);
    await thief.anotherWay(/^Recovery code/);
    await thief.recoveryCode(person.codes[0] ?? '');
    await thief.select('Continue to Contact desk');
    await thief.sees('Hello, ben ode');

    const ben = await someone();
    await (await plugIn(ben.page)).add(credential);
    await ben.begin(desk.url, BEN);
    await ben.touchKey();
    await ben.isSignedIn('ben ode', WITH_KEY);
    await ben.page.goto(`${world.idp.issuer}/account/security`);
    await ben.follow('See all Recent activity');
    await ben.sees('Recent activity');
    await ben.page.getByText('Recovery code used').waitFor();
    await ben.follow('This was not me');
    await ben.touchKey();
    await ben.sees('Was something here not you?');
    await ben.select('Sign me out everywhere');
    await ben.sees('You are signed out everywhere');

    await thief.page.goto(`${world.idp.issuer}/account/security`);
    await thief.sees('Sign in');

    await ben.follow('Sign in');
    await ben.password(BEN);
    await ben.touchKey();
    await ben.sees('Choose a new password');
    const field = ben.page.getByLabel('New password');
    await field.fill(PASSWORD);
    await ben.select('Change password');
    await ben.alert().getByText('This is the old password. Choose another one').waitFor();
    expect(await field.inputValue()).to.equal('');
    await field.fill(NEXT);
    await ben.select('Change password');
    await ben.sees('Your password is changed');
    await ben.follow('Sign in');
    await ben.password(BEN, NEXT);
    await ben.touchKey();
    await ben.sees('Security settings');
    expect(ben.complaints).to.deep.equal([]);

    await thief.password(BEN);
    await thief.alert().getByText('The email or password is not right').waitFor();
    expect(await ben.mail(world.idp.issuer, /You told us that something was not you/)).to.include(BEN);
  });
});
