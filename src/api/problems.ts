/** What only the API answers: a status with a stable code, and what programs need besides (RFC 9457, RFC 6750). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly code: string;
  /** `WWW-Authenticate`. */
  readonly challenge: string | undefined;
  /** Further members of the problem document. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    { challenge, members = {} }: { challenge?: string; members?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(code);
    this.status = status;
    this.code = code;
    this.challenge = challenge;
    this.members = members;
  }
}
