import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { VIEWS } from '../support/pages.ts';

/** UI I.2: pair, least ratio (WCAG 2.2, 1.4.3 for text, 1.4.11 for edges). */
const PAIRS: readonly [string, string, number][] = [
  ['text', 'bg', 4.5],
  ['text', 'surface', 4.5],
  ['text', 'subtle', 4.5],
  ['text', 'accent-soft', 4.5],
  ['text', 'warn-soft', 4.5],
  ['text', 'danger-soft', 4.5],
  ['muted', 'bg', 4.5],
  ['muted', 'surface', 4.5],
  ['muted', 'subtle', 4.5],
  ['link', 'bg', 4.5],
  ['link', 'surface', 4.5],
  ['link', 'subtle', 4.5],
  ['link', 'accent-soft', 4.5],
  ['on-accent', 'accent', 4.5],
  ['on-accent', 'accent-hover', 4.5],
  ['danger', 'surface', 4.5],
  ['danger', 'danger-soft', 4.5],
  ['on-danger', 'danger', 4.5],
  ['on-danger', 'danger-hover', 4.5],
  ['warn', 'warn-soft', 4.5],
  ['ok', 'ok-soft', 4.5],
  ['control', 'surface', 3],
  ['control', 'bg', 3],
  ['accent', 'surface', 3],
  ['warn-border', 'warn-soft', 3],
];

type Tokens = Readonly<Record<string, string>>;

function tokensOf(block: string): Tokens {
  const found = block.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g);
  return Object.fromEntries([...found].map(([, name = '', value = '']) => [name, value]));
}

/** Relative luminance of `#rrggbb` (WCAG 2.2). */
function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => parseInt(color.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

describe('the colours', () => {
  const css = readFileSync(join(VIEWS, 'assets/style.css'), 'utf8');
  const [lightBlock = '', darkBlock = ''] = [...css.matchAll(/:root \{[^}]*\}/g)].map(([block]) => block);
  const light = tokensOf(lightBlock);
  const themes = { light, dark: { ...light, ...tokensOf(darkBlock) } };

  for (const [theme, tokens] of Object.entries(themes)) {
    it(`keep their contrast in ${theme}`, () => {
      for (const [front, back, least] of PAIRS) {
        const [one, other] = [tokens[front], tokens[back]];
        if (one === undefined || other === undefined) throw new Error(`no colour for ${front} on ${back}`);
        expect(ratio(one, other), `${front} on ${back}`).to.be.at.least(least);
      }
    });
  }
});
