import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VIEWS } from './pages.ts';

/** Name without dashes to `#rrggbb`. */
export type Tokens = Readonly<Record<string, string>>;

/** @returns the colours that a block of CSS gives names to */
export function tokensOf(block: string): Tokens {
  const found = block.matchAll(/--([\w-]+): ?(#[0-9a-f]{6})/g);
  return Object.fromEntries([...found].map(([, name = '', value = '']) => [name, value]));
}

/** The colours of style.css, by theme. */
export function styleTokens(): { readonly light: Tokens; readonly dark: Tokens } {
  const css = readFileSync(join(VIEWS, 'assets/style.css'), 'utf8');
  const [lightBlock = '', darkBlock = ''] = [...css.matchAll(/:root \{[^}]*\}/g)].map(([block]) => block);
  const light = tokensOf(lightBlock);
  return { light, dark: { ...light, ...tokensOf(darkBlock) } };
}

/** Relative luminance of `#rrggbb` (WCAG 2.2). */
function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => parseInt(color.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast of two colours, 1 to 21 (WCAG 2.2): reckoned apart from the product. */
export function ratio(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}
