import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import type { Policy } from '../../src/tenants/tenant.ts';
import { browser } from '../support/browser.ts';
import { PASSWORD } from '../support/idp.ts';
import { Agent } from './agent.ts';
import { startDeskWorld, type DeskWorld } from './desk-world.ts';

const BEN = 'ben.ode@northwind.example';
const WITH_APP = { amr: 'pwd otp mfa', acr: 'urn:stile:acr:2fa' };

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with script' : 'without script';

  describe(`Ben, whose company mails a code before the first method, ${how}`, function () {
    this.timeout(60_000);
    let world: DeskWorld;
    let context: BrowserContext;
    let agent: Agent;

    beforeEach(async () => {
      world = await startDeskWorld();
      await world.idp.addPerson(BEN);
      context = await (await browser()).newContext({ javaScriptEnabled });
      agent = await Agent.in(context);
    });
    afterEach(async () => {
      await context.close();
      await world.close();
    });

    async function wants(policy: Partial<Policy>): Promise<void> {
      const { tenants } = world.idp.app.stores;
      const tenant = await tenants.findFresh('northwind');
      const saved =
        tenant &&
        (await tenants.savePolicy(tenant, { ...tenant.policy, enrolmentProof: 'email', ...policy }));
      expect(saved?.policy.enrolmentProof).to.equal('email');
    }

    const type = async (code: string) => {
      await agent.page.getByLabel('6-digit code').fill(code);
      await agent.select('Continue');
    };

    /** From the page that asks for the code to the one that says that the app is set up. */
    async function setUp(): Promise<void> {
      await agent.sees('Check your email');
      await agent.page.getByText('b...@northwind.example').waitFor();
      const [code = ''] = /\b\d{6}\b/.exec(await agent.mail(world.idp.issuer, /^Your code for/)) ?? [];
      await type(code === '123456' ? '654321' : '123456');
      await agent.alert().getByText('That code is not right. Use the one in the latest email').waitFor();
      await type(`${code.slice(0, 3)} ${code.slice(3)}`);
      await agent.select('Start');
      await agent.saveCodes();
      await agent.choose('Authenticator app');
      await agent.addApp();
    }

    it('types it on the way to the desk', async () => {
      await wants({ secondFactor: 'required' });
      await agent.begin(world.desks[0].url, BEN);
      await agent.sees('northwind support asks you to set up two-factor authentication');
      await agent.select('Start');
      await setUp();
      await agent.select('Continue to Contact desk');
      await agent.isSignedIn('ben ode', WITH_APP);
    });

    it('types it in the security settings, after the password', async () => {
      await wants({});
      await agent.page.goto(`${world.idp.issuer}/account/security`);
      await agent.password(BEN);
      await agent.follow('Set up two-factor authentication');
      await agent.page.getByText('Confirm it is you').waitFor();
      await agent.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await agent.select('Continue');
      await agent.select('Start');
      await setUp();
      await agent.select('Continue to Security settings');
      await agent.sees('Security settings');
      await agent.page.getByText('15 of 15 left').waitFor();
      expect(agent.complaints).to.deep.equal([]);
    });
  });
}
