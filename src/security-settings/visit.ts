import type { Account } from '../accounts/account.ts';
import type { Actor } from '../accounts/actor.ts';
import type { Tenant } from '../tenants/tenant.ts';

/** One request of somebody on their own pages: whose it is, and in which session. */
export interface Visit {
  /** Stays the same when the session changes its id. */
  readonly sessionUid: string;
  /** Digest of the session's id. What is proved belongs to it, so that no copy of an older id can use it. */
  readonly sessionKey: string;
  /** What the session's sign-in has proved. */
  readonly amr: readonly string[];
  /** As it was read in this very request. */
  readonly account: Account;
  readonly tenant: Tenant;
  readonly by: Actor;
}
