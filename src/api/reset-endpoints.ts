import { z } from 'zod';
import type { Reset } from '../admin/reset.ts';
import type { createResets } from '../admin/resets.ts';
import { those } from './agent-endpoints.ts';
import { endpoint, type Documented, type Endpoint } from './endpoint.ts';
import { problem } from './schemas.ts';

const resetDocument = z
  .object({
    id: z.string(),
    state: z.enum(['waiting', 'approved', 'done', 'cancelled']),
    effectiveAt: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'null = when a second person in charge agrees' }),
  })
  .meta({ id: 'TwoFactorReset' });

const resetOut = ({ resetId, state, effectiveAt }: Reset) => ({
  id: resetId,
  state,
  effectiveAt: effectiveAt?.toISOString() ?? null,
});

const askBody = z.strictObject({
  reason: z.string().trim().min(1).max(500).meta({ description: 'Kept in the audit log' }),
});

const REFUSALS: Readonly<Record<number, Documented>> = {
  409: { description: '`changed_meanwhile`: it is over already', schema: problem },
  422: {
    description:
      '`refused`: another one is waiting, it waits for no approval, or the key came with another request (`key_used`)',
    schema: problem,
  },
};

export function resetEndpoints({ resets }: { resets: ReturnType<typeof createResets> }): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/agents/:agent/two-factor-resets',
      summary: 'The reset of somebody that waits or is being carried out, if there is one',
      action: 'reset-two-factor',
      answers: {
        200: { description: 'One or none', schema: z.object({ resets: z.array(resetDocument).max(1) }) },
      },
      async run(_call, agent) {
        const open = await resets.open(those(agent));
        return { status: 200, body: { resets: open ? [resetOut(open)] : [] } };
      },
    }),
    endpoint({
      method: 'get',
      path: '/agents/:agent/two-factor-resets/:reset',
      summary: 'How a reset stands; kept for 7 days',
      action: 'reset-two-factor',
      answers: { 200: { description: 'The reset', schema: resetDocument } },
      async run({ params }, agent) {
        return { status: 200, body: resetOut(await resets.find(those(agent), params.reset ?? '')) };
      },
    }),
    endpoint({
      method: 'post',
      path: '/agents/:agent/two-factor-resets',
      summary: 'Asks that methods and codes of somebody are taken away, in the way that the policy wants',
      action: 'reset-two-factor',
      idempotent: true,
      body: askBody,
      answers: { 201: { description: 'What was asked', schema: resetDocument }, ...REFUSALS },
      async run({ body, occasion, once }, agent) {
        const reset = await resets.ask(those(agent), { reason: body.reason, once }, occasion);
        return { status: 201, body: resetOut(reset) };
      },
    }),
    endpoint({
      method: 'post',
      path: '/agents/:agent/two-factor-resets/:reset/approve',
      summary: 'Agrees to what somebody else asked',
      action: 'approve-two-factor-reset',
      answers: { 200: { description: 'It is done', schema: resetDocument }, ...REFUSALS },
      async run({ occasion, params }, agent) {
        return {
          status: 200,
          body: resetOut(await resets.approve(those(agent), params.reset ?? '', occasion)),
        };
      },
    }),
    endpoint({
      method: 'post',
      path: '/agents/:agent/two-factor-resets/:reset/cancel',
      summary: 'Stops a reset that waits',
      action: 'reset-two-factor',
      answers: { 200: { description: 'It is cancelled', schema: resetDocument }, ...REFUSALS },
      async run({ occasion, params }, agent) {
        return {
          status: 200,
          body: resetOut(await resets.cancel(those(agent), params.reset ?? '', occasion)),
        };
      },
    }),
  ];
}
