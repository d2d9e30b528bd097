import { frame } from './admin-states.ts';
import { states, TENANT, type GalleryState } from './state.ts';

/** A sail, as a file would hold it. */
const SAIL =
  '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40" viewBox="0 0 120 40"><path fill="#0b6e4f" d="M0 40 60 0v40z"/></svg>';
const logo = {
  href: `data:image/svg+xml;base64,${Buffer.from(SAIL).toString('base64')}`,
  type: 'image/svg+xml',
  width: 120,
  height: 40,
};
const png = { ...logo, type: 'image/png', width: 64, height: 32 };
const small = { ...logo, width: 96, height: 32, isWordmark: true };
const plain = { name: TENANT, signInText: null, logo: null };
const branded = { name: TENANT, signInText: 'Use the account of your contact center.', logo: small };
const TEXTS = {
  name: TENANT,
  accent: '#0b6e4f',
  signInText: branded.signInText,
  helpUrl: 'https://help.northwind.example/signing-in',
  contact: 'The service desk, extension 4711',
};
const nothing = { name: TENANT, accent: '', signInText: '', helpUrl: '', contact: '' };
const LOOKS = '/__gallery/look.css?now=0b6e4f&next=7a1fa2';
const previewed = { values: { ...TEXTS, accent: '#7a1fa2' }, draftId: 'd', next: branded, lookHref: LOOKS };

const refusedLogo = (reason: string, values: Readonly<Record<string, string | number>> = {}) => ({
  draftId: 'd',
  next: branded,
  wrong: { logo: { reason, values } },
});
const refused = (field: string, reason: string, values: Readonly<Record<string, string | number>> = {}) => ({
  draftId: 'd',
  next: plain,
  wrong: { [field]: { reason, values } },
});

/** How the company's pages look. */
export const settingsStates: readonly GalleryState[] = states(
  'settings',
  'admin/settings.njk',
  {
    ...frame('settings'),
    standing: null,
    wrong: {},
    values: TEXTS,
    version: 3,
    draftId: '',
    holdsLogo: false,
    logo,
    removeLogo: false,
    meanwhile: [],
    now: branded,
    next: null,
    lookHref: LOOKS,
    most: { name: 80, signInText: 200, contact: 500, kilobytes: 20 },
    passwords: { alone: 15, withSecondFactor: 8 },
  },
  {
    default: { values: nothing, logo: null, now: plain, lookHref: null },
    branded: {},
    saved: { standing: 'saved' },
    // Also what people come back to from a fresh proof.
    previewed: { ...previewed, standing: 'unsaved', holdsLogo: true, logo: png },
    'logo-taken-away': { ...previewed, standing: 'unsaved', logo: null, removeLogo: true, next: plain },
    changed: {
      ...previewed,
      standing: 'changed',
      meanwhile: [
        { field: 'accent', value: '' },
        { field: 'contact', value: 'Jo Ferreira, extension 12' },
      ],
    },
    contrast: {
      ...refused('accent', 'text', { ratio: '4.24', least: 4.5 }),
      values: { ...TEXTS, accent: '#0b8f6f' },
    },
    'contrast-line': {
      ...refused('accent', 'line', { ratio: '1.46', least: 3 }),
      values: { ...TEXTS, accent: '#f4d35e' },
    },
    colour: refused('accent', 'colour'),
    'name-empty': { ...refused('name', 'empty'), values: { ...TEXTS, name: '' } },
    long: refused('signInText', 'long', { most: 200, count: 214 }),
    odd: refused('contact', 'odd'),
    address: refused('helpUrl', 'address'),
    'logo-too-large': refusedLogo('too-large', { kilobytes: '34.2', most: 20 }),
    'logo-not-an-image': refusedLogo('not-an-image'),
    'logo-damaged': refusedLogo('damaged'),
    'logo-unsafe': refusedLogo('unsafe', { name: 'foreignObject' }),
    'logo-too-many-pixels': refusedLogo('too-many-pixels', { width: 4000, height: 3000 }),
    'logo-too-long': refusedLogo('too-long'),
    'logo-no-size': refusedLogo('no-size'),
    'logo-too-detailed': refusedLogo('too-detailed'),
    'logo-gone': refusedLogo('gone'),
  },
);
