import { afterPassword, APP, EMAIL, states, TENANT, type GalleryState } from './state.ts';

/** 15 codes of four groups of four, as their page gets them. */
const codes = Array.from({ length: 15 }, (_, i) => [
  'B028',
  'XZ4W',
  'VF40',
  (1000 + i * 577).toString(16).toUpperCase().padStart(4, '0'),
]);

/** What a key is asked, as the server makes it; nobody answers it. */
const OPTIONS = JSON.stringify({
  challenge: 'c3RpbGUtZ2FsbGVyeS1jaGFsbGVuZ2UtMDAwMDAwMDA',
  rp: { id: 'localhost', name: TENANT },
  user: { id: 'Z2FsbGVyeQ', name: EMAIL, displayName: 'Ana Ribeiro' },
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
});

/** A picture of the size of a real one. */
const PICTURE = `data:image/svg+xml;base64,${Buffer.from(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 53 53" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h53v53H0z"/><path stroke="#000" d="${Array.from({ length: 45 }, (_, y) => `M${4 + (y % 3)} ${y + 4.5}h7m2 0h3m1 0h${1 + (y % 5)}m3 0h4m2 0h1m4 0h5`).join('')}"/></svg>`,
).toString('base64')}`;

const page = (stepsDone: number, stepsTotal = 3) => ({ ...afterPassword, stepsDone, stepsTotal });
const bothKinds = ['security-key', 'authenticator-app'];

const canSkip = { reason: 'tenant', skipAction: '#skip' };

const start = states(
  'set-up-start',
  'set-up/start.njk',
  {
    ...afterPassword,
    tenantName: TENANT,
    appName: APP,
    kinds: bothKinds,
    leaveAction: '#leave',
    skipAction: null,
    grace: null,
  },
  {
    tenant: { reason: 'tenant' },
    date: { ...canSkip, grace: { date: '1 March 2027', time: null, left: null } },
    today: { ...canSkip, grace: { date: null, time: '17:00 WET', left: null } },
    times: { ...canSkip, grace: { date: null, time: null, left: 2 } },
    'last-time': { ...canSkip, grace: { date: '1 March 2027', time: null, left: 1 } },
    app: { reason: 'app', kinds: ['authenticator-app'] },
    key: { reason: 'key', kinds: ['security-key'] },
  },
);

const codePage = states(
  'recovery-codes',
  'set-up/codes.njk',
  { ...page(1), codes, list: 'gallery', email: EMAIL, madeOn: '24 November 2026', fileHref: '#file' },
  {
    default: { again: false, problem: null },
    unticked: { again: false, problem: 'unticked' },
    again: { again: true, problem: null },
  },
);

const choice = states('choose-method', 'set-up/method.njk', page(2), {
  default: { kinds: bothKinds },
  one: { kinds: ['authenticator-app'] },
  further: { ...page(1, 2), kinds: bothKinds },
});

const add = { ...page(3), tenantName: TENANT, otherHref: '#other', refusal: null, minutes: null };

const key = states(
  'add-security-key',
  'second-factor/security-key/enrol.njk',
  { ...add, options: OPTIONS, refreshHref: '#refresh' },
  {
    default: {},
    same: { refusal: 'same' },
    model: { refusal: 'model' },
    synced: { refusal: 'synced' },
    taken: { refusal: 'taken' },
    'no-answer': { refusal: 'no-answer' },
    unsupported: { refusal: 'unsupported' },
    other: { refusal: 'expired' },
  },
);

const app = states(
  'add-authenticator-app',
  'second-factor/authenticator-app/enrol.njk',
  { ...add, picture: PICTURE, secret: 'JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP' },
  {
    default: {},
    empty: { refusal: 'empty' },
    malformed: { refusal: 'malformed' },
    wrong: { refusal: 'wrong' },
    'clock-slow': { refusal: 'clock', minutes: -7 },
    'clock-fast': { refusal: 'clock', minutes: 2 },
    expired: { refusal: 'expired' },
  },
);

const end = states(
  'set-up-done',
  'set-up/done.njk',
  { ...page(3), appName: APP },
  {
    key: { method: 'security-key', addAction: '#add' },
    app: { method: 'authenticator-app', addAction: '#add' },
    both: { method: 'security-key', addAction: null },
  },
);

export const setUpStates: readonly GalleryState[] = [
  ...start,
  ...codePage,
  ...choice,
  ...key,
  ...states('add-security-key', 'second-factor/security-key/name.njk', page(3), {
    name: { name: 'Security key' },
  }),
  ...app,
  ...end,
];
