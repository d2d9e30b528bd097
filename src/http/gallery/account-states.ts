import { EMAIL, states, TENANT, type GalleryState } from './state.ts';

const me = { name: 'Ana Ribeiro', initials: 'AR', href: '#me' };

const blueKey = {
  id: 'blue',
  kind: 'security-key',
  name: 'Blue key',
  added: '24 November 2026',
  used: '2 December 2026',
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
  'c1',
  'security-settings/index.njk',
  {
    me,
    email: EMAIL,
    tenantName: TENANT,
    passwordChanged: '3 June 2026',
    since: '24 November 2026',
    enforced: false,
    methods: [blueKey],
    codesLeft: 12,
  },
  {
    off: { since: null, methods: [], codesLeft: 0 },
    'off-no-password': { since: null, methods: [], codesLeft: 0, passwordChanged: null },
    on: {},
    several: { methods: [blueKey, nameless, long, phone], codesLeft: 15 },
    enforced: { enforced: true, methods: [phone] },
    'codes-low': { codesLeft: 3 },
    'codes-last': { codesLeft: 1 },
    'codes-none': { codesLeft: 0 },
  },
);

/** Pages of a signed-in person about themselves. */
export const accountStates: readonly GalleryState[] = [...settings];
