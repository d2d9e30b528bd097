import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { AccountRef } from '../core/account-ref.ts';
import type { Keyring } from '../keys.ts';
import type { AuditEvent } from './events.ts';

/** An event before it has its place in the log. */
export interface AuditFact {
  /** Tells a second writing of the same event from another event. */
  readonly id: string;
  readonly tenantId: string;
  /** When it happened; an event that waited in the spool is written later. */
  readonly at: Date;
  readonly event: AuditEvent;
  readonly actor: AccountRef | null;
  readonly subject: AccountRef | null;
  /** Ids of actor and subject: what a search for a person looks at. */
  readonly accounts: readonly string[];
  readonly result: 'ok' | 'refused';
  readonly method: string | null;
  readonly reason: string | null;
  /** JSON as text, so that the database cannot reorder or retype what was hashed. */
  readonly details: string | null;
  readonly reference: string | null;
  readonly source: string | null;
}

/** An event in its place: number `seq` of its tenant, bound to the event before it. */
export interface AuditRecord extends AuditFact {
  /** 1, 2, 3, ... without a gap within a tenant. */
  readonly seq: number;
  readonly previous: string;
  /** Id of the key that `hash` was made with. */
  readonly kid: string;
  /** HMAC-SHA-256 over the event, its number and the hash before it; base64url (rule audit-chain). */
  readonly hash: string;
}

/** A place in the chain. Number 0 with an empty hash is the place before the first event. */
export interface Place {
  readonly seq: number;
  readonly hash: string;
}

/** A place that was written down beside the log, sealed, so that a cut at either end shows. */
export interface Mark extends Place {
  readonly kid: string;
  readonly mac: string;
}

/** `head`: the last event known. `start`: the last one that retention removed. */
export type MarkKind = 'head' | 'start';

export const BEGINNING: Place = { seq: 0, hash: '' };

/** Prepared once a key: done with each event it costs more than the digest. */
const prepared = new WeakMap<Buffer, KeyObject>();

function hmac(key: Buffer, text: string): string {
  const secret = prepared.get(key) ?? createSecretKey(key);
  prepared.set(key, secret);
  return createHmac('sha256', secret).update(text).digest('base64url');
}

/** Compares in constant time; a value of the wrong length is simply different. */
function same(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const refOf = (ref: AccountRef | null) => ref && [ref.tenantId, ref.accountId];

/** The one spelling of an event: a JSON array in a fixed order, so that no field can pass for another. */
function canonical(fact: AuditFact, seq: number, previous: string): string {
  const { id, tenantId, at, event, accounts, result, method, reason, details, reference, source } = fact;
  const people = [refOf(fact.actor), refOf(fact.subject), accounts];
  const rest = [result, method, reason, details, reference, source];
  return JSON.stringify([
    'event',
    1,
    seq,
    previous,
    id,
    tenantId,
    at.toISOString(),
    event,
    ...people,
    ...rest,
  ]);
}

const canonicalMark = (kind: MarkKind, tenantId: string, { seq, hash }: Place) =>
  JSON.stringify([kind, 1, tenantId, seq, hash]);

/** Gives `fact` the place after `last`. */
export function link(fact: AuditFact, last: Place, keys: Keyring): AuditRecord {
  const seq = last.seq + 1;
  const { id: kid, secret } = keys.current;
  const hash = hmac(secret, canonical(fact, seq, last.hash));
  return { ...fact, seq, previous: last.hash, kid, hash };
}

/** Whether `record` is as it was written. An unknown key counts as no. */
export function isGenuine(record: AuditRecord, keys: Keyring): boolean {
  const key = keys.find(record.kid);
  return key !== null && same(record.hash, hmac(key, canonical(record, record.seq, record.previous)));
}

export function seal(kind: MarkKind, tenantId: string, place: Place, keys: Keyring): Mark {
  const { id: kid, secret } = keys.current;
  const { seq, hash } = place;
  return { seq, hash, kid, mac: hmac(secret, canonicalMark(kind, tenantId, place)) };
}

export function isGenuineMark(kind: MarkKind, tenantId: string, mark: Mark, keys: Keyring): boolean {
  const key = keys.find(mark.kid);
  return key !== null && same(mark.mac, hmac(key, canonicalMark(kind, tenantId, mark)));
}
