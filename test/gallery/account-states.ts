import { TOLD_EVENTS } from '../../src/security-settings/activity.ts';
import { afterPassword, APP, EMAIL, states, TENANT, type GalleryState } from './state.ts';

const me = { name: 'Ana Ribeiro', initials: 'AR', href: '#me' };

const blueKey = {
  id: 'blue',
  kind: 'security-key',
  name: 'Blue key',
  added: '24 November 2026',
  used: '2 December 2026',
  hasName: true,
};
const phone = {
  id: 'phone',
  kind: 'authenticator-app',
  name: 'Phone',
  added: '24 November 2026',
  used: null,
};
const nameless = { ...blueKey, id: 'nameless', name: null };
/** Longer than any name may be in words of its own. */
const long = {
  ...blueKey,
  id: 'long',
  name: 'The-one-that-hangs-at-the-ring-beside-the-locker-number-ninety-1',
};

const settings = states(
  'security-settings',
  'security-settings/index.njk',
  {
    saved: null,
    me,
    email: EMAIL,
    tenantName: TENANT,
    passwordChanged: '3 June 2026',
    since: '24 November 2026',
    enforced: false,
    mayAdd: true,
    methods: [blueKey],
    codesLeft: 12,
    places: 2,
    appLeft: null,
  },
  {
    off: { since: null, methods: [], codesLeft: 0 },
    'off-closed': { since: null, methods: [], codesLeft: 0, mayAdd: false },
    'off-no-password': { since: null, methods: [], codesLeft: 0, passwordChanged: null },
    on: {},
    several: { methods: [blueKey, nameless, long, phone], codesLeft: 15 },
    full: { mayAdd: false },
    removed: { saved: 'removed' },
    'from-app': { saved: 'removed', appLeft: { name: 'Contact desk', href: '#app' } },
    renamed: { saved: 'renamed', places: 1 },
    'new-codes': { saved: 'codes', codesLeft: 15 },
    'new-password': { saved: 'password' },
    'turned-off': { saved: 'off', since: null, methods: [], codesLeft: 0 },
    enforced: { enforced: true, methods: [phone] },
    'codes-low': { codesLeft: 3 },
    'codes-last': { codesLeft: 1 },
    'codes-none': { codesLeft: 0 },
  },
);

/** A card about oneself; the chip leads nowhere, because nobody else can be chosen here. */
const card = {
  who: { ...afterPassword.who, switchHref: null },
  stepsDone: 0,
  cancelHref: '#cancel',
};

const confirm = states(
  'confirm',
  'security-settings/password.njk',
  { ...card, confirms: false, email: EMAIL },
  {
    password: { refusal: null },
    'password-empty': { refusal: 'empty' },
    'password-wrong': { refusal: 'wrong' },
    'password-suspended': { refusal: 'suspended' },
  },
);

const other = {
  ...card,
  confirms: true,
  refusal: null,
  minutes: null,
  waysHref: '#ways',
  declineAction: null,
};
const key = JSON.stringify({ challenge: 'c3RpbGUtZ2FsbGVyeS1jaGFsbGVuZ2UtMDAwMDAwMDA', rpId: 'localhost' });
const confirmByMethod = [
  ...states(
    'confirm',
    'second-factor/security-key/verify.njk',
    { ...other, options: key, refreshHref: '#refresh' },
    { key: {}, 'key-no-answer': { refusal: 'no-answer' } },
  ),
  ...states('confirm', 'second-factor/authenticator-app/verify.njk', other, {
    app: {},
    'app-for-others': { others: true },
  }),
  ...states('confirm', 'second-factor/recovery-code/verify.njk', other, { code: {} }),
  ...states(
    'confirm',
    'sign-in/ways.njk',
    { ...other, tenantName: TENANT },
    {
      ways: {
        ways: [
          { id: 'security-key', href: '#key', reason: null, minutes: null },
          { id: 'authenticator-app', href: null, reason: 'waiting', minutes: 11 },
        ],
      },
    },
  ),
];

const setUp = states('security-settings', 'security-settings/set-up.njk', card, {
  'set-up': { kinds: ['security-key', 'authenticator-app'], further: false },
  add: { kinds: ['security-key'], further: true },
  'add-app': { kinds: ['authenticator-app'], further: true },
});

