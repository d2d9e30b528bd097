import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { browser, plugIn } from '../support/browser.ts';
import { Agent } from './agent.ts';
import { startDeskWorld, type DeskWorld } from './desk-world.ts';
import { giveKey } from './give.ts';

const ADMIN = 'joao.matos@northwind.example';
const NOOR = 'noor.haddad@northwind.example';
const CHOSEN = 'a lantern over quiet water';

describe('Noor, who is new, at a company that requires two factors', function () {
  this.timeout(60_000);
  let world: DeskWorld;
  let contexts: BrowserContext[];

  beforeEach(async () => {
    world = await startDeskWorld();
    contexts = [];
    const { stores } = world.idp.app;
    const tenant = await stores.tenants.findFresh('northwind');
    if (tenant) await stores.tenants.savePolicy(tenant, { ...tenant.policy, secondFactor: 'required' });
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

  /** Her admin, with a key, at the list of agents; the list leads to what is asked. */
  async function adminAt(link: string): Promise<Agent> {
    const { account } = await world.idp.addPerson(ADMIN);
    const saved = await world.idp.app.stores.accounts.save(account, { roles: ['admin'] });
    if (!saved) throw new Error('changed meanwhile');
    const key = await giveKey(world.idp, saved);
    const admin = await open();
    await (await plugIn(admin.page, {})).add(key);
    await admin.page.goto(`${world.idp.base}/admin/agents`);
    await admin.password(ADMIN);
    await admin.touchKey();
    await admin.sees('Agents');
    await admin.follow(link);
    await admin.touchKey();
    return admin;
  }

  /** Opens the mailed link, chooses a password, signs in at the desk and sets up what the company requires. */
  async function arrive(noor: Agent): Promise<void> {
    const text = await noor.mail(world.idp.issuer, /Your northwind support account is ready/);
    const link = /http:\S+\/invite\/\S+/.exec(text)?.[0] ?? '';
    await noor.page.goto(link);
    await noor.sees('Welcome to northwind support');
    expect(noor.page.url()).to.equal(`${world.idp.issuer}/invite`);
    await noor.follow('Choose a password');
    await noor.sees('Choose your password');
    await noor.page.getByLabel('Password', { exact: true }).fill('northwind');
    await noor.select('Save password');
    await noor.alert().waitFor();
    await noor.page.getByLabel('Password', { exact: true }).fill(CHOSEN);
    await noor.select('Save password');
    await noor.sees('Your password is saved');
    await noor.page.goto(world.desks[0].url);
    await noor.select('Sign in');
    await noor.password(NOOR, CHOSEN);
    await noor.sees('northwind support asks you to set up two-factor authentication');
    await noor.select('Start');
    await noor.sees('Save your recovery codes');
    await noor.saveCodes();
    await noor.choose('Authenticator app');
    await noor.addApp();
    await noor.select('Continue to Contact desk');
    await noor.isSignedIn('Noor Haddad', { amr: 'pwd otp mfa', acr: 'urn:stile:acr:2fa' });
    await noor.page.goto(link);
    await noor.sees('You have a password already');
  }

  for (const script of [true, false]) {
    it(`is invited, chooses a password, sets up her app and arrives, ${script ? 'with' : 'without'} script`, async () => {
      const admin = await adminAt('Invite agent');
      await admin.sees('Invite an agent');
      await admin.select('Send invitation');
      await admin
        .alert()
        .getByRole('link', { name: /^Enter an email/ })
        .click();
      await admin.page.keyboard.type(NOOR);
      await admin.page.getByLabel('Full name').fill('Noor Haddad');
      await admin.select('Send invitation');
      await admin.sees('Noor Haddad');
      await admin.page.getByRole('heading', { name: 'Invitation sent' }).waitFor();
      expect(admin.complaints).to.deep.equal([]);
      const noor = await open(script);
      await arrive(noor);
      expect(noor.complaints).to.deep.equal([]);
    });
  }

  it('is one of those in a file', async () => {
    const admin = await adminAt('Invite many');
    await admin.sees('Invite many');
    const csv = `email;name;role\r\n${NOOR};Noor Haddad;\r\n${ADMIN};João Matos;admin\r\n`;
    const file = { name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) };
    await admin.page.getByLabel('A CSV file').setInputFiles(file);
    await admin.select('Check the list');
    await admin.sees('Invite 1 person?');
    await admin.page.getByRole('cell', { name: 'Somebody has this email already' }).waitFor();
    await admin.select('Invite 1 person');
    for (let i = 0; i < 100 && !(await admin.page.getByText('1 person was invited').isVisible()); i += 1)
      await admin.page.reload();
    await admin.sees('1 person was invited');
    expect(admin.complaints).to.deep.equal([]);
    await arrive(await open());
  });
});
