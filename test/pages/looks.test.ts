import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { galleryStates } from '../gallery/gallery.ts';
import { SCHEMES, WIDTHS, withContext } from '../support/browser.ts';
import { type Pages, startPages } from '../support/pages.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Pages at once: the machine's cores are shared with the server and the browser. */
const LANES = 2;

interface AxeWindow {
  axe: { run(options: object): Promise<{ violations: { id: string; nodes: { target: unknown }[] }[] }> };
}

const ALL_RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** What colours alone can break. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/** Breaks of WCAG 2.2 A and AA and of axe's best practices, as `rule target`. */
async function violations(page: Page, rules = ALL_RULES): Promise<string[]> {
  return page.evaluate(async (runOnly) => {
    const { axe } = globalThis as unknown as AxeWindow;
    const { violations } = await axe.run({ runOnly, resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} ${String(target)}`));
  }, rules);
}

/** @returns by how many pixels the page is wider than the window, or its content than the card, which would cut it */
const overflow = (page: Page) =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const card = document.querySelector('.card');
    return scrollWidth - clientWidth + (card ? card.scrollWidth - card.clientWidth : 0);
  });

/** Controls under 44 px and links in lists and footers under 24 px, links inside sentences apart (WCAG 2.5.8). */
async function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const small = (selector: string, least: number) =>
      [...document.querySelectorAll<HTMLElement>(selector)]
        .map((element) => ({ element, box: element.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0 && (box.height < least - 0.5 || box.width < 24))
        .map(({ element, box }) => `${element.className || element.tagName} ${Math.round(box.height)}`);
    return [
      ...small('.btn, .input, .methods a', 44),
      ...small('.reveal, summary, footer a, .who a, .plain a, .side a, .act, .me, .check', 24),
    ];
  });
}

describe('the looks of every page in every state', function () {
  this.timeout(300_000);
  let pages: Pages;
  const faults = {
    axe: [] as string[],
    narrow: [] as string[],
    large: [] as string[],
    small: [] as string[],
    loud: [] as string[],
  };

  async function inspect(page: Page, id: string): Promise<void> {
    await page.setViewportSize({ width: WIDTHS[0], height: 800 });
    await page.goto(`${pages.origin}/__gallery/${id}`);
    await page.evaluate(axe);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        // Both widths get every rule; the second colours of a width the rules that colours can break.
        const found = await violations(page, colorScheme === 'light' ? ALL_RULES : COLOUR_RULES);
        faults.axe.push(...found.map((fault) => `${id} ${colorScheme} ${width}: ${fault}`));
      }
      faults.small.push(...(await smallTargets(page)).map((target) => `${id} ${width}: ${target}`));
    }
    await page.setViewportSize({ width: 320, height: 800 });
    const narrow = await overflow(page);
    if (narrow > 0) faults.narrow.push(`${id}: ${narrow}`);
    await page.setViewportSize({ width: WIDTHS[0], height: 800 });
    await page.evaluate(() => void (document.documentElement.style.fontSize = '200%'));
    const large = await overflow(page);
    if (large > 0) faults.large.push(`${id}: ${large}`);
  }

  before(async () => {
    pages = await startPages();
    const waiting = galleryStates.map(({ id }) => id);
    const lane = () =>
      withContext({}, async (context) => {
        const page = await context.newPage();
        page.on('console', (message) => {
          if (message.type() === 'error' || message.type() === 'warning') faults.loud.push(message.text());
        });
        page.on('pageerror', (error) => faults.loud.push(error.message));
        for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await inspect(page, id);
      });
    await Promise.all(Array.from({ length: LANES }, lane));
  });
  after(() => pages.close());

  it('break no rule of WCAG 2.2 AA, light and dark, at 1280 and 360 px', () => {
    expect(faults.axe).to.deep.equal([]);
  });

  it('fit 320 px without scrolling sideways', () => {
    expect(faults.narrow).to.deep.equal([]);
  });

  it('fit twice the size of text without scrolling sideways', () => {
    expect(faults.large).to.deep.equal([]);
  });

  it('have targets that a finger hits', () => {
    expect(faults.small).to.deep.equal([]);
  });

  it('let the browser complain of nothing, neither of scripts nor of headers', () => {
    expect([...new Set(faults.loud)]).to.deep.equal([]);
  });
});

describe('the checks of the looks', () => {
  let pages: Pages;
  before(async () => void (pages = await startPages()));
  after(() => pages.close());

  it('see a text without contrast, a small target and a card that cuts its content', async () => {
    await withContext({ viewport: { width: 360, height: 740 } }, async (context) => {
      const page = await context.newPage();
      await page.goto(`${pages.origin}/__gallery/sign-in-default`);
      await page.evaluate(axe);
      await page.evaluate(() => {
        const style = (selector: string) => (document.querySelector(selector) as HTMLElement).style;
        style('label').color = '#dddddd';
        style('h1').whiteSpace = 'nowrap';
        style('h1').fontSize = '9rem';
        style('.btn').minBlockSize = style('.btn').blockSize = '30px';
      });
      expect(await violations(page, COLOUR_RULES)).to.deep.equal(['color-contrast label[for="email"]']);
      expect(await smallTargets(page)).to.deep.equal(['btn primary block 30']);
      expect(await overflow(page)).to.be.above(0);
    });
  });
});

/** The style sheet as a browser of 2022 reads it: without what it does not know. */
function asOldBrowsersRead(css: string): string {
  return css
    .replaceAll(/[^{}]*:has\([^{}]*\{[^}]*\}/g, '')
    .replaceAll(/@media ?\(scripting: ?none\) ?\{(?:[^{}]*\{[^}]*\})*\}/g, '')
    .replaceAll(/(?<=[{;])[\w-]+:[^;{}]*(?:color-mix\(|100dvh)[^;}]*;?/g, '')
    .replaceAll(/(?<=[{;])(?:text-wrap|text-size-adjust|scale):[^;}]*;?/g, '');
}

describe('a browser of 2022', function () {
  this.timeout(60_000);
  let pages: Pages;
  before(async () => void (pages = await startPages()));
  after(() => pages.close());

  it('shows usable pages without the newer rules of the style sheet', async () => {
    await withContext({ viewport: { width: 360, height: 740 } }, async (context) => {
      const page = await context.newPage();
      let stripped = 0;
      await page.route('**/assets/style*', async (route) => {
        const answer = await route.fetch();
        const css = await answer.text();
        const old = asOldBrowsersRead(css);
        expect(old).not.to.match(/:has\(|color-mix|text-wrap|scripting/);
        stripped = css.length - old.length;
        await route.fulfill({ response: answer, body: old });
      });
      for (const id of [
        'sign-in-wrong',
        'security-key-default',
        'ways-three',
        'consent-default',
        'components-admin',
        'recovery-codes-default',
      ]) {
        await page.goto(`${pages.origin}/__gallery/${id}`);
        await page.evaluate(axe);
        expect(await overflow(page), id).to.equal(0);
        expect(await violations(page), id).to.deep.equal([]);
        expect(await smallTargets(page), id).to.deep.equal([]);
      }
      expect(stripped).to.be.above(300);
    });
  });
});
