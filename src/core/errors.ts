/** The closed set of rules that can be broken. Logs, tests, the API and the table of pages key on it. */
export type ErrorCode =
  | 'bad_request'
  | 'body_too_large'
  | 'unauthorized'
  | 'forbidden'
  | 'foreign_request'
  | 'not_found'
  | 'changed_meanwhile'
  | 'refused'
  | 'sign_in_expired'
  | 'sign_in_elsewhere'
  | 'already_signed_in'
  | 'step_out_of_order'
  | 'method_not_offered'
  | 'method_unavailable'
  | 'too_many_attempts'
  | 'proof_needed'
  | 'busy'
  | 'unavailable';

/**
 * One of our rules was broken. `code` is stable; the domain knows no HTTP, one table maps codes to pages and
 * statuses. The message is the code alone, so that no address and no secret slips into a log.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ErrorCode;
  /** Seconds until the same thing can work; only with `too_many_attempts`, `busy` and `unavailable`. */
  readonly retryAfterSeconds: number | undefined;
  /** A short, secret-free hint for developers and for the API's problem document. */
  readonly detail: string | undefined;

  constructor(code: ErrorCode, more: { cause?: unknown; retryAfterSeconds?: number; detail?: string } = {}) {
    super(code, { cause: more.cause });
    this.code = code;
    this.retryAfterSeconds = more.retryAfterSeconds;
    this.detail = more.detail;
  }
}
