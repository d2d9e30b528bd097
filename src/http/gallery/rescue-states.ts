import { afterPassword, states, TENANT, type GalleryState } from './state.ts';

const verify = { ...afterPassword, refusal: null, minutes: null, waysHref: '#ways', declineAction: null };
const VIEW = 'second-factor/rescue-code/verify.njk';

/** A7: the code that a lead read to somebody, as a second factor and before a set-up; A3 with it. */
export const rescueStates: readonly GalleryState[] = [
  ...states('a7', VIEW, verify, {
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
    'a7-set-up',
    VIEW,
    { ...verify, waysHref: null, setsUpAt: TENANT, backHref: '#back' },
    { default: {}, wrong: { refusal: 'wrong' }, 'too-many': { refusal: 'too-many', minutes: 1 } },
  ),
  ...states(
    'a3',
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
];
