import { z } from 'zod';
import type { AuditSearch } from '../audit/audit-search.ts';
import type { AuditRecord } from '../audit/chain.ts';
import { AUDIT_EVENTS } from '../audit/events.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import { auditDocument, pageQuery } from './schemas.ts';

const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const query = z.object({
  event: z.enum(AUDIT_EVENTS).optional(),
  agent: z.string().min(1).max(100).optional().meta({ description: 'Who did it, or to whom; an id' }),
  from: moment.optional(),
  to: moment.optional().meta({ description: 'Before this moment' }),
  ...pageQuery,
});

const eventOut = ({ at, details, ...record }: AuditRecord) => ({
  seq: record.seq,
  at: at.toISOString(),
  event: record.event,
  actor: record.actor,
  subject: record.subject,
  result: record.result,
  method: record.method,
  reason: record.reason,
  details: details === null ? null : (JSON.parse(details) as unknown),
  reference: record.reference,
  source: record.source,
  hash: record.hash,
});

export function auditEndpoints({ search }: { search: AuditSearch }): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/audit-events',
      summary: 'What happened in the tenant, newest first',
      action: 'see-audit',
      query,
      answers: { 200: { description: 'One page', schema: auditDocument } },
      async run({ tenantId, query: { event, agent, from, to, after, limit } }) {
        const filter = {
          ...(event === undefined ? {} : { events: [event] }),
          ...(agent === undefined ? {} : { accountId: agent }),
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
        };
        const { records, next } = await search.list(tenantId, filter, { limit, after: after ?? null });
        return { status: 200, body: { events: records.map(eventOut), next } };
      },
    }),
  ];
}
