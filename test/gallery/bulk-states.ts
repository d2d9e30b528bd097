import { frame } from './admin-states.ts';
import { ana, dele, long, me } from './agent-states.ts';
import { states, type GalleryState } from './state.ts';

const leftOut = [
  { ...me, why: 'yourself' },
  { ...dele, why: 'higher-role' },
  { ...long, why: 'not-in-use' },
];
const reasons = [
  'already',
  'no-method',
  'reset-waiting',
  'role',
  'other-team',
  'last-admin',
  'changed',
  'limit',
];

const bulk = states(
  'agents',
  'admin/agent/bulk.njk',
  {
    ...frame('agents'),
    deed: 'sign-out',
    fields: [{ name: 'who', value: '1~2~3' }],
    once: 'o',
    reason: '',
    approval: 'delay',
    count: 3,
    tooMany: null,
    typed: true,
    list: null,
    leftOutRest: 0,
    named: [ana, dele, long],
    more: [],
    leftOut: [],
    problem: null,
  },
  {
    'bulk-ask': {},
    'bulk-disable': { deed: 'disable', count: 24, more: [ana, dele, long, me], leftOut },
    'bulk-enable': { deed: 'enable', typed: false },
    'bulk-one': { count: 1, typed: false, named: [long] },
    'bulk-number-wrong': { problem: 'number' },
    'bulk-number-changed': { problem: 'changed', leftOut: leftOut.slice(1, 2) },
    'bulk-nobody': { count: 0, named: [], typed: false, leftOut },
    'bulk-reset': { deed: 'reset' },
    'bulk-reset-second-admin': { deed: 'reset', approval: 'second-admin' },
    'bulk-reset-at-once': { deed: 'reset', approval: 'at-once', count: 1, typed: false, named: [long] },
    'bulk-reset-reason': { deed: 'reset', problem: 'reason' },
    'bulk-list': { count: 312, list: { href: '#list', rest: '292' }, leftOut, leftOutRest: 14 },
    'bulk-list-too-long': { count: 0, named: [], typed: false, tooMany: '10,000' },
    'bulk-resets-too-many': { deed: 'reset', count: 0, named: [], typed: false, tooMany: '100' },
    'bulk-none': { count: 0, named: [], typed: false },
  },
);

const bulkDone = states(
  'agents',
  'admin/agent/bulk-done.njk',
  { ...frame('agents'), deed: 'sign-out', done: [ana, dele], leftOut: [], maySeeLog: true },
  {
    'bulk-done': {},
    'bulk-done-some': {
      deed: 'disable',
      done: [ana],
      leftOut: [...leftOut, ...reasons.map((why) => ({ ...long, why }))],
    },
    'bulk-done-reset': { deed: 'reset' },
    'bulk-done-enable': { deed: 'enable', maySeeLog: false },
    'bulk-done-nobody': { deed: 'disable', done: [], leftOut },
  },
);

const bulkRun = states(
  'agents',
  'admin/agent/bulk-run.njk',
  {
    ...frame('agents'),
    ...{ deed: 'disable', href: '#run', running: false, total: 312, came: 312, done: 309, maySeeLog: true },
    reasons: [
      { why: 'gone', count: '1' },
      { why: 'stopped', count: '2' },
    ],
    people: [{ ...long, why: 'stopped' }],
  },
  {
    'bulk-run-running': { running: true, came: 40, done: 40, reasons: [], people: [] },
    'bulk-run-done': {},
    'bulk-run-lead': { deed: 'sign-out', maySeeLog: false, done: 312, reasons: [], people: [] },
  },
);

/** What the list of agents does to many at once. */
export const bulkStates: readonly GalleryState[] = [...bulk, ...bulkDone, ...bulkRun];
