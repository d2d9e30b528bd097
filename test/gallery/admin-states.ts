import { states, TENANT, type GalleryState } from './state.ts';

const section = (current: string) =>
  [
    ['overview', 'home'],
    ['agents', 'people'],
    ['policy', 'shield'],
    ['settings', 'settings'],
    ['audit', 'list'],
  ].map(([id, icon]) => ({ id, icon, href: `#${id}`, current: id === current }));

/** The console around a page. */
export const frame = (current: string) => ({
  tenantName: TENANT,
  me: { name: 'João Matos', initials: 'JM', href: '#me' },
  nav: section(current),
});

export const coverage = [
  { kind: '', holding: 'key', count: '58', start: 0, width: 40.6 },
  { kind: 'app', holding: 'app-only', count: '38', start: 40.9, width: 26.5 },
  { kind: 'none', holding: 'none', count: '46', start: 67.7, width: 32.3 },
];

export const people = [
  { accountId: '1', name: 'Ana Ribeiro', email: 'ana.ribeiro@northwind.example' },
  { accountId: '2', name: 'Dele Okafor', email: 'dele.okafor@northwind.example' },
  {
    accountId: '3',
    name: 'Maximiliana-Alexandrina Featherstonehaugh-Cholmondeley',
    email: 'maximiliana-alexandrina.featherstonehaugh-cholmondeley@northwind.example',
  },
];

const toDo = [
  { care: 'reset', count: 1 },
  { care: 'one-method', count: 38 },
  { care: 'codes-low', count: 7 },
];

const overview = states(
  'overview',
  'admin/overview.njk',
  { ...frame('overview'), coverage, required: false, withoutMethod: 46, invited: 132, toDo, mayChange: true },
  {
    default: {},
    required: { required: true, withoutMethod: 0, toDo: toDo.slice(1, 2) },
    empty: { coverage: null, withoutMethod: 0, toDo: [] },
    lead: { withoutMethod: 1, mayChange: false },
  },
);

const links = (values: readonly string[], chosen: string) =>
  values.map((value) => ({ value, href: `#${value}`, current: value === chosen }));
const filters = {
  has: links(['', 'key', 'app-only', 'none'], ''),
  live: links(['', 'now'], ''),
  care: links(['', 'one-method', 'codes-low', 'reset'], ''),
  role: links(['', 'agent', 'lead', 'admin', 'operator'], ''),
  state: links(['', 'active', 'invited', 'disabled'], 'active'),
};
const list = [
  {
    ...people[0],
    state: 'active',
    team: 'Night shift',
    holding: 'key',
    lastSignIn: { iso: '2026-11-24T09:12:05.000Z', day: '24 Nov 2026' },
  },
  { ...people[1], state: 'invited', team: null, holding: 'none', lastSignIn: null },
  {
    ...people[2],
    state: 'disabled',
    team: 'Spanish and Portuguese, second line',
    holding: 'app-only',
    lastSignIn: { iso: '2026-03-01T09:12:05.000Z', day: '1 Mar 2026' },
  },
];

const agents = states(
  'agents',
  'admin/agents.njk',
  {
    ...frame('agents'),
    q: '',
    team: '',
    teams: ['Night shift', 'Spanish and Portuguese, second line'],
    narrowing: [],
    narrowed: [],
    filters,
    filtered: false,
    agents: list,
    range: { from: '1', to: '50', total: '1,204' },
    firstHref: null,
    previousHref: null,
    nextHref: '#next',
    fileHref: '#file',
    mayInvite: true,
    deeds: ['sign-out', 'disable', 'enable', 'reset'],
    importing: null,
  },
  {
    default: {},
    filtered: {
      ...{ q: 'ana', team: 'Night shift', filtered: true },
      narrowing: [
        { name: 'has', value: 'key' },
        { name: 'live', value: 'now' },
      ],
      narrowed: [{ name: 'q', value: 'ana' }],
    },
    last: {
      range: { from: '1,201', to: '1,204', total: '1,204' },
      firstHref: '#first',
      previousHref: '#previous',
      nextHref: null,
    },
    'no-results': { q: 'zed', filtered: true, agents: [], nextHref: null },
    empty: { agents: [], teams: [], nextHref: null },
    lead: { mayInvite: false, fileHref: null, deeds: ['sign-out'] },
    importing: { importing: { came: 60, wanted: 480, href: '#import' } },
  },
);

/** The overview, and the list of agents. */
export const adminStates: readonly GalleryState[] = [...overview, ...agents];
