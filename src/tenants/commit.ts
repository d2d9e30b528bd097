import type { Audit } from '../audit/audit.ts';
import { recorded, type RecordedWrite } from '../audit/recorded.ts';
import type { Tenant } from './tenant.ts';
import type { PolicySettings, TenantDetails } from './tenants.ts';

/** What a change may do to a tenant, as `Tenants`. Each is one conditional write. */
export interface TenantWrites {
  insert(tenant: Tenant): Promise<boolean>;
  saveDetails(tenant: Tenant, details: Partial<TenantDetails>): Promise<Tenant | null>;
  savePolicy(tenant: Tenant, settings: PolicySettings): Promise<Tenant | null>;
}

export interface TenantCommitPorts {
  readonly tenants: TenantWrites;
  readonly audit: Audit;
}

/** A change of one tenant: what the log is told, and the write. */
export interface TenantChange<Saved> extends Omit<RecordedWrite<Saved>, 'write'> {
  readonly write: (writes: TenantWrites) => Promise<Saved | null | false>;
}

/** @returns what was written; null when the tenant was changed meanwhile, and nothing was */
export type TenantCommit = <Saved>(change: TenantChange<Saved>) => Promise<Saved | null>;

/** The one way in which tenants change: the log is told, one conditional write decides, a loss is logged. */
export const createTenantCommit =
  ({ tenants, audit }: TenantCommitPorts): TenantCommit =>
  ({ write, ...rest }) =>
    recorded(audit, { ...rest, write: () => write(tenants) });
