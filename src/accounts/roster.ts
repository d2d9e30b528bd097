import type { AccountRef } from '../core/account-ref.ts';
import type { Account, AccountState, Role } from './account.ts';
import type { AccountPage } from './accounts.ts';
import type { Kinds } from './kinds.ts';

/** Whom a list is about; what is absent does not matter. */
export interface RosterFilter {
  readonly state?: AccountState;
  /** One of these, or such as this is true of. */
  readonly kinds?: readonly Kinds[] | ((kinds: Kinds) => boolean);
  /** The email begins like this, in any case. */
  readonly email?: string;
  readonly role?: Role;
  /** By its whole name. */
  readonly team?: string;
  /** Recovery codes that are left: one of these. */
  readonly codesLeft?: readonly number[];
  /** Nobody but these, in the order of the list; what else the filter says was looked at when they were found. */
  readonly found?: readonly Found[];
}

/** Somebody with their place in a list. */
export type Found = Pick<Account, 'accountId' | 'email'>;

/** What of an account decides whether its sessions and tokens count. */
export type Standing = AccountRef &
  Pick<
    Account,
    | 'state'
    | 'methods'
    | 'methodCount'
    | 'firstMethodAt'
    | 'owesMethod'
    | 'skips'
    | 'graceUntil'
    | 'validFrom'
    | 'keptSessionUid'
  >;

/** Where a page of a list begins, and how much it holds. */
export interface PageWish {
  /** The key of the last one before it: the `next` of that page; null = from the start. */
  readonly after: string | null;
  readonly limit: number;
}

/** A page can also be asked for by what follows it. */
export interface RosterWish extends PageWish {
  /** The `previous` of that page; null = is asked for by `after`. */
  readonly before?: string | null;
}

export interface RosterPage extends AccountPage {
  /** Where the page before this one ends; null = this is the first. */
  readonly previous: string | null;
}

/** Somebody with a role, as far as it matters whether they stay and can come in. */
export type Holder = Pick<Account, 'accountId' | 'credVersion' | 'methods'>;

/** What somebody is called. */
export type Named = Pick<Account, 'accountId' | 'name' | 'email'>;

export interface StandingPage {
  readonly people: readonly Standing[];
  readonly next: string | null;
}

/** The people of one tenant, counted and listed. Every question has an index, whatever the number of people. */
export interface Roster {
  /** People in use by the kinds of methods that they hold: one read of an index. */
  countByKinds(tenantId: string): Promise<ReadonlyMap<Kinds, number>>;
  count(tenantId: string, filter: RosterFilter): Promise<number>;
  /** The same filter with kinds in the place of a question about them: for whoever asks by it more than once. */
  settled(tenantId: string, filter: RosterFilter): Promise<RosterFilter>;
  /** Those of some people whom the filter fits, in no order: for lists that begin with what people hold. */
  among(tenantId: string, accountIds: readonly string[], filter: RosterFilter): Promise<(Standing & Found)[]>;
  /** Every team that somebody is in, by name. */
  teams(tenantId: string): Promise<string[]>;
  /** By email. */
  page(tenantId: string, filter: RosterFilter, wish: RosterWish): Promise<RosterPage>;
  /** Who is in use and has one of these roles; for roles of a few. */
  holders(tenantId: string, roles: readonly Role[]): Promise<Holder[]>;
  /** @returns those of the tenant, by account id; who is gone is missing */
  named(tenantId: string, accountIds: readonly string[]): Promise<ReadonlyMap<string, Named>>;
  /** @returns those of the emails, as they are stored, that somebody of the tenant has */
  takenEmails(tenantId: string, emails: readonly string[]): Promise<ReadonlySet<string>>;
  /** The same, without what is not needed to judge what they hold. */
  standings(tenantId: string, filter: RosterFilter, wish: PageWish): Promise<StandingPage>;
  /** Everybody, by the key that never changes: for work in steps, between which people change. */
  everybody(tenantId: string, wish: PageWish): Promise<StandingPage>;
}
