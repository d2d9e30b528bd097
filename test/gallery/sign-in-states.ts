import { afterPassword, APP, EMAIL, states, TENANT, type GalleryState } from './state.ts';

/** Longer than any real name: nothing may be cut, nothing may scroll sideways. */
export const LONG = {
  email: 'maximiliana.featherstonehaugh-cholmondeley@customer-operations.northwind-international.example',
  app: 'Northwind International Customer Operations Desktop',
};

const firstPage = {
  who: null,
  stepsDone: 1,
  stepsTotal: 2,
  appName: APP,
  email: '',
  problem: null,
  missing: { email: false, password: false },
  minutes: null,
  confirmable: false,
  workspace: null,
  tenantId: 'northwind',
  confirmAction: '#confirm',
};

const password: GalleryState[] = [
  ...states('sign-in', 'sign-in/password.njk', firstPage, {
    default: {},
    hint: { email: EMAIL },
    'no-app': { appName: null },
    wrong: { email: EMAIL, problem: 'wrong' },
    empty: { problem: 'empty', missing: { email: true, password: true } },
    'empty-password': { email: EMAIL, problem: 'empty', missing: { email: false, password: true } },
    'too-many': { email: EMAIL, problem: 'too-many', minutes: 4, confirmable: true },
    'too-many-one': { email: EMAIL, problem: 'too-many', minutes: 1, confirmable: true },
    'too-many-known': { email: EMAIL, problem: 'too-many', minutes: 4 },
    suspended: { email: EMAIL, problem: 'suspended', confirmable: true },
    'suspended-known': { email: EMAIL, problem: 'suspended' },
    busy: { email: EMAIL, problem: 'busy' },
    expired: { email: EMAIL, problem: 'expired' },
    workspace: { email: EMAIL, problem: 'workspace', workspace: { value: '', unknown: false } },
    'workspace-unknown': {
      email: EMAIL,
      problem: 'workspace',
      workspace: { value: 'northwnd', unknown: true },
    },
    long: { email: LONG.email, appName: LONG.app },
  }),
  { id: 'sign-in-no-tenant', view: 'sign-in/password.njk', data: firstPage },
];

const verify = { ...afterPassword, refusal: null, minutes: null, waysHref: '#ways', declineAction: null };

/** Options as the server makes them; nobody answers them. */
const OPTIONS = JSON.stringify({
  challenge: 'c3RpbGUtZ2FsbGVyeS1jaGFsbGVuZ2UtMDAwMDAwMDA',
  rpId: 'localhost',
  timeout: 60_000,
  userVerification: 'discouraged',
  allowCredentials: [{ id: 'Z2FsbGVyeQ', type: 'public-key' }],
});

const methods: GalleryState[] = [
  ...states(
    'security-key',
    'second-factor/security-key/verify.njk',
    { ...verify, options: OPTIONS },
    {
      default: {},
      'no-answer': { refusal: 'no-answer' },
      'not-yours': { refusal: 'not-yours' },
      unsupported: { refusal: 'unsupported' },
      other: { refusal: 'expired' },
      'too-many': { refusal: 'too-many', minutes: 12 },
      decline: { declineAction: '#decline' },
      long: { who: { ...afterPassword.who, email: LONG.email } },
    },
  ),
  ...states('authenticator-app', 'second-factor/authenticator-app/verify.njk', verify, {
    default: {},
    empty: { refusal: 'empty' },
    malformed: { refusal: 'malformed' },
    wrong: { refusal: 'wrong' },
    used: { refusal: 'used' },
    'clock-slow': { refusal: 'clock', minutes: -7 },
    'clock-fast': { refusal: 'clock', minutes: 1 },
    'too-many': { refusal: 'too-many', minutes: 11 },
    suspended: { refusal: 'suspended' },
    decline: { declineAction: '#decline' },
  }),
  ...states('recovery-code', 'second-factor/recovery-code/verify.njk', verify, {
    default: {},
    empty: { refusal: 'empty' },
    wrong: { refusal: 'wrong' },
    'too-many': { refusal: 'too-many', minutes: 1 },
  }),
];

