import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { browser } from '../support/browser.ts';
import { Agent } from './agent.ts';
import { startDeskWorld, type DeskWorld } from './desk-world.ts';

const BEN = 'ben.ode@northwind.example';
const NEXT = 'a kettle of green ferns';

for (const javaScriptEnabled of [true, false]) {
  describe(`Ben, who forgot his password, ${javaScriptEnabled ? 'with' : 'without'} script`, function () {
    this.timeout(60_000);
    let world: DeskWorld;
    let context: BrowserContext;
    let agent: Agent;

    before(async () => {
      world = await startDeskWorld();
      await world.idp.addPerson(BEN, { app: true });
      context = await (await browser()).newContext({ javaScriptEnabled });
      agent = await Agent.in(context);
    });
    after(async () => {
      await context.close();
      await world.close();
    });

    it('chooses a new one by a mailed link, once, and still needs his second step', async () => {
      await agent.page.goto(world.desks[0].url);
      await agent.select('Sign in');
      await agent.follow('Forgot your password?');
      await agent.sees('Forgot your password?');
      await agent.select('Send me a link');
      await agent.alert().getByText('Enter your email').waitFor();
      await agent.page.getByLabel('Email').fill(BEN);
      await agent.select('Send me a link');
      await agent.sees('Check your email');
      const mail = await agent.mail(world.idp.issuer, /password/);
      const link = /http\S+\/link\/[\w-]+/.exec(mail)?.[0] ?? '';

      await agent.page.goto(link);
      await agent.sees('Choose a new password');
      expect(agent.page.url(), 'no secret stays in the address').to.not.include('/link/');
      const field = agent.page.getByLabel('New password');
      await field.fill('short');
      await agent.select('Save new password');
      await agent.alert().getByText('Use at least 15 characters').waitFor();
      await field.fill(NEXT);
      await agent.select('Save new password');
      await agent.sees('Your password is changed');
      await agent.page.getByText('Sign in with your new password and your second step.').waitFor();
      await agent.follow('Sign in');
      await agent.password(BEN, NEXT);
      await agent.appCode(await world.idp.appCode());
      await agent.sees('Security settings');

      await agent.page.goto(link);
      await agent.sees('This link no longer works');
      await agent.follow('Ask for a new link');
      await agent.sees('Forgot your password?');
      expect(agent.complaints).to.deep.equal([]);
    });
  });
}
