import { setTimeout as wait } from 'node:timers/promises';
import type { AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { randomId } from '../core/random.ts';
import type { Appender } from './appender.ts';
import type { Audit, AuditEntry } from './audit.ts';
import type { AuditFact } from './chain.ts';
import { maySpool } from './events.ts';
import type { Spool } from './spool.ts';

export interface AuditLogPorts {
  readonly appender: Appender;
  readonly spool: Spool;
  readonly clock: Clock;
  /** Told when the spool could not be emptied; it is tried again. */
  readonly onTrouble: (error: unknown) => void;
  /** How long a sign-in waits for the store before its event goes to the spool; milliseconds. */
  readonly patienceMs?: number;
  /** How often the spool is tried while something waits; milliseconds. */
  readonly replayMs?: number;
}

export interface AuditLog extends Audit {
  /** Writes what the spool holds, if the store takes it. */
  replay(): Promise<void>;
  /** Ends the timer and writes what waits, as far as the store is there. */
  close(): Promise<void>;
}

/** Spooled events handed to the store at once. */
const CHUNK = 500;

/** Only the two ids: an account handed in as a reference must not leave the rest of itself in the log. */
const refOf = (ref: AccountRef | null): AccountRef | null =>
  ref && { tenantId: ref.tenantId, accountId: ref.accountId };

/** Lone surrogates would change on the way through the database, and the event would look tampered with. */
const wellFormed = (text: string | null | undefined): string | null =>
  text === null || text === undefined ? null : Buffer.from(text, 'utf8').toString('utf8');

function factOf(entry: AuditEntry, at: Date): AuditFact {
  const people = [entry.actor?.accountId, entry.subject?.accountId].filter((id) => id !== undefined);
  return {
    id: randomId(),
    tenantId: entry.tenantId,
    at,
    event: entry.event,
    actor: refOf(entry.actor),
    subject: refOf(entry.subject),
    accounts: [...new Set(people)],
    result: entry.result,
    method: wellFormed(entry.method),
    reason: wellFormed(entry.reason),
    details: entry.details === undefined ? null : JSON.stringify(entry.details),
    reference: wellFormed(entry.reference),
    source: wellFormed(entry.source),
  };
}

/** The audit log as the rest of Stile sees it: changes wait for the store, sign-ins only for a moment. */
export function createAuditLog(ports: AuditLogPorts): AuditLog {
  const { appender, spool, clock, onTrouble, patienceMs = 500, replayMs = 2000 } = ports;
  let timer: NodeJS.Timeout | null = null;
  let replaying: Promise<void> | null = null;
  let closed = false;

  async function writtenInTime(fact: AuditFact): Promise<boolean> {
    const giveUp = new AbortController();
    const written = appender.append(fact).then(
      () => true,
      () => false,
    );
    // Written after all, later? Then the replay finds its id in the log and leaves it at that.
    const tooSlow = wait(patienceMs, false, { signal: giveUp.signal }).catch(() => false);
    return Promise.race([written, tooSlow]).finally(() => giveUp.abort());
  }

  function scheduleReplay(): void {
    if (closed) return;
    timer ??= setTimeout(() => {
      timer = null;
      replay().catch((error: unknown) => {
        onTrouble(error);
        scheduleReplay();
      });
    }, replayMs).unref();
  }

  function replay(): Promise<void> {
    replaying ??= spool.drain(writeInOrder).finally(() => (replaying = null));
    return replaying;
  }

  /** The appender keeps the order of its calls; the chunks bound how many wait in memory. */
  async function writeInOrder(facts: readonly AuditFact[]): Promise<void> {
    for (let i = 0; i < facts.length; i += CHUNK) {
      await Promise.all(facts.slice(i, i + CHUNK).map((fact) => appender.append(fact)));
    }
  }

  if (!spool.isEmpty()) scheduleReplay();

  return {
    async record(entry) {
      const fact = factOf(entry, clock());
      if (!maySpool(entry.event)) {
        await appender.append(fact).catch((cause: unknown) => {
          throw new DomainError('unavailable', { cause, retryAfterSeconds: 5 });
        });
        return;
      }
      // While something waits, later events queue up behind it instead of trying the store one by one.
      if (spool.isEmpty() && (await writtenInTime(fact))) return;
      await spool.add(fact);
      scheduleReplay();
    },

    replay,

    async close() {
      closed = true;
      if (timer) clearTimeout(timer);
      await replay().catch(onTrouble);
      await appender.flush().catch(onTrouble);
    },
  };
}
