import { NO_BRANDING } from '../../src/tenants/branding.ts';
import type { House } from '../../src/http/brand.ts';

/** One page in one state, from made-up data: what the gallery shows and what the page tests look at. */
export interface GalleryState {
  /** Address below `/__gallery` and name in test titles: page, then state. */
  readonly id: string;
  readonly view: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** In the page header; absent = before the tenant is known. */
  readonly tenantName?: string;
  /** In the place of `tenantName`, where a tenant has a look of its own. */
  readonly house?: House;
}

/** @returns whose page a state is; null = Stile's own */
export function houseOf({ tenantName, house }: GalleryState): House | null {
  if (house) return house;
  return tenantName === undefined ? null : { tenantId: 'northwind', name: tenantName, branding: NO_BRANDING };
}

export const TENANT = 'Northwind Support';
export const APP = 'Agent Desktop';
export const EMAIL = 'ana.ribeiro@northwind.example';

/** The layout's values of every page after the password. */
export const afterPassword = {
  who: { email: EMAIL, initials: 'AR', switchHref: '#switch' },
  stepsDone: 2,
  stepsTotal: 2,
};

/** @returns states `page-name` of one view, each with its own difference from `common` */
export function states(
  page: string,
  view: string,
  common: Readonly<Record<string, unknown>>,
  differences: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): GalleryState[] {
  return Object.entries(differences).map(([name, difference]) => ({
    id: `${page}-${name}`,
    view,
    tenantName: TENANT,
    data: { ...common, ...difference },
  }));
}
