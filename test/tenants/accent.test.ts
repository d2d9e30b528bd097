import { expect } from 'chai';
import { accentTokens } from '../../src/tenants/accent.ts';
import { ratio, styleTokens } from '../support/colours.ts';

/** Every corner and edge of the colour cube, and what lies between: 2197 colours. */
const STEPS = Array.from({ length: 13 }, (_, i) => Math.min(255, i * 21.25));
const hex = (part: number) => Math.round(part).toString(16).padStart(2, '0');
const SWEEP = STEPS.flatMap((r) => STEPS.flatMap((g) => STEPS.map((b) => `#${hex(r)}${hex(g)}${hex(b)}`)));

describe("a tenant's accent", () => {
  const { light, dark } = styleTokens();

  it('is readable wherever it is used, in both themes, whatever colour was taken', () => {
    let taken = 0;
    for (const colour of SWEEP) {
      const verdict = accentTokens(colour);
      if (!verdict.ok) continue;
      taken += 1;
      expect(verdict.light.accent).to.equal(colour);
      for (const [theme, tokens] of [
        [light, verdict.light],
        [dark, verdict.dark],
      ] as const) {
        const { accent, accentHover, onAccent } = tokens;
        expect(ratio(onAccent, accent), `text on ${accent} of ${colour}`).to.be.at.least(4.5);
        expect(ratio(onAccent, accentHover), `text on hover of ${colour}`).to.be.at.least(4.5);
        expect(ratio(accent, theme.surface ?? ''), `line of ${colour}`).to.be.at.least(3);
        expect(ratio(accent, accentHover), `hover of ${colour}`).to.be.at.least(1.2);
      }
    }
    expect(taken).to.be.within(900, 1500);
  });

  it('is refused where neither white nor dark text can be read, or the line would not be seen', () => {
    for (const colour of SWEEP) {
      const verdict = accentTokens(colour);
      if (verdict.ok) continue;
      const texts = ['#ffffff', light.text ?? ''].map((text) => ratio(text, colour));
      const line = ratio(colour, light.surface ?? '');
      const measured = verdict.reason === 'text' ? Math.max(...texts) : line;
      expect(measured, colour).to.be.below(verdict.least);
      expect(verdict.ratio, colour).to.be.within(measured - 0.01, measured);
    }
  });

  it('keeps a colour that is good for the dark theme too, and lightens one that is not', () => {
    const tokens = (colour: string) => {
      const verdict = accentTokens(colour);
      return verdict.ok
        ? [verdict.light.onAccent, verdict.dark.accent, verdict.dark.onAccent]
        : verdict.reason;
    };
    expect(tokens('#5a64e0')).to.deep.equal(['#ffffff', '#5a64e0', '#ffffff']);
    expect(tokens('#000000')).to.deep.equal(['#ffffff', '#727272', '#ffffff']);
    expect(tokens('#d97a00')).to.deep.equal(['#171b24', '#d97a00', '#171b24']);
    expect(tokens('#7d7d7d')).to.equal('text');
    expect(tokens('#ffd000')).to.equal('line');
  });
});
