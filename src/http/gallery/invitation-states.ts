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
    'm2',
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
    'm3',
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

/** V1 and V2: an invitation, and the password that accepts it; M2 and M3 where it is sent. */
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
  ...sending,
];
