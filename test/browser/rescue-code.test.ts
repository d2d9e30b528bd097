import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import type { Account } from '../../src/accounts/account.ts';
import { browser, plugIn } from '../support/browser.ts';
import { Agent } from './agent.ts';
import { startDeskWorld, type DeskWorld } from './desk-world.ts';
import { giveKey } from './give.ts';

const LEAD = 'grace.lindqvist@northwind.example';
const ANA = 'ana.ribeiro@northwind.example';

describe('Ana, who left her key at home', function () {
  this.timeout(60_000);
  let world: DeskWorld;
  let contexts: BrowserContext[];
  let ana: Account;
  let lead: Account;

  beforeEach(async () => {
    world = await startDeskWorld();
    contexts = [];
    const { stores } = world.idp.app;
    const tenant = await stores.tenants.findFresh('northwind');
    if (tenant) await stores.tenants.savePolicy(tenant, { ...tenant.policy, rescueCodes: 'leads' });
    ({ account: ana } = await world.idp.addPerson(ANA));
    await giveKey(world.idp, ana);
    ({ account: lead } = await world.idp.addPerson(LEAD));
    const saved = await stores.accounts.save(lead, { roles: ['agent', 'lead'] });
    if (!saved) throw new Error('changed meanwhile');
    lead = saved;
  });
  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    await world.close();
  });

  async function open(javaScriptEnabled = true): Promise<Agent> {
    const context = await (await browser()).newContext({ javaScriptEnabled });
    contexts.push(context);
    return Agent.in(context);
  }

  /** Her lead opens the page, proves herself twice over, and reads out what it shows. */
  async function codeFromLead(): Promise<string> {
    const key = await giveKey(world.idp, lead);
    const grace = await open();
    await (await plugIn(grace.page, {})).add(key);
    await grace.page.goto(`${world.idp.base}/admin/agents`);
    await grace.password(LEAD);
    await grace.touchKey();
    await grace.sees('Agents');
    await grace.follow('ana ribeiro');
    await grace.sees('ana ribeiro');
    await grace.follow('Give a rescue code');
    await grace.touchKey();
    await grace.sees('Rescue code for ana ribeiro');
    await grace.select('Give a rescue code');
    await grace.alert().getByRole('link', { name: 'Enter a reason' }).click();
    await grace.page.keyboard.type('key at home');
    await grace.page.getByLabel('Valid for (hours)').fill('4');
    await grace.select('Give a rescue code');
    await grace.page.getByText(/^Works once until \d\d:\d\d UTC.*Read it to ana ribeiro;/).waitFor();
    const code = await grace.page.locator('.spoken').innerText();
    expect(grace.complaints).to.deep.equal([]);
    await grace.page.reload();
    await grace.page.getByRole('heading', { name: 'This code was already shown' }).waitFor();
    expect(await grace.page.content()).not.to.include(code);
    return code;
  }

  for (const script of [true, false]) {
    it(`signs in at the desk by the code that her lead reads to her, ${script ? 'with' : 'without'} script`, async () => {
      const code = await codeFromLead();
      const agent = await open(script);
      await agent.begin(world.desks[0].url, ANA);
      await agent.sees('Use your security key');
      await agent.anotherWay(/Code from your team lead/);
      await agent.sees('Enter the code from your team lead');
      await agent.page.getByLabel('Code', { exact: true }).fill(code.toLowerCase().replace('-', ' '));
      await agent.select('Continue');
      await agent.isSignedIn('ana ribeiro', { amr: 'pwd rescue_code mfa', acr: 'urn:stile:acr:2fa' });
      await agent.page.getByText(/with your password and a code from your team lead/).waitFor();
    });
  }
});
