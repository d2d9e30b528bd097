import type { Accounts } from '../accounts/accounts.ts';
import type { AccountCommitPorts } from '../accounts/commit.ts';
import type { RecoverySet } from '../accounts/account.ts';
import type { Passwords } from '../accounts/passwords.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { ChangeNotices } from '../notifications/owed-mails.ts';
import type { Clients } from '../provider/clients.ts';
import type { Provisioner } from '../second-factor/provisioner.ts';
import type { Policy } from '../tenants/tenant.ts';
import type { Logos } from '../tenants/logos.ts';
import type { Tenants } from '../tenants/tenants.ts';
import type { AppliedStore } from './applied.ts';
import type { MethodChecks } from './schema.ts';

/** Everything that provisioning reads and writes. */
export interface ProvisioningPorts {
  readonly tenants: Pick<Tenants, 'findFresh' | 'findByDomain' | 'insert' | 'saveDetails' | 'savePolicy'>;
  readonly logos: Pick<Logos, 'put'>;
  readonly accounts: Pick<Accounts, 'findByEmail' | 'findById'> & AccountCommitPorts['accounts'];
  readonly clients: Pick<Clients, 'find' | 'save'>;
  readonly passwords: Passwords;
  readonly provisioners: readonly Provisioner[];
  readonly makeRecoverySet: (codes: readonly string[]) => Promise<RecoverySet>;
  readonly checks: MethodChecks;
  readonly applied: AppliedStore;
  /** Of a tenant that is new, as far as the file does not say otherwise. */
  readonly newPolicy: Policy;
  readonly audit: Audit;
  readonly notifications: ChangeNotices;
  readonly clock: Clock;
  readonly random: Random;
}

/** One field that changes, in words that hold no secret, such as `name: "Ana" -> "Ana Ribeiro"`. */
export type FieldText = string;

/** What applying does to one tenant, account or client. */
export interface Change {
  readonly kind: 'tenant' | 'account' | 'client';
  readonly action: 'add' | 'change';
  readonly name: string;
  readonly fields: readonly FieldText[];
}

export interface Step {
  /** Null = it is as the file wants it. */
  readonly change: Change | null;
  /**
   * Writes the change, if there is one, and remembers what the file said.
   * @returns false when it was changed meanwhile: plan again
   */
  write(): Promise<boolean>;
}

/** `overwrite`: what people changed since the last time is set back to what the file says. */
export interface PlanOptions {
  readonly overwrite: boolean;
}
