import { z } from 'zod';
import { personName, teamName } from '../accounts/account-schema.ts';
import { ROLES, type Account } from '../accounts/account.ts';
import type { Roster } from '../accounts/roster.ts';
import { CARES, type AgentFilter, type AgentList } from '../admin/agent-list.ts';
import type { createAgents } from '../admin/agents.ts';
import { HOLDINGS } from '../admin/coverage.ts';
import type { createExports } from '../admin/exports.ts';
import type { AuditSearch } from '../audit/audit-search.ts';
import { DomainError } from '../core/errors.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import { agentDocument, agentsDocument, formatQuery, pageQuery, problem } from './schemas.ts';

export interface AgentPorts {
  readonly tenants: { findFresh(tenantId: string): Promise<Tenant | null> };
  readonly roster: Pick<Roster, 'page'>;
  readonly agentList: Pick<AgentList, 'settle'>;
  readonly search: Pick<AuditSearch, 'lastOf'>;
  readonly agents: ReturnType<typeof createAgents>;
  readonly exports: Pick<ReturnType<typeof createExports>, 'agents'>;
}

/** The only way out for an account: nothing secret, and nothing that is of no use outside. */
const agentOut = (account: Account) => ({
  id: account.accountId,
  email: account.email,
  name: account.name,
  roles: account.roles,
  team: account.team ?? null,
  state: account.state,
  invitationExpiresAt: account.invitation?.expiresAt.toISOString() ?? null,
  methods: account.methods.map(({ id, kind, addedAt }) => ({ id, kind, addedAt: addedAt.toISOString() })),
  recoveryCodesLeft: account.recovery?.digests.length ?? 0,
  createdAt: account.createdAt.toISOString(),
});

const listQuery = z.strictObject({
  email: z.string().min(1).max(254).optional().meta({ description: 'The email begins like this' }),
  state: z.enum(['active', 'invited', 'disabled']).optional(),
  holding: z.enum(HOLDINGS).optional().meta({ description: 'Under the policy in force' }),
  role: z.enum(ROLES).optional(),
  team: teamName.optional(),
  care: z.enum(CARES).optional().meta({
    description: 'In use, with one method alone, few recovery codes or none, or a reset that waits',
  }),
  signedIn: z.literal('true').optional().meta({ description: 'Now, by a session that counts' }),
  ...pageQuery,
  ...formatQuery('csv'),
});

type ListQuery = z.output<typeof listQuery>;

/** What narrows the list; what is not said is absent. */
function filterOf({ email, state, holding, role, team, care, signedIn }: ListQuery): AgentFilter {
  const said = { email, state, holding, role, team, care, signedIn: signedIn && true };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

const patchBody = z.strictObject({
  name: personName.optional(),
  roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length).optional(),
  team: teamName.nullable().optional(),
  state: z.enum(['active', 'disabled']).optional(),
});

const NO_MORE: Readonly<Record<string, { description: string; schema: z.ZodType }>> = {
  409: { description: '`changed_meanwhile`: nothing was changed', schema: problem },
};
const NO_ADMIN = {
  422: {
    description: '`refused` (`last_admin`): nobody would be left to look after the tenant',
    schema: problem,
  },
};

/** The path names somebody, so they were found, or nothing was run. */
export function those(agent: Account | null): Account {
  if (!agent) throw new DomainError('not_found');
  return agent;
}

/** @throws DomainError changed_meanwhile when that is not how they are now */
function asSeen(agent: Account, version: number | null): Account {
  if (version !== null && version !== agent.credVersion) throw new DomainError('changed_meanwhile');
  return agent;
}

export const answerWith = (agent: Account) => ({
  status: 200,
  body: agentOut(agent),
  version: agent.credVersion,
});

export function agentEndpoints(ports: AgentPorts): Endpoint[] {
  const { tenants, roster, agentList, search, agents, exports } = ports;
  return [
    endpoint({
      method: 'get',
      path: '/agents',
      summary: 'The people of the tenant, by email; as a file all of them',
      action: 'see-agents',
      also: (_body, format) => (format === 'json' ? [] : ['export-agents']),
      formats: ['csv'],
      query: listQuery,
      answers: { 200: { description: 'One page, or the file', schema: agentsDocument } },
      async run({ tenantId, query, format, occasion }) {
        const rules = (await tenants.findFresh(tenantId))?.policy;
        if (!rules) throw new DomainError('not_found');
        const filter = filterOf(query);
        if (format !== 'json')
          return { status: 200, file: await exports.agents(tenantId, { ...filter, rules }, occasion) };
        const settled = await agentList.settle(tenantId, filter, rules);
        const { accounts, next } = await roster.page(tenantId, settled, {
          after: query.after ?? null,
          limit: query.limit,
        });
        const ids = accounts.map(({ accountId }) => accountId);
        const last = await search.lastOf(tenantId, 'sign_in_completed', ids);
        const listed = accounts.map((one) => ({
          ...agentOut(one),
          lastSignInAt: last.get(one.accountId)?.toISOString() ?? null,
        }));
        return { status: 200, body: { agents: listed, next } };
      },
    }),

    endpoint({
      method: 'get',
      path: '/agents/:agent',
      summary: 'One person',
      action: 'see-agent',
      answers: { 200: { description: 'The person', schema: agentDocument } },
      run: (_call, agent) => Promise.resolve(answerWith(those(agent))),
    }),

    endpoint({
      method: 'patch',
      path: '/agents/:agent',
      summary: 'Renames, disables or enables somebody, or sets their roles',
      action: 'change-agent',
      also: ({ roles, state }) => [
        ...(roles === undefined ? [] : (['set-roles'] as const)),
        ...(state === undefined ? [] : (['disable-agent'] as const)),
      ],
      versioned: true,
      body: patchBody,
      answers: {
        200: { description: 'The person as they are now', schema: agentDocument },
        ...NO_MORE,
        ...NO_ADMIN,
      },
      async run({ body, version, occasion, mayGive }, agent) {
        if (body.roles && !mayGive(body.roles)) throw new DomainError('forbidden', { detail: 'higher_role' });
        return answerWith(await agents.change(asSeen(those(agent), version), body, occasion));
      },
    }),

    endpoint({
      method: 'post',
      path: '/agents/:agent/sign-out',
      summary: 'Signs somebody out everywhere; their apps are told',
      action: 'sign-out-agent',
      answers: { 204: { description: 'They are signed out', schema: null }, ...NO_MORE },
      async run({ occasion }, agent) {
        await agents.signOut(those(agent), occasion);
        return { status: 204 };
      },
    }),
  ];
}