const way = (id: string, reason: string | null = null, minutes: number | null = null) => ({
  id,
  href: reason === null ? `#${id}` : null,
  reason,
  minutes,
});

const choices: GalleryState[] = [
  ...states(
    'start-again',
    'sign-in/ended.njk',
    { who: null, stepsDone: 1 },
    { ended: { restartHref: '#restart' } },
  ),
  ...states(
    'ways',
    'sign-in/ways.njk',
    { ...afterPassword, tenantName: TENANT },
    {
      three: { ways: ['security-key', 'authenticator-app', 'recovery-code'].map((id) => way(id)) },
      one: { ways: [way('security-key')] },
      waiting: {
        ways: [
          way('security-key', 'not-here'),
          way('authenticator-app', 'waiting', 11),
          way('recovery-code'),
        ],
      },
      suspended: { ways: [way('authenticator-app', 'suspended'), way('recovery-code')] },
      'not-enough': { ways: [way('security-key'), way('recovery-code', 'not-enough')] },
    },
  ),
  ...states(
    'recovery-used',
    'sign-in/recovery-used.njk',
    { ...afterPassword, appName: APP, newCodesAction: '#new' },
    {
      default: { codesLeft: 11 },
      low: { codesLeft: 3 },
      last: { codesLeft: 1 },
      none: { codesLeft: 0 },
    },
  ),
  ...states(
    'check-email',
    'set-up/check-email.njk',
    {
      ...afterPassword,
      email: 'a...@northwind.example',
      problem: null,
      minutes: null,
      resent: false,
      againAction: '#again',
    },
    {
      default: {},
      empty: { problem: 'empty' },
      malformed: { problem: 'malformed' },
      wrong: { problem: 'wrong' },
      resent: { resent: true },
      expired: { problem: 'expired' },
      'too-many': { problem: 'too-many', minutes: 40 },
      'too-many-one': { problem: 'too-many', minutes: 1 },
    },
  ),
  ...states(
    'consent',
    'sign-in/consent.njk',
    { ...afterPassword, who: { ...afterPassword.who, switchHref: null } },
    {
      default: { appName: APP, scopes: ['openid', 'profile', 'email', 'tenant'], changed: false },
      changed: {
        appName: LONG.app,
        scopes: ['phone', 'address', 'offline_access', 'calls:read'],
        changed: true,
      },
    },
  ),
  ...states(
    'switch-account',
    'sign-in/switch.njk',
    { who: null, stepsDone: 1, appName: APP, switchHref: '#switch' },
    {
      default: { email: EMAIL },
      'other-tenant': { email: null },
    },
  ),
  ...states(
    'exposed-password',
    'sign-in/new-password.njk',
    { ...afterPassword, stepsDone: 0, email: EMAIL, tenantName: TENANT, leastLength: 15 },
    {
      default: { problem: null },
      empty: { problem: 'empty' },
      same: { problem: 'same' },
    },
  ),
  ...states(
    'exposed-password',
    'sign-in/new-password-done.njk',
    { who: null, stepsDone: 0, signInHref: '#sign-in' },
    { done: { second: false }, 'done-second': { second: true } },
  ),
  ...states(
    'no-method',
    'sign-in/no-method.njk',
    { ...afterPassword, tenantName: TENANT, appName: APP, skipAction: null, grace: null },
    {
      tenant: { reason: 'tenant', leaveAction: '#leave' },
      date: {
        reason: 'tenant',
        leaveAction: '#leave',
        skipAction: '#skip',
        grace: { date: '1 March 2027', time: null, left: null },
      },
      app: { reason: 'app', leaveAction: '#leave' },
      key: { reason: 'key', leaveAction: null, backHref: '#back' },
    },
  ),
];

/** From the email and password to the second factor, and what stands between them. */
export const signInStates: readonly GalleryState[] = [...password, ...methods, ...choices];
