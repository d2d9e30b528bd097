import { z } from 'zod';
import type { createAnnouncement } from '../admin/announcement.ts';
import { NAMED, type createPolicyPreview } from '../admin/policy-preview.ts';
import type { createPolicySave } from '../admin/policy-save.ts';
import { DomainError } from '../core/errors.ts';
import { policySchema } from '../tenants/policy-schema.ts';
import type { Policy, Tenant } from '../tenants/tenant.ts';
import { settingsOf } from '../tenants/tenants.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import { ApiProblem } from './problems.ts';
import { pageQuery, policyDocument, previewDocument, problem } from './schemas.ts';

export interface PolicyPorts {
  readonly announcement: Pick<ReturnType<typeof createAnnouncement>, 'begin'>;
  readonly tenants: { findFresh(tenantId: string): Promise<Tenant | null> };
  readonly previewPolicy: ReturnType<typeof createPolicyPreview>;
  readonly savePolicy: ReturnType<typeof createPolicySave>;
}

const policyOut = (policy: Policy) => ({
  ...settingsOf(policy),
  version: policy.version,
  effectiveFrom: policy.effectiveFrom?.toISOString() ?? null,
});

/** A policy as it is read, so that what was read can be changed and sent back whole. */
const policyBody = policySchema.extend({
  version: z.int().min(1).optional().meta({ description: 'Of the policy that was read' }),
});

/** @returns `read`: the version of the policy that the body was made from; null = it does not say */
const parted = ({ version, ...changes }: z.infer<typeof policyBody>) => ({ read: version ?? null, changes });

const saveBody = policyBody.extend({
  confirmSignedOut: z
    .int()
    .min(0)
    .optional()
    .meta({ description: 'Save only if this many people are signed out by it' }),
});

const announcementBody = z.strictObject({
  from: policySchema.shape.effectiveFrom.meta({ description: 'Since when a method is asked for' }),
});

const announcementDocument = z
  .object({ agents: z.int().meta({ description: 'How many people it is for' }) })
  .meta({ id: 'PolicyAnnouncement' });

const previewQuery = z.strictObject({
  holding: z.enum(NAMED).default('none').meta({ description: 'Which people are named' }),
  ...pageQuery,
});

/**
 * @param said in the header and in the body; null = not there
 * @returns the version that a change was decided on; null = whichever is in force
 * @throws DomainError changed_meanwhile where the two name different ones
 */
function versionSaid(said: { readonly header: number | null; readonly body: number | null }): number | null {
  if (said.header !== null && said.body !== null && said.header !== said.body)
    throw new DomainError('changed_meanwhile');
  return said.header ?? said.body;
}

export function policyEndpoints({
  tenants,
  announcement,
  previewPolicy,
  savePolicy,
}: PolicyPorts): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/policy',
      summary: 'The policy in force',
      action: 'see-policy',
      answers: { 200: { description: 'The policy, with its version as ETag', schema: policyDocument } },
      async run({ tenantId }) {
        const tenant = await tenants.findFresh(tenantId);
        if (!tenant) throw new DomainError('not_found');
        return { status: 200, body: policyOut(tenant.policy), version: tenant.policy.version };
      },
    }),

    endpoint({
      method: 'put',
      path: '/policy',
      summary: 'Saves a policy; what the body leaves out stays. True everywhere from the answer on',
      action: 'change-policy',
      versioned: true,
      body: saveBody,
      answers: {
        200: { description: 'The policy as it is now', schema: policyDocument },
        409: {
          description: '`changed_meanwhile`, or `signed_out_differs` with the true number; nothing was saved',
          schema: problem,
        },
        422: {
          description:
            '`refused`: the editor, or by a machine every admin, would have no method that the policy allows',
          schema: problem,
        },
      },
      async run({ tenantId, body: { confirmSignedOut, ...body }, version: header, occasion }) {
        const { read, changes } = parted(body);
        const version = versionSaid({ header, body: read });
        const wish = { tenantId, version, changes, confirmSignedOut: confirmSignedOut ?? null };
        const saved = await savePolicy(wish, occasion);
        const { signedOut } = saved;
        if (!saved.ok) throw new ApiProblem(409, 'signed_out_differs', { members: { signedOut } });
        return { status: 200, body: policyOut(saved.tenant.policy), version: saved.tenant.policy.version };
      },
    }),

    endpoint({
      method: 'post',
      path: '/policy/preview',
      summary: 'What saving a policy would do, in numbers and names',
      action: 'see-policy',
      query: previewQuery,
      body: policyBody,
      answers: { 200: { description: 'The preview', schema: previewDocument } },
      async run({ tenantId, body, query: { holding, after, limit } }) {
        const preview = await previewPolicy(tenantId, parted(body).changes, {
          holding,
          after: after ?? null,
          limit,
        });
        const agents = preview.agents.map(({ account, kinds, ...rest }) => ({
          id: account.accountId,
          email: account.email,
          name: account.name,
          methods: kinds,
          ...rest,
        }));
        return { status: 200, body: { ...preview, agents } };
      },
    }),

    endpoint({
      method: 'post',
      path: '/policy/announcements',
      summary: 'Emails everybody in use who has no method that is allowed; each of them once a day at most',
      action: 'announce-policy',
      body: announcementBody,
      answers: { 202: { description: 'The emails are on their way', schema: announcementDocument } },
      async run({ tenantId, body: { from }, occasion }) {
        const agents = await announcement.begin(tenantId, from ?? null, occasion);
        return { status: 202, body: { agents } };
      },
    }),
  ];
}
