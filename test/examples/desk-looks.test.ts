import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { startContactDesk, type ContactDesk } from '../../examples/contact-desk/contact-desk.ts';
import { SCHEMES, WIDTHS, withContext } from '../support/browser.ts';
import { startForgingIssuer, type ForgingIssuer } from './forging-issuer.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeWindow {
  axe: { run(): Promise<{ violations: { id: string; nodes: { target: unknown }[] }[] }> };
}

/** What is wrong with the page as it is now: rules of axe, and content that is wider than the window. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found: string[] = [];
  for (const width of [...WIDTHS, 320]) {
    for (const colorScheme of SCHEMES) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const broken = await page.evaluate(async () => {
        const { violations } = await (globalThis as unknown as AxeWindow).axe.run();
        const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
        const rules = violations.flatMap(({ id, nodes }) =>
          nodes.map(({ target }) => `${id} ${String(target)}`),
        );
        return wide > 0 ? [...rules, `${wide} px too wide`] : rules;
      });
      found.push(...broken.map((fault) => `${width} ${colorScheme}: ${fault}`));
    }
  }
  return found;
}

describe('the page of the contact desk', function () {
  this.timeout(60_000);
  let issuer: ForgingIssuer;
  let desk: ContactDesk;

  before(async () => {
    issuer = await startForgingIssuer('desk');
    desk = await startContactDesk({ issuer: issuer.issuer, port: 0, clientId: 'desk', clientSecret: 's' });
  });
  after(async () => {
    await desk.close();
    await issuer.close();
  });

  const states: Record<string, (page: Page) => Promise<void>> = {
    'nobody is signed in': async () => undefined,
    'somebody is signed in, weaker than asked, with the claims open': async (page) => {
      await page.getByRole('button', { name: 'Ask for two factors, accept less' }).click();
      await page.getByText('The claims as they came').click();
    },
    'there is something to tell': async (page) => {
      await page.goto(`${desk.url}/callback?state=unknown`);
    },
    'there is no such page': async (page) => {
      await page.goto(`${desk.url}/nothing`);
    },
  };
  for (const [state, reach] of Object.entries(states)) {
    it(`breaks no rule of accessibility and fits every width when ${state}`, () =>
      withContext({}, async (context) => {
        const page = await context.newPage();
        const loud: string[] = [];
        page.on('console', (message) => message.type() === 'error' && loud.push(message.text()));
        await page.goto(desk.url);
        await reach(page);
        expect(await faults(page)).to.deep.equal([]);
        expect(loud.filter((text) => !text.includes('status of 404'))).to.deep.equal([]);
      }));
  }
});
