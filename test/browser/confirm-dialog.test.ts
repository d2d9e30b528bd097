import { expect } from 'chai';
import type { BrowserContext, Page } from 'playwright-core';
import { browser } from '../support/browser.ts';
import { PASSWORD, startIdp, type Idp } from '../support/idp.ts';

const JOAO = 'joao.matos@northwind.example';
const TITLE = 'Require two-factor and sign out 2 agents?';

describe('the question before a policy is saved, as a dialog', function () {
  this.timeout(60_000);
  let idp: Idp;
  let context: BrowserContext;
  let page: Page;
  let behind: number;

  beforeEach(async () => {
    behind = 90_000;
    idp = await startIdp({ clock: () => new Date(Date.now() - behind) });
    const { account } = await idp.addPerson(JOAO, { app: true });
    await idp.app.stores.accounts.save(account, { roles: ['admin'] });
    for (const name of ['ana.ribeiro', 'dele.okafor']) await idp.addPerson(`${name}@northwind.example`);
    context = await (await browser()).newContext({ viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    await page.goto(`${idp.base}/admin/policy`);
    await page.getByLabel('Email').fill(JOAO);
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByLabel('6-digit code').fill(await idp.appCode());
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Two-factor policy' }).waitFor();
  });
  afterEach(async () => {
    await context.close();
    await idp.close();
  });

  const dialog = () => page.getByRole('dialog', { name: TITLE });
  const policy = async () => (await idp.app.stores.tenants.findFresh('northwind'))?.policy;
  const focused = () =>
    page.evaluate(() => {
      const { activeElement: at } = document;
      return at?.getAttribute('name') ?? at?.textContent.trim() ?? '';
    });
  /** Leaves the choice at "required", with a proof that is fresh. */
  async function prove(): Promise<void> {
    await page.getByLabel('Required for all agents').check();
    await page.getByRole('button', { name: 'Review and save' }).click();
    behind -= 30_000; // the last code is spent
    await page.getByLabel('6-digit code').fill(await idp.appCode());
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: TITLE }).waitFor();
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.getByText('You have not saved this yet').waitFor();
  }

  it('is a page as long as it has to be proved that it is them', async () => {
    await page.getByLabel('Required for all agents').check();
    await page.getByRole('button', { name: 'Review and save' }).click();
    await page
      .getByRole('heading', { level: 1, name: 'Enter the code from your authenticator app' })
      .waitFor();
    expect(await page.getByRole('dialog').count()).to.equal(0);
  });

  it('opens over the page, closes by Esc and by Cancel, and gives the focus back', async () => {
    await prove();
    const review = page.getByRole('button', { name: 'Review and save' });
    for (const leave of ['Escape', 'Cancel']) {
      await review.focus();
      await page.keyboard.press('Enter');
      await dialog().waitFor();
      expect(page.url()).to.match(/\/admin\/policy\?/);
      expect(await focused(), 'begins where something is typed').to.equal('count');
      if (leave === 'Escape') await page.keyboard.press('Escape');
      else await dialog().getByRole('link', { name: 'Cancel' }).click();
      await dialog().waitFor({ state: 'detached' });
      expect(await focused()).to.equal('Review and save');
    }
    expect((await policy())?.version).to.equal(1);
  });

  it('says all that the page says, keeps the keyboard within, and saves', async () => {
    await prove();
    await page.getByRole('button', { name: 'Review and save' }).press('Enter');
    await dialog().waitFor();
    const text = await dialog().innerText();
    expect(text).to.include('This starts as soon as you confirm.');
    expect(text).to.include('2 agents set up a method at their next sign-in.');
    for (let i = 0; i < 8; i += 1) {
      await page.keyboard.press('Tab');
      const outside = await page.evaluate(
        () => document.activeElement !== document.body && !document.activeElement?.closest('dialog'),
      );
      expect(outside, `after ${i + 1} tabs`).to.equal(false);
    }
    await dialog().getByLabel('Type 2 to confirm').focus();
    await page.keyboard.type('2');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('2 agents signed out in').waitFor();
    expect((await policy())?.secondFactor).to.equal('required');
  });

  it('becomes the page again when the number was typed wrong', async () => {
    await prove();
    await page.getByRole('button', { name: 'Review and save' }).press('Enter');
    await dialog().getByLabel('Type 2 to confirm').fill('3');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await page.getByRole('heading', { level: 1, name: TITLE }).waitFor();
    expect((await policy())?.version).to.equal(1);
  });

  it('gets out of the way when the page does not come', async () => {
    await prove();
    await page.route('**/admin/policy/review?*', (route) =>
      route.request().resourceType() === 'fetch' ? route.abort() : route.continue(),
    );
    await page.getByRole('button', { name: 'Review and save' }).click();
    await page.getByRole('heading', { level: 1, name: TITLE }).waitFor();
  });
});
