import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { browser } from '../support/browser.ts';
import { Agent } from './agent.ts';
import { startDeskWorld, type DeskWorld } from './desk-world.ts';
import { giveKey } from './give.ts';

const ANA = 'ana.ribeiro@northwind.example';
const WITH_CODE = { amr: 'pwd recovery_code mfa', acr: 'urn:stile:acr:2fa' };

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with script' : 'without script';

  describe(`Ana, who lost her key and signs in with a recovery code, ${how}`, function () {
    this.timeout(60_000);
    let world: DeskWorld;
    let context: BrowserContext;
    let agent: Agent;

    beforeEach(async () => {
      world = await startDeskWorld();
      context = await (await browser()).newContext({ javaScriptEnabled });
      agent = await Agent.in(context);
    });
    afterEach(async () => {
      await context.close();
      await world.close();
    });

    /** As far as the page after a recovery code. @returns how many codes her account has now */
    async function signInWithCode(left: number): Promise<() => Promise<number | undefined>> {
      const { stores } = world.idp.app;
      const { account, codes } = await world.idp.addPerson(ANA, { app: true, codes: true });
      await stores.accounts.save(account, {
        recovery: await stores.makeRecoverySet(codes.slice(0, left + 1)),
      });
      await giveKey(world.idp, account);
      await agent.begin(world.desks[0].url, ANA);
      await agent.anotherWay(/^Recovery code/);
      await agent.recoveryCode(codes[0] ?? '');
      return async () => (await stores.accounts.find(account))?.recovery?.digests.length;
    }

    async function makeCodes(): Promise<void> {
      await agent.select('Make new codes');
      await agent.sees('Save your recovery codes');
      expect(await agent.shownCodes()).to.have.length(15);
      await agent.select('Continue');
      await agent.alert().getByText('Tell us you saved your codes').first().waitFor();
      await agent.saveCodes();
    }

    it('makes a new list where few are left', async () => {
      const left = await signInWithCode(3);
      await agent.sees('Only 3 recovery codes are left');
      await makeCodes();
      await agent.isSignedIn('ana ribeiro', WITH_CODE);
      expect(await left()).to.equal(15);
    });

    it('goes on without one while some are left', async () => {
      const left = await signInWithCode(1);
      await agent.sees('Only 1 recovery code is left');
      await agent.select('Not now');
      await agent.isSignedIn('ana ribeiro', WITH_CODE);
      expect(await left()).to.equal(1);
    });

    it('must make one after the last', async () => {
      const left = await signInWithCode(0);
      await agent.sees('That was your last recovery code');
      const names = await agent.page.getByRole('main').getByRole('button').allInnerTexts();
      expect(names).to.deep.equal(['Make new codes']);
      await makeCodes();
      await agent.isSignedIn('ana ribeiro', WITH_CODE);
      expect(await left()).to.equal(15);
    });

    it('removes what she lost, and goes on to the desk that she came from', async () => {
      await signInWithCode(9);
      await agent.sees('You used a recovery code');
      await agent.select('Remove what I lost');
      await agent.sees('Security settings');
      await agent.follow('Remove Blue key');
      await agent.sees('Remove Blue key?');
      await agent.select('Remove Blue key');
      await agent.page.getByText('Removed. You are signed out everywhere else.').waitFor();
      expect(await agent.page.getByRole('link', { name: 'Remove Blue key' }).count()).to.equal(0);
      await agent.follow('Continue to Contact desk');
      await agent.select('Sign in');
      await agent.isSignedIn('ana ribeiro', WITH_CODE);
    });
  });
}
