import type { Addressee, Mail, MailKind } from '../../src/notifications/mail.ts';

export const ana: Addressee = {
  email: 'ana.ribeiro@northwind.example',
  name: 'Ana Ribeiro',
  zone: 'Europe/Lisbon',
  tenantName: 'Northwind Support',
  contact: 'the floor desk, 4400',
};

const at = new Date('2026-11-24T09:12:00Z');
const done = { at, device: 'Chrome on Windows' };

/** One mail of every kind; a new kind without a sample does not compile. */
export const samples: { readonly [K in MailKind]: Extract<Mail, { kind: K }> } = {
  'method-added': { kind: 'method-added', method: 'security-key', name: 'Blue key', ...done },
  'method-removed': { kind: 'method-removed', method: 'authenticator-app', name: 'Phone', ...done },
  'method-renamed': {
    kind: 'method-renamed',
    method: 'security-key',
    name: 'Desk key',
    oldName: 'Blue key',
    ...done,
  },
  'two-factor-off': { kind: 'two-factor-off', ...done },
  'recovery-codes-made': { kind: 'recovery-codes-made', ...done },
  'recovery-code-used': { kind: 'recovery-code-used', codesLeft: 7, ...done },
  'rescue-code-given': { kind: 'rescue-code-given', until: new Date('2026-11-24T18:00:00Z'), ...done },
  'rescue-code-used': { kind: 'rescue-code-used', ...done },
  'second-step-refused': { kind: 'second-step-refused', times: 3, ...done },
  'new-browser': { kind: 'new-browser', ...done },
  'password-changed': { kind: 'password-changed', ...done },
  'not-me': { kind: 'not-me', ...done },
  'possible-copy': { kind: 'possible-copy', name: 'Blue key', ...done },
  'reset-asked': {
    kind: 'reset-asked',
    effectiveAt: new Date('2026-11-25T09:12:00Z'),
    cancelPath: '/account/reset/cancel#abc',
    ...done,
  },
  'reset-done': { kind: 'reset-done', ...done },
  'password-reset': { kind: 'password-reset', path: '/password/new#abc', minutes: 30, ...done },
  invitation: { kind: 'invitation', path: '/invite#abc', days: 7 },
  'enrolment-code': { kind: 'enrolment-code', code: '482 913', minutes: 10, ...done },
  'confirm-browser': { kind: 'confirm-browser', path: '/sign-in/browser#abc', minutes: 15, ...done },
  'policy-announced': { kind: 'policy-announced', from: new Date('2026-12-01T06:00:00Z') },
};
