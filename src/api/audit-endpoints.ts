import { z } from 'zod';
import { EXPORT_FORMATS, type createExports } from '../admin/exports.ts';
import { documentOf } from '../audit/audit-document.ts';
import type { AuditSearch } from '../audit/audit-search.ts';
import { AUDIT_EVENTS } from '../audit/events.ts';
import type { Verification } from '../audit/verification.ts';
import { DomainError } from '../core/errors.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import { auditDocument, checkDocument, eventDocument, formatQuery, pageQuery } from './schemas.ts';

const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const query = z.strictObject({
  event: z.enum(AUDIT_EVENTS).optional(),
  agent: z.string().min(1).max(100).optional().meta({ description: 'Who did it, or to whom; an id' }),
  from: moment.optional(),
  to: moment.optional().meta({ description: 'Before this moment' }),
  ...pageQuery,
  ...formatQuery('ndjson', 'csv'),
});

export interface AuditPorts {
  readonly search: Pick<AuditSearch, 'find' | 'list'>;
  readonly checkAudit: (tenantId: string) => Promise<Verification>;
  readonly exports: Pick<ReturnType<typeof createExports>, 'auditEvents'>;
}

export function auditEndpoints({ search, checkAudit, exports }: AuditPorts): Endpoint[] {
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

    endpoint({
      method: 'get',
      path: '/audit-events/:seq',
      summary: 'One event, by its number in the tenant',
      action: 'see-audit',
      answers: { 200: { description: 'The event', schema: eventDocument } },
      async run({ tenantId, params: { seq = '' } }) {
        const record = /^\d{1,12}$/.test(seq) ? await search.find(tenantId, Number(seq)) : null;
        if (!record) throw new DomainError('not_found');
        return { status: 200, body: documentOf(record) };
      },
    }),

    endpoint({
      method: 'post',
      path: '/audit-events/check',
      summary: 'Reads the whole log and tells whether an event was changed, removed or put in',
      action: 'see-audit',
      answers: { 200: { description: 'What was found', schema: checkDocument } },
      async run({ tenantId }) {
        const found = await checkAudit(tenantId);
        return {
          status: 200,
          body: { whole: found.ok, events: found.events, break: found.ok ? null : found.break },
        };
      },
    }),
  ];
}
