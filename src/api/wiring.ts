import type { Admin } from '../admin/wiring.ts';
import { agentDetailEndpoints } from './agent-detail-endpoints.ts';
import { agentEndpoints } from './agent-endpoints.ts';
import { apiRoutes } from './api-routes.ts';
import { auditEndpoints } from './audit-endpoints.ts';
import { bulkEndpoints } from './bulk-endpoints.ts';
import { createDoorman } from './caller.ts';
import type { Endpoint } from './endpoint.ts';
import { importEndpoints } from './import-endpoints.ts';
import { invitationEndpoints } from './invitation-endpoints.ts';
import { policyEndpoints } from './policy-endpoints.ts';
import { rescueEndpoints } from './rescue-endpoints.ts';
import { resetEndpoints } from './reset-endpoints.ts';
import { sessionEndpoints } from './session-endpoints.ts';
import { settingsEndpoints } from './settings-endpoints.ts';
import { tenantEndpoints } from './tenant-endpoints.ts';
import type { Clock } from '../core/clock.ts';
import { createBearers } from '../provider/bearers.ts';
import type { Stores } from '../stores.ts';

export interface ApiInput {
  readonly issuer: URL;
  readonly stores: Stores;
  readonly admin: Admin;
  readonly provider: Parameters<typeof createBearers>[0]['provider'];
  readonly clock: Clock;
}

/** Every endpoint of the API. */
export function apiEndpoints({ stores, admin }: Pick<ApiInput, 'stores' | 'admin'>): Endpoint[] {
  const { tenants, roster, operations } = stores;
  const people = { tenants, roster, search: operations.search };
  return [
    ...tenantEndpoints({ ...admin, ...people }),
    ...policyEndpoints({ ...admin, tenants: stores.tenants }),
    ...settingsEndpoints({ ...admin, tenants, logos: stores.logos }),
    ...agentEndpoints({ ...admin, ...people }),
    ...agentDetailEndpoints({ ...people, inventory: stores.inventory }),
    ...bulkEndpoints(admin),
    ...importEndpoints(admin),
    ...invitationEndpoints(admin),
    ...sessionEndpoints(admin),
    ...resetEndpoints(admin),
    ...rescueEndpoints(admin),
    ...auditEndpoints({ ...admin, search: stores.operations.search }),
  ];
}

export function api({ issuer, stores, admin, provider, clock }: ApiInput) {
  const { accounts, tenants, clients } = stores;
  const bearers = createBearers({ provider, people: { accounts, tenants }, clients, clock });
  const admitCaller = createDoorman({ bearers, accounts, countChange: admin.countChange, clock });
  return apiRoutes({ endpoints: apiEndpoints({ stores, admin }), admitCaller, issuer });
}
