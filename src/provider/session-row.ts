import type { AdapterPayload } from 'oidc-provider';
import type { Row } from './model-rows.ts';

export type Authorization = NonNullable<AdapterPayload['authorizations']>[string];
/** Clients of a session, each a field of its own, so that two requests at once cannot lose one another's. */
export type Authorizations = Readonly<Record<string, Authorization>>;

/** `a` is keyed by the client id in base64url: it may hold dots. */
export interface SessionRow extends Row {
  readonly a?: Authorizations;
  /** Of the account: by it those are found who are signed in. */
  readonly tenantId?: string;
  /** Last use, to the minute. */
  readonly usedAt?: Date;
  /** Browser and system of the sign-in, in words. */
  readonly device?: string;
  /** Of a tombstone: the session was ended and did not only change its id, so that no successor lives. */
  readonly ended?: boolean;
  /** Of a tombstone: somebody proved something and went on under another id, so that nobody else gets a successor. */
  readonly outdone?: boolean;
}

export const fieldOf = (clientId: string) => `a.${Buffer.from(clientId).toString('base64url')}`;
const clientOf = (field: string) => Buffer.from(field, 'base64url').toString();

/** Without `persistsLogout`, by which the library spares offline access at a sign-out: here nothing outlives one. */
export const authorizationsOf = (row: SessionRow) =>
  Object.fromEntries(
    Object.entries(row.a ?? {}).map(([field, { sid, grantId }]) => [
      clientOf(field),
      { ...(sid === undefined ? {} : { sid }), ...(grantId === undefined ? {} : { grantId }) },
    ]),
  );
