import { z } from 'zod';
import { EXPORT_FORMATS, type createExports } from '../admin/exports.ts';
import { documentOf } from '../audit/audit-document.ts';
import type { AuditSearch } from '../audit/audit-search.ts';
import { AUDIT_EVENTS } from '../audit/events.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import { auditDocument, formatQuery, pageQuery } from './schemas.ts';

const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const query = z.object({
  event: z.enum(AUDIT_EVENTS).optional(),
  agent: z.string().min(1).max(100).optional().meta({ description: 'Who did it, or to whom; an id' }),
  from: moment.optional(),
  to: moment.optional().meta({ description: 'Before this moment' }),
  ...pageQuery,
  ...formatQuery('ndjson', 'csv'),
});

export interface AuditPorts {
  readonly search: Pick<AuditSearch, 'list'>;
  readonly exports: Pick<ReturnType<typeof createExports>, 'auditEvents'>;
}

export function auditEndpoints({ search, exports }: AuditPorts): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/audit-events',
      summary: 'What happened in the tenant, newest first; as a file all of it',
      action: 'see-audit',
      also: (_body, format) => (format === 'json' ? [] : ['export-audit']),
      formats: EXPORT_FORMATS,
      query,
      answers: { 200: { description: 'One page, or the file', schema: auditDocument } },
      async run({ tenantId, query: { event, agent, from, to, after, limit }, format, occasion }) {
        const filter = {
          ...(event === undefined ? {} : { events: [event] }),
          ...(agent === undefined ? {} : { accountId: agent }),
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
        };
        if (format !== 'json')
          return { status: 200, file: await exports.auditEvents(tenantId, filter, format, occasion) };
        const { records, next } = await search.list(tenantId, filter, { limit, after: after ?? null });
        return { status: 200, body: { events: records.map(documentOf), next } };
      },
    }),
  ];
}
