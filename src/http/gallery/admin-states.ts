import { states, TENANT, type GalleryState } from './state.ts';

const section = (current: string) =>
  [
    ['overview', 'home'],
    ['agents', 'people'],
    ['policy', 'shield'],
    ['audit', 'list'],
  ].map(([id, icon]) => ({ id, icon, href: `#${id}`, current: id === current }));

/** The console around a page. */
export const frame = (current: string) => ({
  tenantName: TENANT,
  me: { name: 'João Matos', initials: 'JM', href: '#me' },
  nav: section(current),
});

const coverage = [
  { kind: '', holding: 'key', count: '58', start: 0, width: 40.6 },
  { kind: 'app', holding: 'app-only', count: '38', start: 40.9, width: 26.5 },
  { kind: 'none', holding: 'none', count: '46', start: 67.7, width: 32.3 },
];

const people = [
  { accountId: '1', name: 'Ana Ribeiro', email: 'ana.ribeiro@northwind.example' },
  { accountId: '2', name: 'Dele Okafor', email: 'dele.okafor@northwind.example' },
  {
    accountId: '3',
    name: 'Maximiliana-Alexandrina Featherstonehaugh-Cholmondeley',
    email: 'maximiliana-alexandrina.featherstonehaugh-cholmondeley@northwind.example',
  },
];

const overview = states(
  'm1',
  'admin/overview.njk',
  { ...frame('overview'), coverage, required: false, withoutMethod: 46, mayChange: true },
  {
    default: {},
    required: { required: true, withoutMethod: 0 },
    empty: { coverage: null, withoutMethod: 0 },
    lead: { withoutMethod: 1, mayChange: false },
  },
);

const links = (values: readonly string[], chosen: string) =>
  values.map((value) => ({ value, href: `#${value}`, current: value === chosen }));
const filters = {
  has: links(['', 'key', 'app-only', 'none'], ''),
  state: links(['', 'active', 'invited', 'disabled'], 'active'),
};
const list = [
  {
    ...people[0],
    state: 'active',
    holding: 'key',
    lastSignIn: { iso: '2026-11-24T09:12:05.000Z', day: '24 Nov 2026' },
  },
  { ...people[1], state: 'invited', holding: 'none', lastSignIn: null },
  {
    ...people[2],
    state: 'disabled',
    holding: 'app-only',
    lastSignIn: { iso: '2026-03-01T09:12:05.000Z', day: '1 Mar 2026' },
  },
];

const agents = states(
  'm2',
  'admin/agents.njk',
  {
    ...frame('agents'),
    q: '',
    has: '',
    state: '',
    filters,
    filtered: false,
    agents: list,
    range: { from: '1', to: '50', total: '1,204' },
    firstHref: null,
    previousHref: null,
    nextHref: '#next',
    fileHref: '#file',
  },
  {
    default: {},
    filtered: { q: 'ana', has: 'key', state: 'active', filtered: true },
    last: {
      range: { from: '1,201', to: '1,204', total: '1,204' },
      firstHref: '#first',
      previousHref: '#previous',
      nextHref: null,
    },
    'no-results': { q: 'zed', filtered: true, agents: [], nextHref: null },
    empty: { agents: [], nextHref: null },
  },
);

const numbers = { total: 142, signedOut: 46, live: 31, withoutMethod: 46, rest: 96 };
const nobody = { signedOut: 0, live: 0, withoutMethod: 0, rest: 142 };

const policy = states(
  'm6',
  'admin/policy.njk',
  {
    ...frame('policy'),
    saved: null,
    coverage,
    chosen: 'required',
    now: 'optional',
    ...numbers,
    lacksMethod: false,
    agents: people.map((one, at) => ({ ...one, signedIn: at < 2 })),
    all: '46',
  },
  {
    default: {},
    optional: { chosen: 'optional' },
    one: { signedOut: 1, live: 1 },
    nobody: { ...nobody, agents: [] },
    all: { signedOut: 142, live: 31 },
    'own-method-missing': { lacksMethod: true },
    required: { now: 'required' },
    saved: { now: 'required', saved: { secondFactor: 'required', signedOut: 46 } },
    'saved-quiet': { now: 'required', saved: { secondFactor: 'required', signedOut: 0 } },
    'saved-optional': { saved: { secondFactor: 'optional', signedOut: 0 } },
  },
);

const review = states(
  'm7',
  'admin/policy-review.njk',
  { ...frame('policy'), secondFactor: 'required', version: 7, ...numbers, problem: null },
  {
    default: {},
    one: { signedOut: 1, live: 1, rest: 1 },
    nobody,
    'number-wrong': { problem: 'number' },
    'number-changed': { problem: 'changed', signedOut: 47 },
    optional: { secondFactor: 'optional', ...nobody },
  },
);

/** M1, M2, M6 and M7: the pages of those in charge. */
export const adminStates: readonly GalleryState[] = [...overview, ...agents, ...policy, ...review];
