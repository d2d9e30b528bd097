import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import { randomToken, systemRandom, type Random } from '../core/random.ts';
import type { ClientMetadata } from './client-metadata.ts';

/** A client as it is kept: what was registered, without the secret and its tenant, which stand beside. */
export interface ClientRecord {
  readonly clientId: string;
  /** Slug; null = shared by all tenants. */
  readonly tenantId: string | null;
  /** `salt.digest`; null = the client has no secret. */
  readonly secretDigest: string | null;
  readonly metadata: Readonly<Omit<ClientMetadata, 'client_secret' | 'tenant'>>;
}

/** Where people begin again at an app: addresses that it was registered with, the best first; null = it has none. */
export function homeOf({
  initiateLoginUri,
  clientUri,
  redirectUri,
}: Readonly<Record<'initiateLoginUri' | 'clientUri' | 'redirectUri', string | undefined>>): string | null {
  const origin = redirectUri && /^https?:/.test(redirectUri) ? new URL(redirectUri).origin : null;
  return initiateLoginUri ?? clientUri ?? origin;
}

/** @returns what a machine of one tenant may ask for by its registration; null = it is none */
export function machineScopesOf({ tenantId, metadata }: ClientRecord): ReadonlySet<string> | null {
  const isMachine = tenantId !== null && metadata.grant_types?.includes('client_credentials');
  return isMachine ? new Set(metadata.scope?.split(' ').filter((word) => word !== '')) : null;
}

/** Where clients are kept. */
export interface Clients {
  find(clientId: string): Promise<ClientRecord | null>;
  /** Inserts or replaces; one write. */
  save(record: ClientRecord): Promise<void>;
  /** @returns false when there was none */
  remove(clientId: string): Promise<boolean>;
  /** All of a tenant (null = the shared ones), by client id. */
  ofTenant(tenantId: string | null): Promise<ClientRecord[]>;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest();

/**
 * Digests a client secret for the database. Fast on purpose: it is checked with every token request, and it is made
 * by a machine, not by a person.
 */
export function digestSecret(secret: string, random: Random = systemRandom): string {
  const salt = randomToken(random);
  return `${salt}.${sha256(`${salt}.${secret}`).toString('base64url')}`;
}

/** Compares in constant time. @param digest what `digestSecret` gave */
export function secretMatches(digest: string | null | undefined, secret: string): boolean {
  const [salt = '', hash = ''] = (digest ?? '').split('.');
  const expected = Buffer.from(hash, 'base64url');
  const actual = sha256(`${salt}.${secret}`);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/**
 * Turns a checked registration into what is kept.
 * @param before the record so far: its digest stays while the secret is the same, so that nothing changes for nothing
 */
export function clientRecord(
  { client_secret: secret, tenant, ...metadata }: ClientMetadata,
  before: ClientRecord | null = null,
): ClientRecord {
  const kept =
    secret !== undefined && secretMatches(before?.secretDigest, secret) ? before?.secretDigest : null;
  return {
    clientId: metadata.client_id,
    tenantId: tenant ?? null,
    secretDigest: secret === undefined ? null : (kept ?? digestSecret(secret)),
    metadata,
  };
}

/** How long a client that was read is believed; milliseconds. A change is true everywhere after this. */
export const CLIENT_CACHE_MS = 3000;
/** Clients held at a time; the one held longest goes first. */
const CLIENT_CACHE_SIZE = 5000;

/** Remembers clients for `CLIENT_CACHE_MS`. What does not exist is not remembered: its name is anybody's to choose. */
export function cachedClients(clients: Clients, clock: Clock): Clients {
  const held = new Map<string, { record: ClientRecord; until: number }>();
  /** Raised by every write: a read that began before it is not remembered. */
  let generation = 0;
  function forget(clientId: string): void {
    generation += 1;
    held.delete(clientId);
  }
  return {
    ...clients,
    async find(clientId) {
      const now = clock().getTime();
      const hit = held.get(clientId);
      if (hit && now < hit.until) return hit.record;
      held.delete(clientId);
      const began = generation;
      const record = await clients.find(clientId);
      if (!record || began !== generation) return record;
      for (const oldest of held.keys()) {
        if (held.size < CLIENT_CACHE_SIZE) break;
        held.delete(oldest);
      }
      held.set(clientId, { record, until: now + CLIENT_CACHE_MS });
      return record;
    },
    async save(record) {
      await clients.save(record).finally(() => forget(record.clientId));
    },
    async remove(clientId) {
      return clients.remove(clientId).finally(() => forget(clientId));
    },
  };
}
