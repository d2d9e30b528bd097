import { coverage, frame, people } from './admin-states.ts';
import { states, type GalleryState } from './state.ts';

const numbers = { total: 142, signedOut: 46, live: 31, withoutMethod: 46, rest: 96 };
const nobody = { signedOut: 0, live: 0, withoutMethod: 0, rest: 142 };
const until = { key: 'until', value: '1 December 2026' };
const skips = { key: 'skips', count: 3 };
const named = people.map((one, at) => ({
  ...one,
  signedIn: at < 2,
  lastSignIn: at < 2 ? { iso: '2026-11-24T09:12:00Z', day: '24 Nov, 09:12' } : null,
}));

const values = {
  secondFactor: 'required',
  from: '',
  skips: '',
  maxHours: '12',
  idleMinutes: '60',
  enrolmentProof: 'none',
  rescueCodes: 'off',
  resetApproval: 'delay',
};
const fields = Object.keys(values);
const scheduled = { now: 'required', values: { ...values, from: '2026-12-01' } };

const policy = states(
  'policy',
  'admin/policy.njk',
  {
    ...frame('policy'),
    saved: null,
    queued: 0,
    mailed: null,
    pending: false,
    scheduled: null,
    grace: null,
    wrong: [],
    values,
    more: false,
    coverage,
    now: 'optional',
    ...numbers,
    invited: 0,
    lacksMethod: false,
    agents: named,
    all: '46',
    methods: { allowed: ['security-key', 'authenticator-app', 'recovery-code'], synced: true, models: false },
    fileHref: '#file',
  },
  {
    default: {},
    optional: { values: { ...values, secondFactor: 'optional' }, invited: 132 },
    one: { signedOut: 1, live: 1, invited: 1 },
    nobody: { ...nobody, agents: [] },
    all: { signedOut: 142, live: 31 },
    'own-method-missing': { lacksMethod: true },
    required: {
      now: 'required',
      methods: { allowed: ['security-key', 'recovery-code'], synced: false, models: true },
    },
    'change-pending': { pending: true, more: true },
    'later-pending': { pending: true, grace: until, signedOut: 0, rest: 142, values: scheduled.values },
    'skips-pending': { pending: true, grace: skips, signedOut: 0, values: { ...values, skips: '3' } },
    scheduled: { ...scheduled, scheduled: until },
    'scheduled-skips': { ...scheduled, scheduled: skips },
    wrong: { wrong: fields, more: true },
    saved: { now: 'required', queued: 12, saved: { what: 'required', signedOut: 46, seconds: '0.3' } },
    'saved-told': { now: 'required', saved: { what: 'required', signedOut: 1, seconds: '0.1' } },
    'saved-quiet': { now: 'required', saved: { what: 'required', signedOut: 0, seconds: '0.1' } },
    'saved-optional': { saved: { what: 'optional', signedOut: 0, seconds: '0.1' } },
    'saved-rules': { saved: { what: 'rules', signedOut: 0, seconds: '0.1' } },
    'saved-methods': { saved: { what: 'methods', signedOut: 0, seconds: '0.1' } },
    mailed: { mailed: 46 },
  },
);

const nothing = { key: 'nothing' };
const choices = {
  enrolmentProof: ['none', 'email', 'lead-code'],
  rescueCodes: ['off', 'leads', 'admins'],
  resetApproval: ['delay', 'second-admin', 'at-once'],
};
const changes = [
  { field: 'from', before: nothing, after: { key: 'day', value: '1 December 2026' } },
  { field: 'skips', before: { key: 'times', count: 1 }, after: { key: 'times', count: 3 } },
  { field: 'skips', before: { key: 'times', count: 3 }, after: nothing },
  { field: 'maxHours', before: { key: 'hours', value: '12' }, after: { key: 'hours', value: '10' } },
  { field: 'idleMinutes', before: { key: 'minutes', value: '60' }, after: { key: 'minutes', value: '30' } },
  ...Object.entries(choices).flatMap(([field, [first, ...others]]) =>
    others.map((one) => ({
      field,
      before: { key: `${field}.${first}` },
      after: { key: `${field}.${one}` },
    })),
  ),
];
const hidden = [{ name: 'secondFactor', value: 'required' }];

const review = states(
  'policy-review',
  'admin/policy-review.njk',
  {
    ...frame('policy'),
    switches: 'required',
    version: 7,
    ...numbers,
    grace: null,
    changes: [],
    hidden,
    backHref: '#back',
    problem: null,
  },
  {
    default: {},
    one: { signedOut: 1, live: 1, rest: 1 },
    nobody,
    later: { signedOut: 0, live: 0, grace: until, changes: changes.slice(0, 1) },
    skips: { signedOut: 0, live: 0, grace: skips, changes: changes.slice(1, 2) },
    'number-wrong': { problem: 'number' },
    'number-changed': { problem: 'changed', signedOut: 47 },
    optional: { switches: 'optional', ...nobody, hidden: [] },
    rules: { switches: null, ...nobody, hidden: [], changes },
    'rules-sign-out': { switches: null, changes: changes.slice(0, 1) },
  },
);

const mails = states(
  'policy-email',
  'admin/policy-email.njk',
  { ...frame('policy'), count: 46, day: '', date: null },
  { default: {}, dated: { day: '2026-12-01', date: '1 December 2026' }, one: { count: 1 } },
);

const YUBIKEY = 'YubiKey 5 Series with NFC';
const methods = states(
  'methods',
  'admin/methods.njk',
  {
    ...frame('policy'),
    methods: ['security-key', 'authenticator-app', 'recovery-code'].map((id) => ({ id, checked: true })),
    separate: false,
    allowModels: '',
    denyModels: '',
    inUse: [
      { name: YUBIKEY, count: 41 },
      { name: '2fc0579f-8113-47ea-b116-bb5a8db9202a', count: 3 },
    ],
    names: 'Feitian ePass FIDO2-NFC Authenticator, Titan Security Key v2, YubiKey 5 Series with NFC',
    wrong: [],
    unknown: '',
  },
  {
    default: {},
    'shared-desk': { separate: true, allowModels: YUBIKEY, inUse: [] },
    wrong: { wrong: ['methods', 'allowModels', 'denyModels'], unknown: 'Blue key', allowModels: 'Blue key' },
    'own-method-missing': { wrong: ['self'] },
  },
);

const methodsReview = states(
  'methods-review',
  'admin/methods-review.njk',
  {
    ...frame('policy'),
    leftWithout: 38,
    signedOut: 38,
    required: true,
    summary: { methods: ['security-key', 'recovery-code'], separate: true, allow: YUBIKEY, deny: YUBIKEY },
    agents: named,
    notNamed: 35,
    version: 7,
    hidden: [{ name: 'security-key', value: 'yes' }],
    problem: null,
  },
  {
    default: {},
    optional: { required: false, signedOut: 0 },
    nobody: {
      leftWithout: 0,
      signedOut: 0,
      agents: [],
      notNamed: 0,
      summary: { methods: ['authenticator-app'], separate: false, allow: '', deny: '' },
    },
    'number-wrong': { problem: 'number' },
    'number-changed': { problem: 'changed' },
  },
);

/** What a tenant demands, and the methods it allows. */
export const policyStates: readonly GalleryState[] = [
  ...policy,
  ...review,
  ...mails,
  ...methods,
  ...methodsReview,
];
