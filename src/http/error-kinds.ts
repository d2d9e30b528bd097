import type { ErrorCode } from '../core/errors.ts';

/** The pages of UI.md F: each has its words under `errors.<kind>` in the locale files, and one next step. */
export const ERROR_STATUS = {
  expired: 400,
  elsewhere: 409,
  'already-signed-in': 409,
  'step-order': 409,
  'changed-meanwhile': 409,
  'not-found': 404,
  'not-allowed': 403,
  foreign: 403,
  malformed: 400,
  'too-large': 413,
  refused: 422,
  'too-many': 429,
  'proof-needed': 401,
  'method-not-offered': 404,
  'method-away': 503,
  busy: 503,
  away: 503,
  fault: 500,
  'app-request': 400,
  'unknown-app': 400,
  'no-cookies': 400,
  'old-browser': 400,
  'wrong-tenant': 403,
  'wrong-address': 421,
  'own-method-missing': 403,
} as const;

export type ErrorKind = keyof typeof ERROR_STATUS;

/** Which page tells of a broken rule. Does not compile while a code is forgotten. */
export const KIND_OF: Record<ErrorCode, ErrorKind> = {
  bad_request: 'malformed',
  body_too_large: 'too-large',
  unauthorized: 'proof-needed',
  forbidden: 'not-allowed',
  foreign_request: 'foreign',
  not_found: 'not-found',
  changed_meanwhile: 'changed-meanwhile',
  refused: 'refused',
  sign_in_expired: 'expired',
  sign_in_elsewhere: 'elsewhere',
  already_signed_in: 'already-signed-in',
  step_out_of_order: 'step-order',
  method_not_offered: 'method-not-offered',
  method_unavailable: 'method-away',
  too_many_attempts: 'too-many',
  proof_needed: 'proof-needed',
  busy: 'busy',
  unavailable: 'away',
};
