import { EMAIL, states, type GalleryState } from './state.ts';

const LONG = {
  person: 'Maximiliana-Alexandrina Featherstonehaugh-Cholmondeley',
  email: 'maximiliana-alexandrina.featherstonehaugh-cholmondeley@northwind.example',
};

/** V1 and V2: an invitation, and the password that accepts it. */
export const invitationStates: readonly GalleryState[] = [
  ...states(
    'v1',
    'invitation/welcome.njk',
    { stepsDone: 0, person: 'Ana Ribeiro', email: EMAIL, passwordHref: '#password' },
    { default: {}, long: LONG },
  ),
  ...states(
    'v1',
    'invitation/closed.njk',
    { stepsDone: 0 },
    { dead: { signInHref: null }, used: { signInHref: '#sign-in' } },
  ),
  ...states(
    'v2',
    'invitation/password.njk',
    { stepsDone: 0, email: EMAIL, leastLength: 8, problem: null },
    {
      default: {},
      'too-short': { problem: 'too-short' },
      common: { problem: 'common', leastLength: 15, email: LONG.email },
    },
  ),
  ...states('v2', 'invitation/done.njk', { stepsDone: 0 }, { done: { signInHref: '#sign-in' } }),
];
