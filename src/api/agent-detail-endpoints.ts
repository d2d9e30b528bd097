import { z } from 'zod';
import type { AuditSearch } from '../audit/audit-search.ts';
import { DomainError } from '../core/errors.ts';
import { activityOf } from '../security-settings/activity.ts';
import { ownMethods, type Inventory } from '../security-settings/my-methods.ts';
import { isAllowed } from '../tenants/allowed.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { those } from './agent-endpoints.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import { activityDocument, methodsDocument, pageQuery } from './schemas.ts';

export interface AgentDetailPorts {
  readonly tenants: { findFresh(tenantId: string): Promise<Tenant | null> };
  readonly inventory: Inventory;
  readonly search: AuditSearch;
}

/** What the page of one agent tells besides the person and their sessions. */
export function agentDetailEndpoints({ tenants, inventory, search }: AgentDetailPorts): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/agents/:agent/methods',
      summary: 'What somebody signs in with besides the password, safest kind first',
      action: 'see-agent',
      answers: { 200: { description: 'All of them', schema: methodsDocument } },
      async run({ tenantId }, agent) {
        const policy = (await tenants.findFresh(tenantId))?.policy;
        if (!policy) throw new DomainError('not_found');
        const account = those(agent);
        const listed = new Map(account.methods.map((method) => [method.id, method]));
        const methods = (await ownMethods(account, inventory)).map(({ id, kind, addedAt, lastUsedAt }) => {
          const method = listed.get(id);
          return {
            ...{ id, kind, addedAt: addedAt.toISOString(), lastUsedAt: lastUsedAt?.toISOString() ?? null },
            allowed: method !== undefined && isAllowed(policy, method),
          };
        });
        return { status: 200, body: { methods } };
      },
    }),
    endpoint({
      method: 'get',
      path: '/agents/:agent/activity',
      summary: 'What happened to the account of somebody, newest first: as they are told it themselves',
      action: 'see-agent',
      query: z.strictObject({ after: pageQuery.after }),
      answers: { 200: { description: 'One page of up to 20', schema: activityDocument } },
      async run({ query: { after } }, agent) {
        const { happenings, next } = await activityOf(search, { account: those(agent) }, after ?? null);
        const events = happenings.map(({ event, at, method }) => ({ event, at: at.toISOString(), method }));
        return { status: 200, body: { events, next } };
      },
    }),
  ];
}