const mailedCode = states(
  'check-email',
  'set-up/check-email.njk',
  { who: card.who, stepsDone: 0, email: 'a...@northwind.example', minutes: null, againAction: '#again' },
  { 'own-pages': { problem: null, resent: false }, 'own-pages-resent': { problem: null, resent: true } },
);

const aboutKey = { ...card, kind: 'security-key', name: 'Blue key', tenantName: TENANT, version: 4 };

const changes = [
  ...states('remove-method', 'security-settings/remove.njk', aboutKey, {
    default: { removal: 'usual' },
    nameless: { removal: 'usual', name: null },
    long: { removal: 'usual', name: long.name },
    last: { removal: 'last' },
    enforced: { removal: 'enforced' },
  }),
  ...states('remove-method', 'security-settings/rename.njk', aboutKey, {
    rename: { value: 'Blue key', problem: null },
    'rename-empty': { value: '', problem: 'empty' },
  }),
  ...states('turn-off', 'security-settings/turn-off.njk', aboutKey, {
    default: { removal: 'last' },
    enforced: { removal: 'enforced' },
  }),
];

const when = '24 November 2026, 09:12 WET';
const here = {
  uid: 'here',
  here: true,
  device: 'Chrome on Windows',
  methods: ['security-key'],
  signedIn: when,
  used: when,
  apps: [APP],
};
const there = { ...here, uid: 'there', here: false, device: null, methods: [], apps: [] };
const phoned = { ...here, uid: 'phone', here: false, device: 'Firefox on Android', apps: [APP, 'Wallboard'] };

const lists = [
  ...states(
    'sessions',
    'security-settings/sessions.njk',
    { me, email: EMAIL, saved: null, version: 4 },
    {
      only: { places: [here] },
      list: { places: [here, there, { ...phoned, methods: ['authenticator-app', 'recovery-code'] }] },
      ended: { places: [here, phoned], saved: 'ended' },
      'ended-others': { places: [here], saved: 'ended-others' },
    },
  ),
  ...states(
    'activity',
    'security-settings/activity.njk',
    { me, email: EMAIL, newestHref: null, nextHref: null },
    {
      none: { happenings: [] },
      list: {
        happenings: TOLD_EVENTS.map((event) => ({ event, method: null, when })),
        nextHref: '#older',
      },
      last: {
        happenings: [{ event: 'sign_in_completed', method: 'security-key', when }],
        newestHref: '#newest',
      },
    },
  ),
];

const makeCodes = states(
  'make-codes',
  'security-settings/make-codes.njk',
  { ...card, version: 4 },
  {
    default: { codesLeft: 12 },
    one: { codesLeft: 1 },
    none: { codesLeft: 0 },
  },
);

const noProblem = { current: null, next: null };
const NEXT = ['malformed', 'too-short', 'too-long', 'common', 'repeats', 'sequence', 'personal', 'same'];
const newPassword = states(
  'change-password',
  'security-settings/new-password.njk',
  { ...card, email: EMAIL, tenantName: TENANT, leastLength: 15, version: 4, problems: noProblem },
  {
    default: {},
    enforced: { leastLength: 8 },
    empty: { problems: { current: 'empty', next: 'empty' } },
    wrong: { problems: { current: 'wrong', next: null } },
    suspended: { problems: { current: 'suspended', next: null } },
    ...Object.fromEntries(NEXT.map((next) => [next, { problems: { current: null, next } }])),
  },
);

const notMe = [
  ...states('activity', 'security-settings/not-me.njk', { ...card, version: 4 }, { 'not-me': {} }),
  ...states(
    'activity',
    'security-settings/not-me-done.njk',
    { who: null, stepsDone: 0, signInHref: '#sign-in' },
    { 'not-me-done': {} },
  ),
];

/** Pages of a signed-in person about themselves. */
export const accountStates: readonly GalleryState[] = [
  ...settings,
  ...confirm,
  ...confirmByMethod,
  ...setUp,
  ...mailedCode,
  ...changes,
  ...makeCodes,
  ...newPassword,
  ...notMe,
  ...lists,
];
