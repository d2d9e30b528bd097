import { frame } from './admin-states.ts';
import { states, type GalleryState } from './state.ts';

const person = (accountId: string, name: string, email: string) => ({
  accountId,
  name,
  email,
  href: `#${accountId}`,
});
export const ana = { ...person('1', 'Ana Ribeiro', 'ana.ribeiro@northwind.example'), state: 'active' };
export const dele = person('2', 'Dele Okafor', 'dele.okafor@northwind.example');
export const long = person(
  '3',
  'Maximiliana-Alexandrina Featherstonehaugh-Cholmondeley',
  'maximiliana-alexandrina.featherstonehaugh-cholmondeley@northwind.example',
);
export const me = { ...person('4', 'João Matos', 'joao.matos@northwind.example'), state: 'active' };

const MORNING = '24 November 2026, 09:12 WET';
const MARCH = '1 March 2026, 17:40 WET';

const key = { id: 'k', kind: 'security-key', name: null, added: MARCH, used: MORNING, allowed: true };
const app = { id: 'a', kind: 'authenticator-app', name: null, added: MARCH, used: null, allowed: false };
const places = [
  {
    uid: 'u',
    device: 'Chrome on Windows',
    methods: ['security-key'],
    apps: ['Agent Desktop', 'Wallboard'],
    signedIn: MORNING,
    used: MORNING,
  },
  { uid: 'v', device: null, methods: [], apps: [], signedIn: MARCH, used: MARCH },
];
const happenings = [
  { event: 'sign_in_completed', method: 'security-key', when: MORNING },
  { event: 'method_added', method: 'authenticator-app', when: MARCH },
  { event: 'password_changed', method: null, when: MARCH },
];
const nothing = { methods: [], codesLeft: 0, places: [], happenings: [] };

const page = states(
  'agent',
  'admin/agent/page.njk',
  {
    ...frame('agents'),
    agent: ana,
    role: 'agent',
    saved: null,
    limit: null,
    required: true,
    methods: [key],
    codesLeft: 15,
    places: places.slice(0, 1),
    happenings,
    auditHref: '#log',
    resetHref: null,
    deeds: ['sign-out', 'reset', 'rescue-code', 'roles', 'disable'],
  },
  {
    default: {},
    'no-method': { ...nothing, deeds: ['sign-out', 'roles', 'disable'] },
    'no-method-optional': { ...nothing, required: false, deeds: ['sign-out', 'roles', 'disable'] },
    several: { agent: { ...long, state: 'active' }, methods: [key, app], codesLeft: 0, places },
    disabled: {
      ...nothing,
      agent: { ...ana, state: 'disabled' },
      methods: [key],
      deeds: ['roles', 'enable'],
    },
    invited: { ...nothing, agent: { ...ana, state: 'invited' }, deeds: ['invitation', 'roles', 'disable'] },
    yourself: { agent: me, role: 'admin', limit: 'yourself', deeds: ['sign-out'] },
    'higher-role': { role: 'operator', limit: 'higher-role', auditHref: null, deeds: [] },
    'other-team': { limit: 'other-team', auditHref: null, deeds: [] },
    lead: { role: 'lead', auditHref: null, deeds: ['sign-out', 'rescue-code'] },
    'reset-waiting': { resetHref: '#reset', deeds: ['sign-out', 'roles', 'disable'] },
    'signed-out': { saved: 'signed-out', places: [] },
    'signed-out-there': { saved: 'session' },
    'saved-disabled': { saved: 'disabled', agent: { ...ana, state: 'disabled' }, deeds: ['enable'] },
    'saved-enabled': { saved: 'enabled' },
    'saved-role': { saved: 'role', role: 'admin' },
  },
);

const deed = states(
  'agent',
  'admin/agent/deed.njk',
  { ...frame('agents'), agent: ana, problem: null },
  {
    'ask-sign-out': { deed: 'sign-out' },
    'ask-disable': { deed: 'disable', agent: { ...long, state: 'active' } },
    'ask-enable': { deed: 'enable' },
    'last-admin': { deed: 'disable', problem: 'last-admin' },
  },
);

const roles = states(
  'agent',
  'admin/agent/roles.njk',
  {
    ...frame('agents'),
    agent: ana,
    role: 'lead',
    roles: ['agent', 'lead', 'admin'],
    version: 3,
    problem: null,
  },
  {
    role: {},
    'role-operator': { roles: ['agent', 'lead', 'admin', 'operator'], role: 'operator' },
    'role-last-admin': { role: 'admin', problem: 'last-admin' },
  },
);

const reset = states(
  'reset',
  'admin/agent/reset.njk',
  {
    ...frame('agents'),
    agent: ana,
    once: 'o',
    problem: null,
    reason: '',
    approval: 'delay',
    byMail: true,
  },
  {
    default: {},
    'second-admin': { approval: 'second-admin', byMail: false },
    'at-once': { approval: 'at-once' },
    'reason-missing': { problem: 'empty' },
  },
);

const resetState = states(
  'reset',
  'admin/agent/reset-state.njk',
  {
    ...frame('agents'),
    agent: ana,
    href: '#reset',
    state: 'waiting',
    reason: 'Lost her phone on the train',
    askedBy: 'João Matos',
    mine: true,
    until: '25 November 2026, 09:12 WET',
    mayApprove: false,
  },
  {
    'waiting-24-hours': {},
    'waiting-second-admin': { until: null },
    'second-admin-agrees': { until: null, mine: false, mayApprove: true },
    approved: { state: 'approved', until: null },
    done: { state: 'done' },
    cancelled: { state: 'cancelled' },
  },
);

/** One agent, and the reset of their two factors. */
export const agentStates: readonly GalleryState[] = [...page, ...deed, ...roles, ...reset, ...resetState];
