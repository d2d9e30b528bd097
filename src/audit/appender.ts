import type { Keyring } from '../keys.ts';
import { link, type AuditFact, type AuditRecord, type Place } from './chain.ts';

/** Why an insert stopped: another process took the number (`place`), or this very event is there already. */
export type Collision = 'place' | 'event';

export interface ChainStore {
  /** The last event of the tenant, or the beginning. Makes the tenant's marks where there are none. */
  tail(tenantId: string): Promise<Place>;
  /** Inserts in order and stops at the first collision. `written` = how many of the front are in the log. */
  insert(records: readonly AuditRecord[]): Promise<{ written: number; collision: Collision | null }>;
  /** Moves the head mark forward to `place`, never back. */
  moveHead(tenantId: string, place: Place): Promise<void>;
}

export interface Appender {
  /** Resolves once the event is in the log; an event whose id is there already counts as written. */
  append(fact: AuditFact): Promise<void>;
  /** Writes the head marks that wait. */
  flush(): Promise<void>;
}

interface Waiting {
  readonly fact: AuditFact;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

interface Chain {
  /** Null = has to be read. */
  tail: Place | null;
  waiting: Waiting[];
  busy: boolean;
}

/** Events in one insert. */
const BATCH = 100;
/** Lost races against other processes before an append gives up. */
const MAX_COLLISIONS = 100;
/** How long a head mark may lag behind the log; milliseconds. A cut of the tail within it cannot be told. */
const HEAD_LAG_MS = 1000;

/**
 * Appends to the chains of all tenants. Within this process each chain has one writer, which takes all that waits into
 * one insert; against other processes the unique number decides, and the loser links anew behind the winner.
 */
export function createAppender(store: ChainStore, keys: Keyring): Appender {
  const chains = new Map<string, Chain>();
  const heads = new Map<string, Place>();
  let timer: NodeJS.Timeout | null = null;

  function chainOf(tenantId: string): Chain {
    const chain = chains.get(tenantId) ?? { tail: null, waiting: [], busy: false };
    chains.set(tenantId, chain);
    return chain;
  }

  function linkAll(batch: readonly Waiting[], tail: Place): AuditRecord[] {
    let last = tail;
    return batch.map(({ fact }) => {
      const record = link(fact, last, keys);
      last = record;
      return record;
    });
  }

  /** Writes from the front of `batch`; returns what is left of it after a collision. */
  async function writeSome(tenantId: string, chain: Chain, batch: readonly Waiting[]): Promise<Waiting[]> {
    const tail = (chain.tail ??= await store.tail(tenantId));
    const records = linkAll(batch, tail);
    const { written, collision } = await store.insert(records);
    const last = records[written - 1];
    if (last) {
      heads.set(tenantId, { seq: last.seq, hash: last.hash });
      scheduleFlush();
    }
    chain.tail = collision ? null : (last ?? tail);
    const done = written + (collision === 'event' ? 1 : 0);
    for (const { resolve } of batch.slice(0, done)) resolve();
    return batch.slice(done);
  }

  async function writeAll(tenantId: string, chain: Chain): Promise<void> {
    while (chain.waiting.length > 0) {
      let batch = chain.waiting.splice(0, BATCH);
      try {
        for (let tries = 0; batch.length > 0; tries += 1) {
          if (tries > MAX_COLLISIONS) throw new Error('the audit log took no event: too many writers');
          batch = await writeSome(tenantId, chain, batch);
        }
      } catch (error) {
        chain.tail = null;
        for (const { reject } of batch) reject(error);
      }
    }
    chain.busy = false;
  }

  function scheduleFlush(): void {
    timer ??= setTimeout(() => {
      timer = null;
      // What could not be written stays marked and is tried with the next event.
      flush().catch(() => undefined);
    }, HEAD_LAG_MS).unref();
  }

  async function flush(): Promise<void> {
    for (const [tenantId, place] of [...heads]) {
      await store.moveHead(tenantId, place);
      if (heads.get(tenantId) === place) heads.delete(tenantId);
    }
  }

  return {
    append(fact) {
      const chain = chainOf(fact.tenantId);
      return new Promise((resolve, reject) => {
        chain.waiting.push({ fact, resolve, reject });
        if (chain.busy) return;
        chain.busy = true;
        void writeAll(fact.tenantId, chain);
      });
    },
    flush,
  };
}
