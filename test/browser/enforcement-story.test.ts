import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { ALL, OFFLINE, signInAt, until, works } from '../admin/held.ts';
import { startListeningApp, type ListeningApp } from '../admin/listening-app.ts';
import { browser, plugIn } from '../support/browser.ts';
import { Agent } from './agent.ts';
import { startDeskWorld, type DeskWorld } from './desk-world.ts';
import { giveKey } from './give.ts';

const JOAO = 'joao.matos@northwind.example';
const ANA = 'ana.ribeiro@northwind.example';
const TITLE = 'Require two-factor and sign out 3 agents?';

describe('the day on which Northwind requires two factors', function () {
  this.timeout(120_000);
  let world: DeskWorld;
  let crm: ListeningApp;
  const contexts: BrowserContext[] = [];
  beforeEach(async () => {
    world = await startDeskWorld();
    await world.idp.addTenant('globex');
    crm = await startListeningApp(world.idp, 'crm');
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    await world.close();
    await crm.close();
  });

  async function sitDown(): Promise<Agent> {
    const context = await (await browser()).newContext();
    contexts.push(context);
    return Agent.in(context);
  }

  it('is told beforehand, name by name, and comes exactly like that', async () => {
    const { idp, desks } = world;
    const [desk, wallboard] = desks;
    if (!wallboard) throw new Error('no wallboard');
    const at = (name: string, has = {}, tenant = 'northwind') =>
      idp.addPerson(`${name}@${tenant}.example`, has);

    // Two tenants, six agents and an admin, three apps.
    const kept = [
      await signInAt(idp, await at('kim', { keys: [{}] }), crm),
      await signInAt(idp, await at('ned', { app: true }), crm),
      await signInAt(idp, await at('bo', { keys: [{}], app: true }), crm, { by: 'authenticator-app' }),
      await signInAt(idp, await at('dee', {}, 'globex'), crm, { more: OFFLINE }),
    ];
    await idp.addPerson(ANA);
    await at('dele');
    const cai = await signInAt(idp, await at('cai'), crm, { more: OFFLINE });
    const ana = await sitDown();
    await ana.begin(desk.url, ANA);
    await ana.isSignedIn('ana ribeiro', { amr: 'pwd', acr: 'urn:stile:acr:1fa' });
    const beside = new Agent(await ana.page.context().newPage());
    await beside.page.goto(wallboard.url);
    await beside.select('Sign in');
    await beside.isSignedIn('ana ribeiro', { amr: 'pwd', acr: 'urn:stile:acr:1fa' });

    const { account } = await idp.addPerson(JOAO);
    await idp.app.stores.accounts.save(account, { roles: ['admin'] });
    const key = await giveKey(idp, account);
    const joao = await sitDown();
    await (await plugIn(joao.page)).add(key);
    await joao.page.goto(`${idp.base}/admin/policy`);
    await joao.password(JOAO);
    await joao.touchKey();
    await joao.sees('Two-factor policy');
    await joao.page.getByLabel('Required for all agents').check();
    await joao.page.getByText('3 of 7 agents will be signed out when you save').waitFor();
    await joao.page.getByText('2 of them are signed in now').waitFor();
    const rows = joao.page.getByRole('row').filter({ has: joao.page.getByRole('rowheader') });
    const named = (await rows.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '));
    expect(
      named.map((text) => text.replace(/ .*@.*example/, '').replace(/(now|out) .*/, '$1')),
    ).to.deep.equal(['ana Signed in now', 'cai Signed in now', 'dele Signed out']);

    await joao.select('Review and save');
    await joao.touchKey();
    await joao.sees(TITLE);
    await joao.page.getByText('2 agents are signed out of every app straight away').waitFor();
    await joao.page.getByLabel('Type 3 to confirm').fill('3');
    await joao.select('Save and sign out 3 agents');
    await joao.page.getByRole('status').getByText('3 agents signed out in').waitFor();
    expect(joao.complaints).to.deep.equal([]);

    expect(await works(cai)).to.deep.equal([]);
    for (const held of kept) expect(await works(held), held.person.account.email).to.deep.equal(ALL);
    await until(() => desk.receivedLogoutTokens.length > 0, 'a token at the desk');
    await until(() => wallboard.receivedLogoutTokens.length > 0, 'a token at the wallboard');
    await until(() => crm.told.length > 0, 'a token at the CRM');
    expect(crm.told).to.deep.equal([{ sub: cai.person.account.accountId, sid: cai.sid }]);
    expect([desk, wallboard].map((app) => app.receivedLogoutTokens.length)).to.deep.equal([1, 1]);

    for (const page of [ana, beside]) {
      await page.page.reload();
      await page.page.getByRole('heading', { name: 'You were signed out by Stile' }).waitFor();
    }
    await ana.select('Sign in');
    await ana.password(ANA);
    await ana.sees('northwind support asks you to set up two-factor authentication');
    await ana.select('Start');
    await ana.saveCodes();
    await ana.choose('Authenticator app');
    await ana.addApp();
    await ana.select('Continue to Contact desk');
    await ana.isSignedIn('ana ribeiro', { amr: 'pwd otp mfa', acr: 'urn:stile:acr:2fa' });
    await joao.page.goto(`${idp.base}/admin`);
    await joao.page.getByText('2 agents have no method yet').waitFor();
  });
});
