import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAppender, type ChainStore } from '../../src/audit/appender.ts';
import { auditChecks } from '../../src/audit/audit-check-store.ts';
import { createAuditLog } from '../../src/audit/audit-log.ts';
import { auditSearch } from '../../src/audit/audit-search-store.ts';
import {
  auditChainStore,
  auditCollection,
  type AuditRow,
  type MarkRow,
} from '../../src/audit/audit-store.ts';
import type { AuditEntry } from '../../src/audit/audit.ts';
import { openSpool } from '../../src/audit/spool.ts';
import type { Keyring } from '../../src/keys.ts';
import { testDatabase } from '../support/database.ts';
import { keyring } from './keyring.ts';

export const ana = { tenantId: 'northwind', accountId: 'ana' };
export const sam = { tenantId: 'northwind', accountId: 'sam' };

export const signIn = (more: Partial<AuditEntry> = {}): AuditEntry => ({
  event: 'password_accepted',
  tenantId: 'northwind',
  actor: ana,
  subject: ana,
  result: 'ok',
  method: 'password',
  ...more,
});

export type TestLog = Awaited<ReturnType<typeof startLog>>;

/** An audit log on a real database. `wrap` puts a fault in front of the store. */
export async function startLog(
  options: { keys?: Keyring; wrap?: (store: ChainStore) => ChainStore; patienceMs?: number } = {},
) {
  const database = await testDatabase();
  const { connection } = database;
  for (const { key, unique = false } of auditCollection.indexes) {
    await connection.collection(auditCollection.name).createIndex(key, { unique });
  }
  const directory = await mkdtemp(join(tmpdir(), 'stile-audit-'));
  const keys = options.keys ?? keyring();
  let now = new Date('2026-01-01T12:00:00Z');
  const troubles: unknown[] = [];

  /** One process's part: its own cache of the chain, its own spool. */
  async function openProcess() {
    const store = auditChainStore(connection, keys);
    const appender = createAppender(options.wrap?.(store) ?? store, keys);
    const spool = await openSpool(directory, new Date());
    const audit = createAuditLog({
      appender,
      spool,
      clock: () => now,
      onTrouble: (error) => troubles.push(error),
      patienceMs: options.patienceMs ?? 500,
      replayMs: 50,
    });
    return { audit, appender, spool };
  }
  const first = await openProcess();

  return {
    ...first,
    openProcess,
    connection,
    keys,
    directory,
    troubles,
    checks: auditChecks(connection, keys),
    search: auditSearch(connection),
    rows: connection.collection<AuditRow>('audit_events'),
    marks: connection.collection<MarkRow>('audit_marks'),
    setNow: (moment: Date) => void (now = moment),
    async close() {
      await first.audit.close();
      await database.drop();
      await rm(directory, { recursive: true });
    },
  };
}
