import { LONG } from './sign-in-states.ts';
import { EMAIL, states, type GalleryState } from './state.ts';

/** P1 to P4, A10, and the mailed link of M4: what people reach by their mail. */
export const mailedStates: readonly GalleryState[] = [
  ...states(
    'p1',
    'password/forgot.njk',
    { stepsDone: 0, email: '', problem: null, workspace: null },
    {
      default: {},
      empty: { problem: 'empty' },
      workspace: { email: EMAIL, problem: 'workspace', workspace: { value: '', unknown: false } },
      'workspace-unknown': {
        email: EMAIL,
        problem: 'workspace',
        workspace: { value: 'northwnd', unknown: true },
      },
    },
  ),
  ...states(
    'p2',
    'password/sent.njk',
    { stepsDone: 0, email: EMAIL, minutes: 30 },
    { default: {}, one: { minutes: 1 }, long: { email: LONG.email } },
  ),
  ...states(
    'p3',
    'password/set.njk',
    { stepsDone: 0, email: EMAIL, leastLength: 15, problem: null },
    { default: {}, 'too-short': { problem: 'too-short' }, personal: { problem: 'personal' } },
  ),
  ...states('p3', 'password/dead.njk', { stepsDone: 0 }, { dead: { purpose: 'password-reset' } }),
  ...states(
    'p4',
    'password/done.njk',
    { stepsDone: 0, signInHref: '#sign-in' },
    { default: { second: true }, 'one-step': { second: false } },
  ),
  ...states(
    'a10',
    'password/sent.njk',
    { stepsDone: 1, stepsTotal: 2 },
    { sent: { email: EMAIL, minutes: 15, browser: true, backHref: '#back' } },
  ),
  ...states('a10', 'password/browser.njk', { stepsDone: 0 }, { default: { email: EMAIL } }),
  ...states('a10', 'password/browser-done.njk', { stepsDone: 0 }, { done: { backHref: '#back' } }),
  ...states('a10', 'password/dead.njk', { stepsDone: 0 }, { dead: { purpose: 'confirm-browser' } }),
  ...states('m4', 'two-factor-reset/stop.njk', { stepsDone: 0 }, { stop: {} }),
  ...states('m4', 'two-factor-reset/stopped.njk', { stepsDone: 0 }, { stopped: {} }),
];
