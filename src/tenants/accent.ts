import { atContrastToBlack, contrast } from './colour.ts';

/** Colours of the main button and of the step line in one theme, each `#rrggbb`: names as in style.css. */
export interface AccentTokens {
  readonly accent: string;
  readonly accentHover: string;
  readonly onAccent: string;
}

/** `text`: neither white nor dark text is readable on it. `line`: it does not stand out from the card. */
export interface AccentRefusal {
  readonly ok: false;
  readonly reason: 'text' | 'line';
  /** Measured contrast, cut after two decimals, so that what is too little never reads as enough. */
  readonly ratio: number;
  readonly least: number;
}

export type AccentVerdict =
  { readonly ok: true; readonly light: AccentTokens; readonly dark: AccentTokens } | AccentRefusal;

/** WCAG 2.2: 1.4.3 for text, 1.4.11 for what has to be seen. */
const TEXT_LEAST = 4.5;
const LINE_LEAST = 3;

/** As in style.css: --on-accent, --text of the light theme, --surface of both. */
const WHITE = '#ffffff';
const DARK_TEXT = '#171b24';
const LIGHT_SURFACE = '#ffffff';
const DARK_SURFACE = '#15181f';

const BLACK = '#000000';
const WHITE_TO_BLACK = 21;
/** The highest contrast to aim at: beyond it there is no darker, or lighter, colour left. */
const HIGHEST_CONTRAST = 16;
/** White text on an accent that was lightened for the dark theme: between text (4.5) and line (3), as Stile's own has. */
const DARK_THEME_TEXT = 4.8;
/** How much more contrast the button has under a pointer. */
const HOVER = 1.3;

/** White where it is readable, dark otherwise. */
const textOn = (accent: string): string => (contrast(accent, WHITE) >= TEXT_LEAST ? WHITE : DARK_TEXT);

/** The button under a pointer moves away from its text; where there is no room left, towards it. */
function hoverOf(accent: string, onAccent: string): string {
  const now = contrast(accent, onAccent);
  const wanted = now * HOVER <= HIGHEST_CONTRAST ? now * HOVER : now / HOVER;
  const toBlack = onAccent === WHITE ? WHITE_TO_BLACK / wanted : contrast(onAccent, BLACK) * wanted;
  return atContrastToBlack(accent, toBlack);
}

function tokensOf(accent: string): AccentTokens {
  const onAccent = textOn(accent);
  return { accent, accentHover: hoverOf(accent, onAccent), onAccent };
}

/** What is dark on a dark card is lightened until it can be seen, and stays dark enough for white text. */
const forDarkTheme = (accent: string): string =>
  contrast(accent, DARK_SURFACE) >= LINE_LEAST
    ? accent
    : atContrastToBlack(accent, WHITE_TO_BLACK / DARK_THEME_TEXT);

const cut = (ratio: number): number => Math.floor(ratio * 100) / 100;

/**
 * What a tenant's colour makes of the main button and of the step line. Only the light accent is given: the text on it
 * is white or dark, whichever can be read; the dark accent and the colours under a pointer are derived.
 * @param colour `#rrggbb`, lower case
 */
export function accentTokens(colour: string): AccentVerdict {
  const text = contrast(colour, textOn(colour));
  if (text < TEXT_LEAST) {
    const best = Math.max(contrast(colour, WHITE), text);
    return { ok: false, reason: 'text', ratio: cut(best), least: TEXT_LEAST };
  }
  const line = contrast(colour, LIGHT_SURFACE);
  if (line < LINE_LEAST) return { ok: false, reason: 'line', ratio: cut(line), least: LINE_LEAST };
  return { ok: true, light: tokensOf(colour), dark: tokensOf(forDarkTheme(colour)) };
}
