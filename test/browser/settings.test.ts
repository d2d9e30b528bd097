import { expect } from 'chai';
import type { BrowserContext, Page } from 'playwright-core';
import { appOf } from '../support/bare-browser.ts';
import { browser, withContext } from '../support/browser.ts';
import { PASSWORD, startIdp, type Idp } from '../support/idp.ts';
import { aPng } from '../support/png.ts';

const SECRET = 'a secret of this test, long enough';
const REDIRECT = 'https://wallboard.example/callback';
const HENRIK = 'henrik.lund@northwind.example';

describe('Henrik, who gives the sign-in page the looks of his company', function () {
  this.timeout(60_000);
  let idp: Idp;
  let context: BrowserContext;
  let page: Page;
  let behind = 90_000;

  before(async () => {
    idp = await startIdp({ clock: () => new Date(Date.now() - behind) });
    const { account } = await idp.addPerson(HENRIK, { app: true });
    await idp.app.stores.accounts.save(account, { roles: ['admin'] });
    context = await (await browser()).newContext({ viewport: { width: 360, height: 740 } });
    page = await context.newPage();
  });
  after(async () => {
    await context.close();
    await idp.close();
  });

  const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

  /** Tabs to what is named so, as somebody without a mouse does. */
  async function tabTo(name: string): Promise<void> {
    for (let i = 0; i < 60; i += 1) {
      const focused = await page.evaluate(() => {
        const { activeElement: at } = document;
        return at?.getAttribute('name') ?? at?.textContent.trim() ?? '';
      });
      if (focused === name) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`the keyboard does not reach ${name}`);
  }
  async function type(name: string, text: string): Promise<void> {
    await tabTo(name);
    await page.keyboard.press('Control+A');
    await page.keyboard.type(text);
  }
  async function press(name: string): Promise<void> {
    await tabTo(name);
    await page.keyboard.press('Enter');
  }

  it('does it by the keyboard alone, is told the contrast of a pale colour, and agents see it at once', async () => {
    await page.goto(`${idp.base}/admin/settings`);
    await type('email', HENRIK);
    await type('password', PASSWORD);
    await page.keyboard.press('Enter');
    await heading('Enter the code from your authenticator app');
    await type('code', await idp.appCode());
    await page.keyboard.press('Enter');
    await heading('Sign-in and branding');

    // Choosing a file is the system's window, which no page's keyboard reaches.
    const file = { name: 'logo.png', mimeType: 'image/png', buffer: aPng(120, 40) };
    await page.getByLabel('Logo', { exact: true }).setInputFiles(file);
    await type('accent', '#ffe100');
    await type('signInText', 'Use your work account.');
    await press('Preview');
    await page.getByRole('alert').getByText('Its contrast is 1.31:1').waitFor();
    await type('accent', '#0b6e4f');
    await press('Preview');
    await page.getByText('You have not saved this yet').waitFor();
    const button = page.locator('.look.next.light .btn');
    expect(await button.evaluate((at) => getComputedStyle(at).backgroundColor)).to.equal('rgb(11, 110, 79)');
    expect(
      await page.locator('.look.next.light img').evaluate((at) => (at as HTMLImageElement).naturalWidth),
    ).to.equal(120);

    behind -= 30_000; // the last code is spent
    await press('Save settings');
    await heading('Enter the code from your authenticator app');
    await type('code', await idp.appCode());
    await page.keyboard.press('Enter');
    await heading('Sign-in and branding');
    await press('Save settings');
    await page.getByRole('status').getByText('The settings are saved').waitFor();

    const { logo, signInText } = (await idp.app.stores.tenants.findFresh('northwind'))?.branding ?? {};
    expect([logo?.width, signInText]).to.deep.equal([120, 'Use your work account.']);
    const client = { client_id: 'wallboard', client_secret: SECRET, redirect_uris: [REDIRECT] };
    await idp.addClient({ ...client, tenant: 'northwind', first_party: true });
    const app = appOf(idp, { clientId: 'wallboard', redirectUri: REDIRECT, secret: SECRET });
    await withContext({}, async (other) => {
      const agent = await other.newPage();
      await agent.goto(new URL(app.authorizeUrl(), idp.base).href);
      await agent.getByText('Use your work account.').waitFor();
      const accent = await agent.evaluate(() =>
        getComputedStyle(document.documentElement).getPropertyValue('--accent'),
      );
      expect(accent.trim()).to.equal('#0b6e4f');
      await agent.locator('header img').waitFor();
    });
  });
});
