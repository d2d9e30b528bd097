import type { Named } from '../accounts/roster.ts';
import type { AuditRecord } from '../audit/chain.ts';
import { AUDIT_EVENTS, SIGN_IN_EVENTS } from '../audit/events.ts';
import type { AccountRef } from '../core/account-ref.ts';

const byStrangers: ReadonlySet<string> = new Set<string>(SIGN_IN_EVENTS);
const worded: ReadonlySet<string> = new Set<string>(AUDIT_EVENTS);

/** Everybody that these events are about. */
export const peopleIn = (records: readonly AuditRecord[]): string[] => [
  ...new Set(records.flatMap(({ accounts }) => accounts)),
];

/** Such as "24 Nov 2026, 09:12:05"; UTC, as in every file and log. */
export const auditMoment = (at: Date): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' }).format(at);

type Details = Readonly<Record<string, unknown>>;

const detailsOf = ({ details }: AuditRecord): Details =>
  details === null ? {} : (JSON.parse(details) as Details);

/** Who it was, by the name of today: the log itself holds none. Somebody who is gone is told by the id. */
function personOf(ref: AccountRef | null, names: ReadonlyMap<string, Named>) {
  if (!ref) return null;
  const { name = null, email = null } = names.get(ref.accountId) ?? {};
  return { accountId: ref.accountId, name, email };
}

/** Who did it, where it was no person that is known. */
function otherActorOf(record: AuditRecord): { kind: 'app' | 'unknown' | 'stile'; app: string | null } {
  const { client, by } = detailsOf(record);
  // What `by` names did it: then a client is what it was done to.
  if (by === undefined && !byStrangers.has(record.event) && typeof client === 'string')
    return { kind: 'app', app: client };
  return { kind: byStrangers.has(record.event) ? 'unknown' : 'stile', app: null };
}

export function eventRow(record: AuditRecord, names: ReadonlyMap<string, Named>) {
  const { seq, event, at, actor, subject, result, method } = record;
  const self = actor !== null && actor.accountId === subject?.accountId;
  return {
    seq,
    event,
    /** False: written by another version, which had a name for it. */
    worded: worded.has(event),
    when: auditMoment(at),
    iso: at.toISOString(),
    refused: result === 'refused',
    method,
    actor: personOf(actor, names),
    otherActor: actor === null ? otherActorOf(record) : null,
    // Said once where people did it to themselves.
    subject: self ? null : personOf(subject, names),
  };
}

/** Leaves of nested values, each with its path: `before.secondFactor`, `optional`. */
function leaves(value: unknown, path: string): { name: string; value: string }[] {
  if (typeof value !== 'object' || value === null) return [{ name: path, value: String(value) }];
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object'))
    return [{ name: path, value: value.map(String).join(', ') }];
  return Object.entries(value).flatMap(([name, member]) =>
    leaves(member, path === '' ? name : `${path}.${name}`),
  );
}

/** Everything that is known of one event. */
export const eventPage = (record: AuditRecord, names: ReadonlyMap<string, Named>) => ({
  ...eventRow(record, names),
  subject: personOf(record.subject, names),
  reason: record.reason,
  reference: record.reference,
  source: record.source,
  hash: record.hash,
  details: leaves(detailsOf(record), ''),
});
