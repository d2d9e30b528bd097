import type { Account, StoredPassword } from '../accounts/account.ts';
import type { AccountCommit } from '../accounts/commit.ts';
import { newPasswordRules, type NewPasswordRules } from '../accounts/new-password.ts';
import type { PasswordRefusal } from '../accounts/password-rules.ts';
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
  };
  readonly commit: AccountCommit;
  readonly tenants: { find(tenantId: string): Promise<Tenant | null> };
  /** @throws DomainError busy */
  readonly passwords: { hash(password: string): Promise<StoredPassword> };
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
  const { store, accounts, commit, tenants, passwords, clock } = ports;

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
      const found = await find(token);
      if (found.state !== 'open') return { ok: false, refusal: 'changed' };
      const refusal = found.rules.judge(next);
      if (refusal !== null) return { ok: false, refusal };
      const password = await passwords.hash(next);
      const details = { provedBy: 'mail' };
      const accepted = await commit({
        who: found.account,
        entries: [entryOf(found.account, by, { event: 'invitation_accepted', details })],
        async write({ save }) {
          let now: FoundInvitation = found;
          for (let tries = 0; now.state === 'open' && tries < TRIES; tries += 1) {
            const saved = await save(now.account, { password, state: 'active', invitation: null });
            if (saved) return saved;
            now = await find(token);
          }
          return null;
        },
      });
      return accepted ? { ok: true } : { ok: false, refusal: 'changed' };
    },
  };
}
