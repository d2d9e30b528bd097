import { expect } from 'chai';
import { ratio, styleTokens } from '../support/colours.ts';

/** Pair, least ratio (WCAG 2.2, 1.4.3 for text, 1.4.11 for edges). */
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

describe('the colours', () => {
  const themes = styleTokens();

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
