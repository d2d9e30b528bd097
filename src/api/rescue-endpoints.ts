import { z } from 'zod';
import { MOST_HOURS, type createRescueCodes } from '../admin/rescue-codes.ts';
import { DomainError } from '../core/errors.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import { problem } from './schemas.ts';

const rescueDocument = z
  .object({
    id: z.string(),
    code: z.string().nullable().meta({
      description: 'Shown once: null when the same request was answered before. Read it to the person',
    }),
    expiresAt: z.iso.datetime(),
    leftThisMonth: z.int().meta({ description: 'How many more the person can be given this month (UTC)' }),
  })
  .meta({ id: 'RescueCode' });

const giveBody = z.strictObject({
  reason: z.string().trim().min(1).max(500).meta({ description: 'Kept in the audit log' }),
  hours: z.int().min(1).max(MOST_HOURS).default(MOST_HOURS).meta({ description: 'How long it works' }),
});

export function rescueEndpoints({
  rescueCodes,
}: {
  rescueCodes: ReturnType<typeof createRescueCodes>;
}): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/agents/:agent/rescue-codes',
      summary: 'Gives somebody a code that signs in once in the place of their second factor',
      action: 'give-rescue-code',
      idempotent: true,
      body: giveBody,
      answers: {
        200: { description: 'The same request was answered before; `code` is null', schema: rescueDocument },
        201: { description: 'The code; the one before it is dead', schema: rescueDocument },
        409: { description: '`changed_meanwhile`: nothing was given', schema: problem },
        422: {
          description:
            '`refused`: `rescue_codes_off`, `month_limit`, `inactive`, `password_exposed` until they chose another one, `nothing_to_open` for somebody without a method, or `key_used`: the key came with another request before',
          schema: problem,
        },
      },
      async run({ body, once, occasion }, agent) {
        if (!agent) throw new DomainError('not_found');
        const { id, code, until, left } = await rescueCodes.give(agent, { ...body, once }, occasion);
        const document = { id, code, expiresAt: until.toISOString(), leftThisMonth: left };
        return { status: code === null ? 200 : 201, body: document };
      },
    }),
  ];
}
