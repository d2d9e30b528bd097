import { frame } from './admin-states.ts';
import { afterPassword, EMAIL, states, TENANT, type GalleryState } from './state.ts';

const verify = { ...afterPassword, refusal: null, minutes: null, waysHref: '#ways', declineAction: null };
const VIEW = 'second-factor/rescue-code/verify.njk';

const PAGE = {
  ...frame('agents'),
  agent: { name: 'Ana Ribeiro', email: EMAIL },
  action: '#give',
  backHref: '#back',
};
const FORM = { ...PAGE, reason: '', hours: '8', once: 'gallery', wrong: [], left: 2, most: 12 };
const LONG = {
  name: 'Maximiliana-Alexandrina Featherstonehaugh-Cholmondeley',
  email: 'maximiliana-alexandrina.featherstonehaugh-cholmondeley@northwind.example',
};
const REFUSALS = [
  'yourself',
  'role',
  'higher-role',
  'other-team',
  'off',
  'inactive',
  'nothing-to-open',
  'password-exposed',
  'month-limit',
];

/** The code that a lead read to somebody: giving it, and using it as a second factor or before a set-up. */
export const rescueStates: readonly GalleryState[] = [
  ...states('rescue-code', VIEW, verify, {
    default: {},
    empty: { refusal: 'empty' },
    wrong: { refusal: 'wrong' },
    used: { refusal: 'used' },
    'too-old': { refusal: 'too-old' },
    again: { refusal: 'expired' },
    'too-many': { refusal: 'too-many', minutes: 12 },
    decline: { declineAction: '#decline' },
  }),
  ...states(
    'rescue-code-set-up',
    VIEW,
    { ...verify, waysHref: null, setsUpAt: TENANT, backHref: '#back' },
    { default: {}, wrong: { refusal: 'wrong' }, 'too-many': { refusal: 'too-many', minutes: 1 } },
  ),
  ...states(
    'ways',
    'sign-in/ways.njk',
    { ...afterPassword, tenantName: TENANT },
    {
      four: {
        ways: ['security-key', 'authenticator-app', 'recovery-code', 'rescue-code'].map((id) => ({
          id,
          href: `#${id}`,
          reason: null,
          minutes: null,
        })),
      },
    },
  ),
  ...states('give-rescue-code', 'admin/rescue-code.njk', FORM, {
    default: {},
    one: { left: 1 },
    wrong: { reason: '', hours: '24', wrong: ['reason', 'hours'] },
    long: { agent: LONG },
  }),
  ...states(
    'give-rescue-code',
    'admin/rescue-given.njk',
    { ...PAGE, code: 'K7Q2-3X8T', time: '18:00 WET', left: 2 },
    { shown: {}, 'shown-before': { code: null }, 'shown-last': { code: null, left: 0 } },
  ),
  ...states(
    'give-rescue-code',
    'admin/rescue-refused.njk',
    PAGE,
    Object.fromEntries(REFUSALS.map((refusal) => [refusal, { refusal }])),
  ),
];
