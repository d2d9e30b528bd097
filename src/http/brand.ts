import { createHash } from 'node:crypto';
import { accentTokens, type AccentTokens } from '../tenants/accent.ts';
import type { Logo } from '../tenants/branding.ts';
import type { Tenant } from '../tenants/tenant.ts';

/** Whose page it is, as far as the page shows. */
export type House = Pick<Tenant, 'tenantId' | 'name' | 'branding'>;

/** Where what a brand is made of is served. */
export const BRAND_PREFIX = '/brand/';
/** Box of a logo, beside or instead of the name: as high as the mark. CSS pixels. */
const HEIGHT = 26;
const WIDEST = 160;
/** From here on, in heights, a logo is taken for the name drawn out: the name is not written beside it. */
const WORDMARK = 2;

export interface LogoView {
  readonly href: string;
  readonly type: Logo['type'];
  /** As shown; CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly isWordmark: boolean;
}

/** What the layouts show of a tenant besides its name. */
export interface BrandView {
  /** Address of the few rules with its colours; null = Stile's own. */
  readonly stylesheet: string | null;
  /** Null = Stile's mark. */
  readonly logo: LogoView | null;
  readonly signInText: string | null;
  readonly helpHref: string;
}

export const STILE_BRAND: BrandView = { stylesheet: null, logo: null, signInText: null, helpHref: '/help' };

export interface Stylesheet {
  /** Digest of `css`: 22 base64url characters. */
  readonly name: string;
  readonly css: string;
}

const rule = ({ accent, accentHover, onAccent }: AccentTokens) =>
  `:root{--accent:${accent};--accent-hover:${accentHover};--on-accent:${onAccent}}`;

function stylesheetFor(accent: string): Stylesheet | null {
  const tokens = accentTokens(accent);
  if (!tokens.ok) return null;
  // On paper everything is black on white (style.css).
  const css = `@media screen{${rule(tokens.light)}}\n@media screen and (prefers-color-scheme:dark){${rule(tokens.dark)}}\n`;
  return { name: createHash('sha256').update(css).digest('base64url').slice(0, 22), css };
}

const REMEMBERED = 1000;
const known = new Map<string, Stylesheet | null>();

/** @returns the rules of a colour; null when the rules of today refuse it */
export function stylesheetOf(accent: string): Stylesheet | null {
  const hit = known.get(accent);
  if (hit !== undefined) return hit;
  if (known.size >= REMEMBERED) known.clear();
  const made = stylesheetFor(accent);
  known.set(accent, made);
  return made;
}

function logoView(tenantId: string, { id, type, width, height }: Logo): LogoView {
  return {
    href: `${BRAND_PREFIX}${tenantId}/${id}.${type === 'image/png' ? 'png' : 'svg'}`,
    type,
    width: Math.min(WIDEST, Math.max(1, Math.round((HEIGHT * width) / height))),
    height: HEIGHT,
    isWordmark: width >= WORDMARK * height,
  };
}

/** The help page tells nothing more where a tenant has set nothing. */
function helpHref({ tenantId, branding }: House): string {
  const isSet = Object.values(branding).some((value) => value !== null);
  return isSet ? `/help?tenant=${encodeURIComponent(tenantId)}` : '/help';
}

export function brandOf(house: House): BrandView {
  const { tenantId, branding } = house;
  const { accent, logo, signInText } = branding;
  const stylesheet = accent === null ? null : stylesheetOf(accent);
  return {
    stylesheet: stylesheet && `${BRAND_PREFIX}${tenantId}/${stylesheet.name}.css`,
    logo: logo && logoView(tenantId, logo),
    signInText,
    helpHref: helpHref(house),
  };
}
