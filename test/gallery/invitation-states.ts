import { frame } from './admin-states.ts';
import { EMAIL, states, type GalleryState } from './state.ts';

const LONG = {
  person: 'Maximiliana-Alexandrina Featherstonehaugh-Cholmondeley',
  email: 'maximiliana-alexandrina.featherstonehaugh-cholmondeley@northwind.example',
};

const typed = { email: '', name: '', role: 'agent', team: '' };
const agent = {
  accountId: 'ana',
  name: 'Ana Ribeiro',
  email: EMAIL,
  roles: ['agent'],
  team: null,
};

const sending: readonly GalleryState[] = [
  ...states(
    'agents',
    'admin/invite.njk',
    { ...frame('agents'), typed, roles: ['agent', 'lead', 'admin'], problems: {} },
    {
      invite: {},
      'invite-taken': {
        typed: { ...typed, email: EMAIL, name: 'Ana', role: 'lead' },
        problems: { email: 'taken' },
      },
      'invite-wrong': {
        typed: { ...typed, email: 'ana', role: 'operator' },
        problems: { email: 'email', name: 'name', role: 'role', team: 'team' },
      },
      'invite-operator': { roles: ['agent', 'lead', 'admin', 'operator'] },
    },
  ),
  ...states(
    'agent',
    'admin/invitation.njk',
    { ...frame('agents'), agent, standing: 'mailed', until: '1 December 2026', saved: null, minutes: null },
    {
      'invited-sent': { saved: 'sent' },
      'invited-again': { saved: 'again', agent: { ...agent, roles: ['agent', 'lead'], team: 'Claims' } },
      'invited-over': { standing: 'over' },
      'invited-none': { standing: 'none', until: null },
      'invited-too-many': { minutes: 12 },
      'invited-long': { agent: { ...agent, name: LONG.person, email: LONG.email, team: 'Night shift' } },
    },
  ),
];

/** An invitation, the password that accepts it, and the pages of the console that send it. */
export const invitationStates: readonly GalleryState[] = [
  ...states(
    'invitation',
    'invitation/welcome.njk',
    { stepsDone: 0, person: 'Ana Ribeiro', email: EMAIL, passwordHref: '#password' },
    { default: {}, long: LONG },
  ),
  ...states(
    'invitation',
    'invitation/closed.njk',
    { stepsDone: 0 },
    { dead: { signInHref: null }, used: { signInHref: '#sign-in' } },
  ),
  ...states(
    'invitation-password',
    'invitation/password.njk',
    { stepsDone: 0, email: EMAIL, leastLength: 8, problem: null },
    {
      default: {},
      'too-short': { problem: 'too-short' },
      common: { problem: 'common', leastLength: 15, email: LONG.email },
    },
  ),
  ...states(
    'invitation-password',
    'invitation/done.njk',
    { stepsDone: 0 },
    { done: { signInHref: '#sign-in' } },
  ),
  ...sending,
];
