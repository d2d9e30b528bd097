import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import type { Role } from '../../src/accounts/account.ts';
import { browser, plugIn } from '../support/browser.ts';
import { seedAgents } from '../support/many-agents.ts';
import { Agent } from './agent.ts';
import { startDeskWorld, type DeskWorld } from './desk-world.ts';
import { giveApp, giveKey } from './give.ts';

const ANA = 'ana.ribeiro@northwind.example';
const JOAO = 'joao.matos@northwind.example';
const RITA = 'rita.lopes@northwind.example';

describe('people in charge, at the console', function () {
  this.timeout(120_000);
  let world: DeskWorld;
  const contexts: BrowserContext[] = [];

  beforeEach(async () => {
    world = await startDeskWorld();
    const { tenants } = world.idp.app.stores;
    const tenant = await tenants.findFresh('northwind');
    if (tenant)
      await tenants.savePolicy(tenant, {
        ...tenant.policy,
        secondFactor: 'required',
        resetApproval: 'second-admin',
        enrolmentProof: 'none',
      });
    await giveApp(world.idp, (await world.idp.addPerson(ANA)).account);
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    await world.close();
  });

  async function person(): Promise<Agent> {
    const context = await (await browser()).newContext();
    contexts.push(context);
    return Agent.in(context);
  }

  /** Somebody in charge, with a key in their computer, at the list of agents. */
  async function inCharge(email: string, role: Role): Promise<Agent> {
    const { accounts } = world.idp.app.stores;
    const { account } = await world.idp.addPerson(email);
    if (!(await accounts.save(account, { roles: [role] }))) throw new Error('changed meanwhile');
    const credential = await giveKey(world.idp, account);
    const them = await person();
    await (await plugIn(them.page)).add(credential);
    await them.page.goto(`${world.idp.base}/admin/agents`);
    await them.password(email);
    await them.touchKey();
    await them.sees('Agents');
    return them;
  }

  const accountOf = async (email: string) => world.idp.app.stores.accounts.findByEmail('northwind', email);

  it('reset the two factors of Ana, who lost her phone; her next sign-in is set-up', async () => {
    const ana = await person();
    await ana.begin(world.desks[0].url, ANA);
    await ana.appCode(await world.idp.appCode());
    await ana.sees('Hello, ana ribeiro');

    const joao = await inCharge(JOAO, 'admin');
    await joao.follow('ana ribeiro');
    await joao.sees('ana ribeiro');
    await joao.follow('Reset two-factor');
    await joao.touchKey();
    await joao.sees('Reset two-factor for ana ribeiro?');
    await joao.select('Ask for reset');
    await joao.alert().getByText('Enter a reason').waitFor();
    await joao.page.getByLabel('Reason (kept in the audit log)').fill('Lost her phone on the train');
    await joao.select('Ask for reset');
    await joao.sees('Two-factor reset for ana ribeiro');
    await joao.page.getByRole('heading', { name: 'Waiting for a second admin' }).waitFor();
    expect(await joao.page.getByRole('button', { name: 'Agree and reset' }).count()).to.equal(0);

    const rita = await inCharge(RITA, 'admin');
    await rita.follow('ana ribeiro');
    await rita.follow('See the reset');
    await rita.select('Agree and reset');
    await rita.touchKey();
    await rita.sees('Two-factor reset for ana ribeiro');
    expect((await accountOf(ANA))?.methodCount, 'asked, and only now proved').to.equal(1);
    await rita.select('Agree and reset');
    await rita.sees('Two-factor for ana ribeiro was reset');
    expect((await accountOf(ANA))?.methodCount).to.equal(0);

    await ana.begin(world.desks[0].url, ANA);
    await ana.sees('northwind support asks you to set up two-factor authentication');
    expect([...joao.complaints, ...rita.complaints]).to.deep.equal([]);
  });

  it('sign out everybody on the page, by one tick and the number', async () => {
    const joao = await inCharge(JOAO, 'admin');
    await world.idp.addPerson('ben.ode@northwind.example');
    await joao.page.reload();
    const all = joao.page.getByLabel('Select all on this page');
    const tick = (name: string) => joao.page.getByLabel(`Select ${name}`);
    await all.check();
    await joao.page.getByRole('status').getByText('Selected: 3').waitFor();
    expect(await tick('ben ode').isChecked()).to.equal(true);
    await tick('ben ode').uncheck();
    await joao.page.getByRole('status').getByText('Selected: 2').waitFor();
    expect(await all.isChecked()).to.equal(false);
    await tick('ben ode').check();
    expect(await all.isChecked()).to.equal(true);
    await joao.select('Sign out');
    await joao.touchKey();
    await joao.sees('Sign out 2 agents everywhere?');
    await joao.page.getByText('This is you').waitFor();
    await joao.page.getByLabel('Type 2 to confirm').fill('2');
    await joao.select('Sign out 2 agents');
    await joao.sees('2 agents were signed out');
    expect(joao.complaints).to.deep.equal([]);
  });

  it('disable everybody of a filter, by keyboard alone', async () => {
    const { connection } = world.idp.database;
    await seedAgents(connection, 'northwind', 60);
    const joao = await inCharge(JOAO, 'admin');
    const { page } = joao;
    const press = async (role: 'link' | 'button' | 'checkbox', name: string, key: string) => {
      await page.getByRole(role, { name, exact: true }).focus();
      await page.keyboard.press(key);
    };
    await press('link', 'No method', 'Enter');
    await page.waitForURL(/has=none/);
    await page.getByLabel('Team').focus();
    await page.keyboard.press('T');
    await press('button', 'Search', 'Enter');
    await page.waitForURL(/team=Team/);
    const total = (await page.locator('.pager .num').innerText()).split(' of ')[1] ?? '';
    await press('checkbox', `All ${total} agents in this filter`, 'Space');
    await press('button', 'Disable', 'Enter');
    await joao.touchKey();
    const question = page.getByRole('heading', { name: /^Disable \d+ accounts\?$/ });
    const count = (await question.innerText()).replaceAll(/\D/g, '');
    expect(Number(count)).to.be.greaterThan(1);
    await page.getByLabel(`Type ${count} to confirm`).focus();
    await page.keyboard.type(count);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/selected-agents\/runs\//);
    const done = page.getByRole('heading', { name: `${count} accounts were disabled` });
    const look = page.getByRole('link', { name: 'See progress' });
    for (let i = 0; i < 100 && !(await done.isVisible()); i += 1) {
      await done.or(look).waitFor();
      if (!(await look.isVisible())) continue;
      await look.focus();
      await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    }
    await joao.sees(`${count} accounts were disabled`);
    expect(await page.getByRole('heading', { name: 'Not done' }).count()).to.equal(0);
  });
});
