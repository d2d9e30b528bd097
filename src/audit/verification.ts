import type { Keyring } from '../keys.ts';
import { BEGINNING, isGenuine, isGenuineMark, type AuditRecord, type Mark, type Place } from './chain.ts';

/**
 * What is wrong at `seq`: the event was `changed`; the one that belongs there was `removed`; one that does not belong
 * there was `inserted`; or the marks beside the log (`marks`) are missing or not ours.
 */
export interface Break {
  readonly seq: number;
  readonly kind: 'changed' | 'removed' | 'inserted' | 'marks';
}

export type Verification =
  | { readonly ok: true; readonly tenantId: string; readonly events: number; readonly head: Place }
  | { readonly ok: false; readonly tenantId: string; readonly events: number; readonly break: Break };

/** The marks of a tenant as they stand beside its log. */
export interface Marks {
  readonly head: Mark;
  readonly start: Mark;
}

/** Why `record` cannot be the event after `last`; null when it is. */
function breakAt(record: AuditRecord, last: Place, head: Place, keys: Keyring): Break['kind'] | null {
  if (!Number.isInteger(record.seq) || record.seq <= last.seq) return 'inserted';
  if (record.seq !== last.seq + 1) return 'removed';
  // Nobody without the key can continue the chain, so a forged event past the known head is an insertion.
  if (!isGenuine(record, keys)) return record.seq > head.seq ? 'inserted' : 'changed';
  if (record.previous !== last.hash) return 'inserted';
  if (record.seq === head.seq && record.hash !== head.hash) return 'changed';
  return null;
}

/**
 * Walks one tenant's log from its start to its end and tells the first break.
 * @param records in the order of `seq`, from the place after `marks.start`; read after `marks`
 * @param marks null when the tenant has none
 */
export async function verifyChain(
  tenantId: string,
  records: AsyncIterable<AuditRecord>,
  marks: Marks | null,
  keys: Keyring,
): Promise<Verification> {
  const broken = (events: number, seq: number, kind: Break['kind']): Verification => ({
    ok: false,
    tenantId,
    events,
    break: { seq, kind },
  });
  const genuine =
    marks !== null &&
    isGenuineMark('head', tenantId, marks.head, keys) &&
    isGenuineMark('start', tenantId, marks.start, keys);
  if (!genuine) return broken(0, BEGINNING.seq, 'marks');

  let last: Place = marks.start;
  let events = 0;
  for await (const record of records) {
    const kind = breakAt(record, last, marks.head, keys);
    if (kind) return broken(events, kind === 'removed' ? last.seq + 1 : record.seq, kind);
    last = record;
    events += 1;
  }
  if (last.seq < marks.head.seq) return broken(events, last.seq + 1, 'removed');
  return { ok: true, tenantId, events, head: { seq: last.seq, hash: last.hash } };
}
