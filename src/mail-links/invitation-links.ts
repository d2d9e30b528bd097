import type { Account, StoredPassword } from '../accounts/account.ts';
import type { AccountChanges } from '../accounts/accounts.ts';
import { newPasswordRules, type NewPasswordRules } from '../accounts/new-password.ts';
import type { PasswordRefusal } from '../accounts/password-rules.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../core/clock.ts';
import { tokenDigest } from '../core/random.ts';
import { entryOf, type Actor } from '../accounts/actor.ts';
import { levelOwedByPolicy } from '../tenants/standing.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { MailLinkStore } from './mail-links.ts';

/** How long an invitation works; days. Its mail says so. */
export const INVITATION_DAYS = 7;

export interface InvitationLinkPorts {
  readonly store: Pick<MailLinkStore, 'find'>;
  readonly accounts: {
    findById(accountId: string): Promise<Account | null>;
    save(account: Account, changes: AccountChanges): Promise<Account | null>;
  };
  readonly tenants: { find(tenantId: string): Promise<Tenant | null> };
  /** @throws DomainError busy */
  readonly passwords: { hash(password: string): Promise<StoredPassword> };
  readonly audit: Audit;
  readonly clock: Clock;
}

/** An invitation that can be accepted. */
export interface OpenInvitation {
  readonly state: 'open';
  readonly account: Account;
  readonly tenant: Tenant;
  readonly rules: NewPasswordRules;
}

/**
 * `used`: it was accepted, and the person can sign in. `dead`: it never was, is too old, was withdrawn, or a newer one
 * was sent; who holds it learns no more.
 */
export type FoundInvitation =
  | OpenInvitation
  | { readonly state: 'used'; readonly account: Account; readonly tenant: Tenant }
  | { readonly state: 'dead' };

export type Accepted =
  { readonly ok: true } | { readonly ok: false; readonly refusal: PasswordRefusal | 'changed' };

export type InvitationLinks = ReturnType<typeof createInvitationLinks>;

/** How often the acceptance is tried again that a change of the account came before, such as another name. */
const TRIES = 5;

/** The mailed link by which somebody who was invited chooses their first password. It signs nobody in. */
export function createInvitationLinks(ports: InvitationLinkPorts) {
  const { store, accounts, tenants, passwords, audit, clock } = ports;

  async function find(token: string): Promise<FoundInvitation> {
    const now = clock();
    const digest = tokenDigest(token);
    const link = await store.find(digest, now);
    if (link?.purpose !== 'invitation' || link.accountId === null) return { state: 'dead' };
    const account = await accounts.findById(link.accountId);
    const tenant = await tenants.find(link.tenantId);
    if (!account || !tenant || account.tenantId !== link.tenantId) return { state: 'dead' };
    if (account.state === 'active') return { state: 'used', account, tenant };
    if (account.state !== 'invited' || account.invitation?.digest !== digest) return { state: 'dead' };
    const rules = newPasswordRules(account, tenant, levelOwedByPolicy(tenant.policy, account, now));
    return { state: 'open', account, tenant, rules };
  }

  return {
    find,

    /**
     * One conditional write on the account as it was just read spends the invitation: of many callers one gets through.
     * Neither a change by those in charge nor a crash can leave it half accepted.
     * @throws DomainError busy
     */
    async accept(token: string, next: string, by: Actor): Promise<Accepted> {
      let found = await find(token);
      if (found.state !== 'open') return { ok: false, refusal: 'changed' };
      const refusal = found.rules.judge(next);
      if (refusal !== null) return { ok: false, refusal };
      const password = await passwords.hash(next);
      const entry = entryOf(found.account, by, {
        event: 'invitation_accepted',
        details: { provedBy: 'mail' },
      });
      await audit.record(entry);
      for (let tries = 0; tries < TRIES; tries += 1) {
        const changes = { password, state: 'active', invitation: null } as const;
        if (await accounts.save(found.account, changes)) return { ok: true };
        found = await find(token);
        if (found.state !== 'open') break;
      }
      await audit.record({ ...entry, result: 'refused', reason: 'changed_meanwhile' });
      return { ok: false, refusal: 'changed' };
    },
  };
}
