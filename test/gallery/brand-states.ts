import { createHash } from 'node:crypto';
import { type Branding, type Logo, NO_BRANDING } from '../../src/tenants/branding.ts';
import type { StoredLogo } from '../../src/tenants/logos.ts';
import type { House } from '../../src/http/brand.ts';
import type { BrandPorts } from '../../src/http/brand-routes.ts';
import { afterPassword, APP, EMAIL, TENANT, type GalleryState } from './state.ts';

const SVG = 'http://www.w3.org/2000/svg';

interface Sample extends StoredLogo {
  readonly logo: Logo;
}

function sample(width: number, inside: string): Sample {
  const bytes = Buffer.from(
    `<svg xmlns="${SVG}" viewBox="0 0 ${width} 64" width="${width}" height="64">${inside}</svg>`,
  );
  const id = createHash('sha256').update(bytes).digest('base64url');
  const type = 'image/svg+xml';
  return { type, bytes, logo: { id, type, width, height: 64 } };
}

const sign = sample(
  64,
  '<circle cx="32" cy="32" r="28" fill="#0b5c55"></circle><path d="M18 40 32 18 46 40z" fill="#ffffff"></path>',
);
/** As wide as a logo may be. */
const wordmark = sample(
  512,
  '<path d="M8 56V8h12l24 30V8h12v48H44L20 26v30zM96 8h400v12H96zM96 44h280v12H96z" fill="#10203a"></path>',
);

const words = {
  helpUrl: 'https://help.northwind.example/sign-in',
  contact: 'IT desk, extension 4100',
  signInText: 'Use the password of your workstation. New here? Open the link in your invitation.',
};
/** Two underscores: no tenant of an installation is called that. */
const house = (look: string, branding: Partial<Branding>): House => ({
  tenantId: `__${look}`,
  name: TENANT,
  branding: { ...NO_BRANDING, ...branding },
});
const dark = house('dark', { ...words, accent: '#0b5c55', logo: sign.logo });
const light = house('light', { accent: '#d97a00', logo: wordmark.logo });
const colour = house('colour', { accent: '#7a1f5c' });
/** Neither a space nor a place to break: nothing may be cut, nothing may scroll sideways. */
const long = house('long', { accent: '#000000', logo: wordmark.logo, signInText: 'Northwind'.repeat(22) });
const houses: readonly House[] = [dark, light, colour, long];

const firstPage = {
  who: null,
  stepsDone: 1,
  stepsTotal: 2,
  appName: APP,
  email: '',
  problem: null,
  missing: { email: false, password: false },
  minutes: null,
  workspace: null,
  tenantId: 'northwind',
  confirmAction: '#confirm',
};
type Data = GalleryState['data'];
const state = (id: string, view: string, of: House, data: Data): GalleryState => ({
  id,
  view,
  house: of,
  data,
});
const methods = [
  { id: 'security-key', href: '#key', reason: null, minutes: null },
  { id: 'authenticator-app', href: '#app', reason: null, minutes: null },
];
const appCode = { ...afterPassword, refusal: 'wrong', minutes: null, waysHref: '#ways', declineAction: null };
const me = { name: 'Ana Ribeiro', initials: 'AR', href: '#me' };

/** Pages of a tenant that has a look of its own. */
export const brandStates: readonly GalleryState[] = [
  state('brand-sign-in', 'sign-in/password.njk', dark, firstPage),
  state('brand-sign-in-wordmark', 'sign-in/password.njk', light, {
    ...firstPage,
    email: EMAIL,
    problem: 'wrong',
  }),
  state('brand-sign-in-long', 'sign-in/password.njk', long, firstPage),
  state('brand-sign-in-colour', 'sign-in/password.njk', colour, firstPage),
  state('brand-code', 'second-factor/authenticator-app/verify.njk', dark, appCode),
  state('brand-ways', 'sign-in/ways.njk', light, { ...afterPassword, ways: methods }),
  state('brand-error', 'errors/page.njk', dark, {
    kind: 'expired',
    reference: 'k7m2x9qd',
    backHref: '#app',
    appName: APP,
    minutes: null,
    detail: null,
  }),
  state('brand-help', 'pages/help.njk', dark, { contact: words.contact, helpUrl: words.helpUrl }),
  state('components-account-brand', 'gallery/account.njk', dark, { me, agents: [] }),
];

/** Serves what these pages are made of, besides what the tenants of the installation have. */
export function withGalleryBrand({ tenants, logos }: BrandPorts): BrandPorts {
  const ours = (tenantId: string) => houses.find((one) => one.tenantId === tenantId);
  return {
    tenants: { find: async (tenantId) => ours(tenantId) ?? tenants.find(tenantId) },
    logos: {
      async find(tenantId, id) {
        if (ours(tenantId)) return [sign, wordmark].find(({ logo }) => logo.id === id) ?? null;
        return logos.find(tenantId, id);
      },
    },
  };
}
