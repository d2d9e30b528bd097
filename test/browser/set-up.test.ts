import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import type { Account } from '../../src/accounts/account.ts';
import { browser, plugIn } from '../support/browser.ts';
import { Agent } from './agent.ts';
import { startDeskWorld, type DeskWorld } from './desk-world.ts';

const BEN = 'ben.ode@northwind.example';
const DEMANDING = 'Sign in with two factors';

const WITH_APP = { amr: 'pwd otp mfa', acr: 'urn:stile:acr:2fa' };
const WITH_KEY = { amr: 'pwd hwk user mfa', acr: 'phr' };

describe('Ben, who has no second step, at a desk that demands two factors', function () {
  this.timeout(60_000);
  let world: DeskWorld;
  let context: BrowserContext;
  let agent: Agent;
  let ben: Account;

  beforeEach(async () => {
    world = await startDeskWorld();
    ({ account: ben } = await world.idp.addPerson(BEN));
  });
  afterEach(async () => {
    await context.close();
    await world.close();
  });

  /** Ben is at the page of the codes. */
  async function atCodes(options: { javaScriptEnabled?: boolean } = {}): Promise<void> {
    context = await (await browser()).newContext({ acceptDownloads: true, ...options });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: world.idp.issuer });
    agent = await Agent.in(context);
    await agent.begin(world.desks[0].url, BEN, DEMANDING);
    await agent.sees('Contact desk asks you to set up two-factor authentication');
    await agent.select('Start');
    await agent.sees('Save your recovery codes');
  }

  const saveCodes = () => agent.saveCodes();
  const choose = (method: string) => agent.choose(method);
  const addApp = () => agent.addApp();
  const shown = () => agent.shownCodes();
  const methodCount = async () => (await world.idp.app.stores.accounts.find(ben))?.methodCount;

  it('sets up an authenticator app and arrives with two factors', async () => {
    await atCodes();
    await saveCodes();
    await choose('Authenticator app');
    await addApp();
    await agent.select('Continue to Contact desk');
    await agent.isSignedIn('ben ode', WITH_APP);
    expect(await methodCount()).to.equal(1);
  });

  it('sets up a security key, names it, and arrives with a phishing-resistant sign-in', async () => {
    await atCodes();
    const key = await plugIn(agent.page);
    await saveCodes();
    await choose('Security key');
    await agent.sees('Add your security key');
    await agent.select('Add security key');
    await agent.sees('Name your key');
    expect(await methodCount()).to.equal(0);
    await agent.page.getByLabel('Name').fill('Blue key');
    await agent.select('Finish');
    await agent.sees('You are set up');
    await agent.select('Continue to Contact desk');
    await agent.isSignedIn('ben ode', WITH_KEY);
    expect(await key.credentials()).to.have.length(1);

    await agent.select('Sign in again now');
    await agent.password(BEN);
    await agent.touchKey();
    await agent.isSignedIn('ben ode', WITH_KEY);
  });

  it('sets up a key that knows U2F only', async () => {
    await atCodes();
    await plugIn(agent.page, { protocol: 'u2f' });
    await saveCodes();
    await choose('Security key');
    await agent.select('Add security key');
    await agent.sees('Name your key');
    await agent.select('Finish');
    await agent.select('Continue to Contact desk');
    await agent.isSignedIn('ben ode', WITH_KEY);
  });

  it('is told that no key answered, and takes the app instead', async () => {
    await atCodes();
    await saveCodes();
    await choose('Security key');
    await agent.sees('Add your security key');
    await agent.page.locator('input[name=client_state]').evaluate((input: HTMLInputElement) => {
      input.value = 'failed:NotAllowedError';
      input.form?.submit();
    });
    await agent.alert().getByText('We did not hear from your key').waitFor();
    await agent.follow('Choose another method');
    await choose('Authenticator app');
    await addApp();
  });

  it('has the same 15 codes on the page, in the file, in the clipboard and on one sheet of paper', async () => {
    await atCodes();
    const codes = await shown();
    const numbered = codes.map((code, i) => `${i + 1}. ${code}`);
    expect(codes).to.have.length(15);

    await agent.select('Copy');
    await agent.page.getByRole('status').getByText('Codes copied').waitFor();
    const copied = await agent.page.evaluate(() => navigator.clipboard.readText());
    expect(copied.split('\n')).to.deep.equal(numbered);

    const [download] = await Promise.all([agent.page.waitForEvent('download'), agent.follow('Download')]);
    expect(download.suggestedFilename()).to.equal('northwind-recovery-codes.txt');
    const lines = (await readFile(await download.path(), 'utf8')).split('\r\n').map((line) => line.trim());
    expect(lines.slice(4, 19)).to.deep.equal(numbered);

    const pdf = (await agent.page.pdf({ format: 'A4' })).toString('latin1');
    expect(pdf.match(/\/Type\s*\/Page\b(?!s)/g)).to.have.length(1);
    await agent.page.emulateMedia({ media: 'print' });
    const paper = await agent.page.locator('body').innerText();
    for (const code of codes) expect(paper).to.include(code);
    expect(paper).to.include(`Account: ${BEN}.`);
    expect(paper).to.not.include('Download');
    expect(paper).to.not.include('Continue');
    await agent.page.emulateMedia({ media: 'screen' });
    expect(await shown()).to.deep.equal(codes);
    expect(agent.complaints).to.deep.equal([]);
  });

  it('gets new codes when he leaves half-way and comes back, and nothing was set up', async () => {
    await atCodes();
    const codes = await shown();
    await saveCodes();
    await agent.sees('How do you want to confirm it is you?');
    await agent.page.goBack();
    await agent.sees('Save your recovery codes');
    await agent.page.getByText('These are new codes').waitFor();
    expect(await shown()).to.not.deep.equal(codes);
    await agent.page.reload();
    await agent.page.getByText('These are new codes').waitFor();
    expect(await methodCount()).to.equal(0);
    await saveCodes();
    await choose('Authenticator app');
    await addApp();
  });

  it('needs no script for an app, and is told why a key needs one', async () => {
    await atCodes({ javaScriptEnabled: false });
    await agent.page.getByRole('button', { name: 'Copy' }).waitFor({ state: 'hidden' });
    await agent.page.getByRole('link', { name: 'Download' }).waitFor();
    await saveCodes();
    await choose('Security key');
    await agent.page.getByRole('heading', { name: 'Security keys need JavaScript' }).waitFor();
    await agent.page.getByRole('button', { name: 'Add security key' }).waitFor({ state: 'hidden' });
    await agent.follow('Choose another method');
    await choose('Authenticator app');
    await addApp();
    await agent.select('Continue to Contact desk');
    await agent.isSignedIn('ben ode', WITH_APP);
  });

  it('cannot choose a key in a browser without keys', async () => {
    await atCodes();
    await context.addInitScript(() => Reflect.deleteProperty(window, 'PublicKeyCredential'));
    await saveCodes();
    const key = agent.page.getByRole('radio', { name: 'Security key (not available in this browser)' });
    expect(await key.isDisabled()).to.equal(true);
    expect(await agent.page.getByRole('radio', { name: 'Authenticator app' }).isChecked()).to.equal(true);
    await agent.select('Next');
    await addApp();
  });
});
