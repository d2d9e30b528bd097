import { z } from 'zod';
import { bulkActionOf, type createBulk, type LeftOut } from '../admin/bulk.ts';
import { BULK_DEEDS, BULK_MOST, ID } from '../security-settings/goal.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const bulkBody = z
  .strictObject({
    action: z.enum(BULK_DEEDS),
    agents: z
      .array(z.string().regex(ID))
      .min(1)
      .max(BULK_MOST)
      .transform((ids) => [...new Set(ids)])
      .meta({ description: 'Ids; one that is named twice counts once' }),
    reason: z.string().trim().min(1).max(500).optional().meta({ description: 'Of a reset, which needs one' }),
  })
  .refine(({ action, reason }) => action !== 'reset' || reason !== undefined, {
    path: ['reason'],
    message: 'a reset needs one',
  });

/** What keeps it from being done, once it was tried; everything else is known beforehand. */
const FAILURES: Readonly<Partial<Record<LeftOut, string>>> = {
  'last-admin': 'last_admin',
  changed: 'changed_meanwhile',
  limit: 'too_many_attempts',
};

const REASONS = [
  ...(['not_found', 'yourself', 'higher_role', 'other_team', 'not_in_use', 'already'] as const),
  ...(['no_method', 'reset_waiting'] as const),
  ...(['last_admin', 'changed_meanwhile', 'too_many_attempts'] as const),
];

const bulkDocument = z
  .object({
    agents: z.array(
      z.object({
        id: z.string(),
        result: z.enum(['done', 'skipped', 'failed']),
        reason: z.enum(REASONS).nullable().meta({
          description: '`not_found` also for who is of another tenant; null = it was done',
        }),
      }),
    ),
  })
  .meta({ id: 'BulkResult' });

function resultOf(why: LeftOut | null | undefined) {
  if (why === undefined) return { result: 'skipped', reason: 'not_found' };
  if (why === null) return { result: 'done', reason: null };
  const failure = FAILURES[why];
  return failure === undefined
    ? { result: 'skipped', reason: why.replaceAll('-', '_') }
    : { result: 'failed', reason: failure };
}

export function bulkEndpoints({ bulk }: { readonly bulk: ReturnType<typeof createBulk> }): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/agents/bulk',
      summary: 'Does the same to several people, each for themselves; each counts as one change',
      action: 'sign-out-agent',
      also: ({ action }) => [bulkActionOf(action)],
      body: bulkBody,
      answers: { 200: { description: 'What became of each, in the order asked', schema: bulkDocument } },
      async run({ tenantId, body: { action, agents, reason = null }, occasion, refusal, countChange }) {
        const by = { tenantId, occasion, refusal, countChange, reason };
        const plan = await bulk.plan(by, action, agents);
        const outcomes = [...plan.leftOut, ...(await bulk.carryOut(by, action, plan))];
        const whys = new Map(outcomes.map(({ agent, why }) => [agent.accountId, why]));
        return { status: 200, body: { agents: agents.map((id) => ({ id, ...resultOf(whys.get(id)) })) } };
      },
    }),
  ];
}
