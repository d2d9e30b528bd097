import { states, type GalleryState } from './state.ts';

const me = { name: 'João Matos', initials: 'JM', href: '#me' };

const nav = [
  ['overview', 'home'],
  ['agents', 'people'],
  ['policy', 'shield'],
].map(([id, icon]) => ({ id, icon, href: `#${id}`, current: id === 'policy' }));

const coverage = [
  { kind: '', holding: 'key', count: 58, start: 0, width: 40.6 },
  { kind: 'app', holding: 'app-only', count: 38, start: 40.9, width: 26.5 },
  { kind: 'none', holding: 'none', count: 46, start: 67.7, width: 32.3 },
];

const agents = [
  {
    name: 'Ana Ribeiro',
    email: 'ana.ribeiro@northwind.example',
    here: true,
    iso: '2026-11-24T09:12Z',
    when: '24 Nov, 09:12',
  },
  {
    name: 'Dele Okafor',
    email: 'dele.okafor@northwind.example',
    here: true,
    iso: '2026-11-24T08:55Z',
    when: '24 Nov, 08:55',
  },
  {
    name: 'Mei Tanaka',
    email: 'mei.tanaka@northwind.example',
    here: false,
    iso: '2026-11-21T17:40Z',
    when: '21 Nov, 17:40',
  },
];

/** Layouts and macros that no page of a sign-in uses, in the shape of the mockups. */
export const componentStates: readonly GalleryState[] = [
  ...states('components', 'gallery/admin.njk', { me, nav, coverage, agents }, { admin: {} }),
  ...states('components', 'gallery/account.njk', { me, agents }, { account: {} }),
];
