import { LONG } from './sign-in-states.ts';
import { EMAIL, states, type GalleryState } from './state.ts';

/** What people reach by their mail: a new password, confirming a browser, stopping a reset. */
export const mailedStates: readonly GalleryState[] = [
  ...states(
    'forgot-password',
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
    'reset-sent',
    'password/sent.njk',
    { stepsDone: 0, email: EMAIL, minutes: 30 },
    { default: {}, one: { minutes: 1 }, long: { email: LONG.email } },
  ),
  ...states(
    'new-password',
    'password/set.njk',
    { stepsDone: 0, email: EMAIL, leastLength: 15, problem: null },
    { default: {}, 'too-short': { problem: 'too-short' }, personal: { problem: 'personal' } },
  ),
  ...states('new-password', 'password/dead.njk', { stepsDone: 0 }, { dead: { purpose: 'password-reset' } }),
  ...states(
    'new-password-saved',
    'password/done.njk',
    { stepsDone: 0, signInHref: '#sign-in' },
    { default: { second: true }, 'one-step': { second: false } },
  ),
  ...states(
    'confirm-browser',
    'password/sent.njk',
    { stepsDone: 1, stepsTotal: 2 },
    { sent: { email: EMAIL, minutes: 15, browser: true, backHref: '#back' } },
  ),
  ...states('confirm-browser', 'password/browser.njk', { stepsDone: 0 }, { default: { email: EMAIL } }),
  ...states(
    'confirm-browser',
    'password/browser-done.njk',
    { stepsDone: 0 },
    { done: { backHref: '#back' } },
  ),
  ...states(
    'confirm-browser',
    'password/dead.njk',
    { stepsDone: 0 },
    { dead: { purpose: 'confirm-browser' } },
  ),
  ...states('stop-reset', 'two-factor-reset/stop.njk', { stepsDone: 0 }, { stop: {} }),
  ...states('stop-reset', 'two-factor-reset/stopped.njk', { stepsDone: 0 }, { stopped: {} }),
];
