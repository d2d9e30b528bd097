import { EVENT_GROUPS } from '../../src/audit/events.ts';
import { frame } from './admin-states.ts';
import { states, type GalleryState } from './state.ts';

const joao = { accountId: '1', name: 'João Matos', email: 'joao.matos@northwind.example' };
const ana = { accountId: '2', name: 'Ana Ribeiro', email: 'ana.ribeiro@northwind.example' };
const long = {
  accountId: '3',
  name: 'Maximiliana-Alexandrina Featherstonehaugh-Cholmondeley',
  email: 'maximiliana-alexandrina.featherstonehaugh-cholmondeley@northwind.example',
};
const gone = { accountId: 'bS0FvX2mJq9k1cZtLr8wHg', name: null, email: null };

const event = (seq: number, name: string, more: Readonly<Record<string, unknown>>) => ({
  seq,
  event: name,
  worded: true,
  when: '24 Nov 2026, 09:12:05',
  iso: '2026-11-24T09:12:05.000Z',
  refused: false,
  method: null,
  actor: null,
  otherActor: null,
  subject: null,
  ...more,
});

const events = [
  event(1204, 'policy_changed', { actor: joao }),
  event(1203, 'agent_signed_out', { actor: joao, subject: long }),
  event(1202, 'sign_in_completed', { actor: ana, method: 'security-key' }),
  event(1201, 'password_refused', {
    refused: true,
    method: 'password',
    otherActor: { kind: 'unknown', app: null },
    subject: ana,
  }),
  event(1200, 'agent_disabled', { otherActor: { kind: 'app', app: 'staff-directory' }, subject: gone }),
  event(1199, 'enforcement_cleaned_up', { otherActor: { kind: 'stile', app: null } }),
  event(1198, 'something_of_a_later_version', { worded: false, actor: joao }),
];

const files = [
  { format: 'ndjson', href: '#ndjson' },
  { format: 'csv', href: '#csv' },
];

const log = states(
  'audit-log',
  'admin/audit-log.njk',
  {
    ...frame('audit'),
    ...{ event: '', person: '', from: '', to: '' },
    groups: EVENT_GROUPS,
    filtered: false,
    check: null,
    events,
    ...{ newestHref: null, newerHref: null, olderHref: '#older' },
    files,
  },
  {
    default: {},
    filtered: {
      ...{ event: 'policy_changed', person: joao.email, from: '2026-11-01', to: '2026-11-24' },
      filtered: true,
      events: events.slice(0, 1),
      olderHref: null,
    },
    middle: { newestHref: '#newest', newerHref: '#newer' },
    'no-results': { person: 'zed@northwind.example', filtered: true, events: [], olderHref: null },
    empty: { events: [], olderHref: null },
    whole: { check: { ok: true, events: 1204, shown: '1,204' } },
    'whole-one': { check: { ok: true, events: 1, shown: '1' } },
    changed: { check: { ok: false, kind: 'changed', seq: 977 } },
    removed: { check: { ok: false, kind: 'removed', seq: 978 } },
    inserted: { check: { ok: false, kind: 'inserted', seq: 979 } },
    marks: { check: { ok: false, kind: 'marks', seq: 0 } },
  },
);

const rest = {
  reason: null,
  reference: 'k7m2x9qd',
  source: '192.0.2.0/24',
  hash: 'Pq0n3v7yQx4uC1bTz6sKdWm9eRf2aLhG5jNoXiUtYcE',
  details: [],
};

const one = states('audit-event', 'admin/audit-event.njk', frame('audit'), {
  policy: {
    one: {
      ...events[0],
      ...rest,
      details: [
        { name: 'version', value: '8' },
        { name: 'before.secondFactor', value: 'optional' },
        { name: 'after.secondFactor', value: 'required' },
        { name: 'after.allowedMethods', value: 'security-key, authenticator-app' },
        { name: 'signedOut', value: '46' },
      ],
    },
  },
  refused: { one: { ...events[3], ...rest, reason: 'unknown_account' } },
  bare: { one: { ...events[5], ...rest, reference: null, source: null } },
});

/** The audit log and one of its events. */
export const auditStates: readonly GalleryState[] = [...log, ...one];
