import type { Account } from '../accounts/account.ts';
import type { Roster } from '../accounts/roster.ts';
import type { AuditEntry } from '../audit/audit.ts';
import type { AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { holdsAllowed, type MethodRules } from '../tenants/allowed.ts';
import type { TenantCommit } from '../tenants/commit.ts';
import { withPolicyChanges } from '../tenants/policy-changes.ts';
import type { PolicyChanges } from '../tenants/policy-schema.ts';
import type { Policy, Tenant } from '../tenants/tenant.ts';
import { allowsTheSame, nextPolicy, settingsOf, type PolicySettings } from '../tenants/tenants.ts';
import { actorOf, type Occasion } from './occasion.ts';
import { countSignedOut } from './signed-out.ts';

export interface PolicyWish {
  readonly tenantId: string;
  /** Of the policy that the changes were decided on; null = whichever is in force. */
  readonly version: number | null;
  readonly changes: PolicyChanges;
  /** How many people the editor believes to sign out; null = does not say. */
  readonly confirmSignedOut: number | null;
}

/** `signedOut`: people who are signed out by it. Refused, when that is not the number that was confirmed. */
export type PolicySaved =
  | { readonly ok: true; readonly tenant: Tenant; readonly signedOut: number }
  | { readonly ok: false; readonly signedOut: number };

export interface PolicySavePorts {
  readonly tenants: {
    findFresh(tenantId: string): Promise<Tenant | null>;
  };
  readonly commit: TenantCommit;
  readonly accounts: { find(who: AccountRef): Promise<Account | null> };
  readonly roster: Pick<Roster, 'count' | 'settled' | 'standings' | 'holders'>;
  /** Begins to clean up after what was saved. Must not reject: what was saved is true, and is cleaned up after anyway. */
  readonly followUp: () => Promise<void>;
  /** Counts a policy that began to require two factors, or that signs people out by what else it asks. */
  readonly enforced: (signedOut: number) => void;
  readonly clock: Clock;
}

/** What the log is told of a change, and what it means. */
function entriesOf(
  { editor, reference, source }: Occasion,
  tenant: Tenant,
  after: Policy,
  signedOut: number,
): AuditEntry[] {
  const before = tenant.policy;
  const { actor, by } = actorOf(editor);
  const entry = {
    tenantId: tenant.tenantId,
    actor,
    subject: null,
    result: 'ok',
    reference,
    source,
  } as const;
  const details = {
    ...by,
    version: after.version,
    before: settingsOf(before),
    after: settingsOf(after),
    signedOut,
  };
  const entries: AuditEntry[] = [{ ...entry, event: 'policy_changed', details }];
  if (before.secondFactor === after.secondFactor) return entries;
  const event = after.secondFactor === 'required' ? 'enforcement_started' : 'enforcement_ended';
  return [...entries, { ...entry, event, details: { ...by, version: after.version, signedOut } }];
}

/**
 * Saves a policy: one conditional write, true everywhere from that moment on. The number of people whom it
 * signs out is counted right before; only what happens within the same moment can make it differ.
 */
export function createPolicySave(ports: PolicySavePorts) {
  const { tenants, commit, accounts, roster, clock } = ports;

  /** Nobody locks themselves out, and nobody demands of others what they do not do. */
  async function checkPerson(who: AccountRef, settings: PolicySettings): Promise<void> {
    const account = await accounts.find(who);
    if (!account) throw new DomainError('unauthorized');
    if (holdsAllowed(settings, account.methods)) return;
    throw new DomainError('refused', { detail: 'own_method_missing' });
  }

  /** A machine holds nothing itself, but takes the last method that opens the console from nobody. */
  async function checkAdmins({ tenantId, policy }: Tenant, settings: PolicySettings): Promise<void> {
    const admins = await roster.holders(tenantId, ['admin', 'operator']);
    const comeIn = (rules: MethodRules) => admins.some(({ methods }) => holdsAllowed(rules, methods));
    if (comeIn(policy) && !comeIn(settings))
      throw new DomainError('refused', { detail: 'admin_method_missing' });
  }

  /** Whether two factors are required makes no difference to the console, which always asks for them. */
  async function checkMethods({ editor }: Occasion, tenant: Tenant, settings: PolicySettings): Promise<void> {
    const same = allowsTheSame(tenant.policy, settings);
    if (editor.kind === 'client') {
      if (!same) await checkAdmins(tenant, settings);
    } else if (!same || settings.secondFactor === 'required') await checkPerson(editor.who, settings);
  }

  /** @throws DomainError not_found, changed_meanwhile, refused (`own_method_missing`, `admin_method_missing`) */
  return async function savePolicy(wish: PolicyWish, occasion: Occasion): Promise<PolicySaved> {
    const { tenantId, version, changes, confirmSignedOut } = wish;
    const tenant = await tenants.findFresh(tenantId);
    if (!tenant) throw new DomainError('not_found');
    const before = tenant.policy;
    if (version !== null && version !== before.version) throw new DomainError('changed_meanwhile');
    const settings = withPolicyChanges(before, changes);
    await checkMethods(occasion, tenant, settings);

    const after = nextPolicy(before, settings, clock);
    const signedOut = await countSignedOut(roster, { tenantId, before, after, now: clock() });
    if (confirmSignedOut !== null && confirmSignedOut !== signedOut) return { ok: false, signedOut };

    const saved = await commit({
      entries: entriesOf(occasion, tenant, after, signedOut),
      write: ({ savePolicy: save }) => save(tenant, settings),
    });
    if (!saved) throw new DomainError('changed_meanwhile');
    const begins = before.secondFactor === 'optional' && after.secondFactor === 'required';
    if (begins || signedOut > 0) ports.enforced(signedOut);
    await ports.followUp();
    return { ok: true, tenant: saved, signedOut };
  };
}
