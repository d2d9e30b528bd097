import type { Account } from '../accounts/account.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { isAdmin } from './permissions.ts';

/** Somebody who is about to stop being an admin, as they were when that was decided. */
export interface Leaving {
  readonly accountId: string;
  /** The write that is to follow happens on this version, or not at all. */
  readonly credVersion: number;
  readonly at: Date;
}

/** Who of one tenant is about to stop being an admin: one document, so that two such changes see each other. */
export interface AdminWatch {
  /** Goes up by one with every write. */
  readonly version: number;
  readonly leaving: readonly Leaving[];
}

export interface AdminWatchStore {
  /** @returns version 0 and nobody before the first write */
  find(tenantId: string): Promise<AdminWatch>;
  /** One conditional write. @returns false when it is not at `version` any more */
  save(tenantId: string, version: number, leaving: readonly Leaving[]): Promise<boolean>;
}

export interface LastAdminPorts {
  readonly store: AdminWatchStore;
  /** Admins of a tenant, and who stands above them, that are in use. */
  readonly admins: (tenantId: string) => Promise<readonly Pick<Account, 'accountId' | 'credVersion'>[]>;
  readonly clock: Clock;
}

/** When a write that was announced has landed, or never will: longer than any request's deadline; milliseconds. */
const LANDED_AFTER_MS = 60_000;
/** How often a write is tried again that somebody else was faster than. */
const TRIES = 8;

/** @returns whether a change takes an admin away from the tenant */
export const losesAdmin = (before: Account, after: Pick<Account, 'roles' | 'state'>): boolean =>
  before.state === 'active' && isAdmin(before.roles) && !(after.state === 'active' && isAdmin(after.roles));

/**
 * Keeps one admin in every tenant. Two people who take the role from each other at once write to two accounts, of which
 * neither knows the other; so each says it here first, and the second one is told that nobody would be left.
 */
export function createLastAdmin({ store, admins, clock }: LastAdminPorts) {
  return {
    /**
     * Before the conditional write on `account` that ends its being an admin. A write that never comes ends nothing:
     * whoever is still as announced counts again after a minute.
     * @throws DomainError refused (`last_admin`); changed_meanwhile
     */
    async announce({ tenantId, accountId, credVersion }: Account): Promise<void> {
      for (let tries = 0; tries < TRIES; tries += 1) {
        const { version, leaving } = await store.find(tenantId);
        const there = await admins(tenantId);
        const now = clock();
        // Of whoever changed since, the account itself tells; what was announced on an older version cannot land.
        const pending = leaving.filter(
          (one) =>
            one.accountId !== accountId &&
            now.getTime() - one.at.getTime() < LANDED_AFTER_MS &&
            there.some((admin) => admin.accountId === one.accountId && admin.credVersion === one.credVersion),
        );
        const stay = there.filter(
          (admin) =>
            admin.accountId !== accountId && !pending.some((one) => one.accountId === admin.accountId),
        );
        if (stay.length === 0) throw new DomainError('refused', { detail: 'last_admin' });
        if (await store.save(tenantId, version, [...pending, { accountId, credVersion, at: now }])) return;
      }
      throw new DomainError('changed_meanwhile');
    },
  };
}
