import { brandOf, type BrandView, type House } from '../http/brand.ts';
import { accentTokens } from '../tenants/accent.ts';
import type { Logo } from '../tenants/branding.ts';

/** A picture in its own size. */
export interface ShownLogo extends Pick<Logo, 'type' | 'width' | 'height'> {
  readonly href: string;
}

/** The sign-in page in small. */
export interface Look extends Pick<BrandView, 'signInText' | 'logo'> {
  readonly name: string;
}

const LOOKS = ['now', 'next'] as const;
const THEMES = ['light', 'dark'] as const;
/** Colours of the looks of a page; null = Stile's own. */
export type LookColours = Readonly<Record<(typeof LOOKS)[number], string | null>>;

/** @param chosen where a logo is that nobody but whoever chose it gets yet; null = it is saved */
export function lookOf(house: House, chosen: string | null): Look {
  const { signInText, logo } = brandOf(house);
  return { name: house.name, signInText, logo: logo && { ...logo, href: chosen ?? logo.href } };
}

/** @returns the logo of a form */
export function shownLogo(house: House, chosen: string | null): ShownLogo | null {
  const { logo } = house.branding;
  const href = lookOf(house, chosen).logo?.href;
  if (!logo || href === undefined) return null;
  const { type, width, height } = logo;
  return { type, width, height, href };
}

/** @returns where the colours of the looks are, for a page that may hold no styles of its own; null = nowhere */
export function lookHref(colours: LookColours): string | null {
  const said = LOOKS.flatMap((look) => {
    const colour = colours[look];
    return colour === null ? [] : [[look, colour.slice(1)]];
  });
  return said.length === 0 ? null : `/admin/settings/look.css?${String(new URLSearchParams(said))}`;
}

/** @param query of the address; what is no colour that can be read is left out: it is anybody's to write */
export function lookCss(query: Readonly<Record<string, unknown>>): string {
  return LOOKS.flatMap((look) => {
    const said = query[look];
    if (typeof said !== 'string' || !/^[\da-f]{6}$/.test(said)) return [];
    const verdict = accentTokens(`#${said}`);
    if (!verdict.ok) return [];
    return THEMES.map((theme) => {
      const { accent, accentHover, onAccent } = verdict[theme];
      return `.look.${look}.${theme}{--accent:${accent};--accent-hover:${accentHover};--on-accent:${onAccent}}`;
    });
  }).join('\n');
}
