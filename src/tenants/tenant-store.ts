import type { Connection } from 'mongoose';
import type { Clock } from '../core/clock.ts';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { Tenant } from './tenant.ts';
import { mayEndSomething, nextPolicy, type Tenants } from './tenants.ts';

/**
 * Not unique: a unique index over an array lets only one tenant have an empty one. Who writes domains checks that
 * nobody else has them.
 */
export const tenantCollection: CollectionSpec = {
  name: 'tenants',
  indexes: [{ key: { domains: 1 } }, { key: { cleanUpOwed: 1 } }],
};

/** How old a tenant may be that `find` gives; milliseconds. A saved policy is true in every process within 1 s. */
export const TENANT_CACHE_MS = 500;

/** `cleanUpOwed`: version of the policy that ended something; absent = nothing is left to clean up. */
type Row = Omit<Tenant, 'tenantId'> & { _id: string; cleanUpOwed?: number };

function toTenant({ _id, cleanUpOwed, ...rest }: Row): Tenant {
  void cleanUpOwed;
  return { tenantId: _id, ...rest };
}

/** Tenants in MongoDB, remembered for `TENANT_CACHE_MS`. Unknown names are not remembered: they are anybody's to send. */
export function tenantStore(connection: Connection, clock: Clock): Tenants {
  const rows = connection.collection<Row>(tenantCollection.name);
  const held = new Map<string, { tenant: Tenant; until: number }>();
  /** Raised by every write of ours: a read that began before it must not be remembered. */
  let generation = 0;

  /** After every write, also after one that failed: it may have been made all the same. */
  function forget(tenantId: string): void {
    generation += 1;
    held.delete(tenantId);
  }

  async function findFresh(tenantId: string): Promise<Tenant | null> {
    const began = generation;
    const now = clock().getTime();
    const row = await rows.findOne({ _id: tenantId });
    if (!row) return null;
    const tenant = toTenant(row);
    if (began === generation) held.set(tenantId, { tenant, until: now + TENANT_CACHE_MS });
    return tenant;
  }

  return {
    findFresh,

    async find(tenantId) {
      const hit = held.get(tenantId);
      const now = clock().getTime();
      // A clock that was set back must not keep an entry alive for longer.
      const young = hit && now < hit.until && hit.until - now <= TENANT_CACHE_MS;
      return young ? hit.tenant : findFresh(tenantId);
    },

    async findByDomain(domain) {
      const row = await rows.findOne({ domains: domain.toLowerCase() });
      return row && toTenant(row);
    },

    async insert({ tenantId, ...rest }) {
      try {
        await rows.insertOne({ _id: tenantId, ...rest });
        return true;
      } catch (error) {
        if ((error as { code?: unknown }).code === 11000) return false;
        throw error;
      } finally {
        forget(tenantId);
      }
    },

    async saveDetails({ tenantId, detailsVersion }, details) {
      const asRead = { _id: tenantId, detailsVersion };
      const update = { $set: { ...details, detailsVersion: detailsVersion + 1 } };
      try {
        const row = await rows.findOneAndUpdate(asRead, update, { returnDocument: 'after' });
        return row && toTenant(row);
      } finally {
        forget(tenantId);
      }
    },

    async savePolicy({ tenantId, policy }, settings) {
      const inForce = { _id: tenantId, 'policy.version': policy.version };
      const next = nextPolicy(policy, settings, clock);
      const owed = mayEndSomething(policy, next) ? { cleanUpOwed: next.version } : {};
      const update = { $set: { policy: next, ...owed } };
      try {
        const row = await rows.findOneAndUpdate(inForce, update, { returnDocument: 'after' });
        return row && toTenant(row);
      } finally {
        forget(tenantId);
      }
    },

    async cleanUpsOwed() {
      const found = await rows
        .find({ cleanUpOwed: { $gt: 0 } }, { projection: { cleanUpOwed: 1 } })
        .toArray();
      return found.map((row) => ({ tenantId: row._id, version: row.cleanUpOwed ?? 0 }));
    },

    async cleanedUp({ tenantId, version }) {
      await rows.updateOne({ _id: tenantId, cleanUpOwed: version }, { $unset: { cleanUpOwed: 1 } });
    },

    async page({ after, limit }) {
      const behind = after === null ? {} : { _id: { $gt: after } };
      const found = await rows.find(behind, { sort: { _id: 1 }, limit: limit + 1 }).toArray();
      const tenants = found.slice(0, limit).map(toTenant);
      return { tenants, next: found.length > limit ? (tenants.at(-1)?.tenantId ?? null) : null };
    },

    async list() {
      return (await rows.find({}, { sort: { _id: 1 } }).toArray()).map(toTenant);
    },
  };
}
