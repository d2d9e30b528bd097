import { expect } from 'chai';
import type { BrowserContext, Page } from 'playwright-core';
import { browser } from '../support/browser.ts';
import { PASSWORD, startIdp, type Idp } from '../support/idp.ts';

const JOAO = 'joao.matos@northwind.example';

describe('João, who requires two factors of his company', function () {
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
    await idp.addPerson('mei.tanaka@northwind.example', { keys: [{}] });
  });
  afterEach(async () => {
    await context.close();
    await idp.close();
  });

  const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
  const focused = () =>
    page.evaluate(() => {
      const { activeElement: at } = document;
      return at?.getAttribute('name') ?? at?.textContent.trim() ?? '';
    });

  /** Tabs to what is named so, as somebody without a mouse does. */
  async function tabTo(name: string): Promise<void> {
    for (let i = 0; i < 30; i += 1) {
      if ((await focused()) === name) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`the keyboard does not reach ${name}`);
  }

  async function typeInto(name: string, text: string): Promise<void> {
    await tabTo(name);
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
  }

  for (const javaScriptEnabled of [true, false]) {
    it(`does it by the keyboard alone, ${javaScriptEnabled ? 'with' : 'without'} script`, async () => {
      context = await (await browser()).newContext({ javaScriptEnabled });
      page = await context.newPage();
      await page.goto(`${idp.base}/admin/policy`);
      await tabTo('email');
      await page.keyboard.type(JOAO);
      await typeInto('password', PASSWORD);
      await heading('Enter the code from your authenticator app');
      await typeInto('code', await idp.appCode());
      await heading('Two-factor policy');

      await tabTo('secondFactor');
      await page.keyboard.press('ArrowDown');
      await page.getByText('2 of 4 agents will be signed out when you save').waitFor();
      await tabTo('Review and save');
      await page.keyboard.press('Enter');
      await heading('Enter the code from your authenticator app');
      behind -= 30_000; // the last code is spent
      await typeInto('code', await idp.appCode());

      await heading('Require two-factor and sign out 2 agents?');
      await typeInto('count', '3');
      await page.getByRole('alert').waitFor();
      await typeInto('count', '2');
      await page.getByRole('status').getByText('2 agents signed out in').waitFor();
      const tenant = await idp.app.stores.tenants.findFresh('northwind');
      expect(tenant?.policy.secondFactor).to.equal('required');
    });
  }
});
