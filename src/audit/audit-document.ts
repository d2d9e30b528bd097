import type { Cell } from '../core/csv.ts';
import type { AuditRecord } from './chain.ts';

/** An event as it is given out, by the API and in files. */
export const documentOf = ({ at, details, ...record }: AuditRecord) => ({
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

/** The same as a line of a table; people by their ids, which the list of agents has as well. */
export const AUDIT_COLUMNS = [
  'seq',
  'at',
  'event',
  'actor',
  'subject',
  'result',
  'method',
  'reason',
  'details',
  'reference',
  'source',
  'hash',
] as const;

export const auditRow = (record: AuditRecord): Cell[] => [
  record.seq,
  record.at,
  record.event,
  record.actor?.accountId ?? null,
  record.subject?.accountId ?? null,
  record.result,
  record.method,
  record.reason,
  record.details,
  record.reference,
  record.source,
  record.hash,
];
