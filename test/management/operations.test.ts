import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import type { Keys } from '../../src/keys.ts';
import type { Addressee } from '../../src/notifications/mail.ts';
import { openOperations, type Operations } from '../../src/operations.ts';
import { UndeliverableError } from '../../src/outbox/jobs.ts';
import { keyring } from '../audit/keyring.ts';
import { ana, samples } from '../notifications/mail-samples.ts';
import { testDatabase } from '../support/database.ts';

const sealer = { seal: (plain: string) => plain, open: (sealed: string) => sealed };
const who = { tenantId: 'northwind', accountId: 'ana' };

describe('audit, outbox and mails wired together', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let directory: string;
  let operations: Operations;

  async function open(env: Readonly<Record<string, string>> = {}): Promise<void> {
    operations = await openOperations({
      config: readConfig({ NODE_ENV: 'test', DATA_DIR: directory, ...env }),
      keys: { audit: keyring() } as unknown as Keys,
      connection: database.connection,
      sealer,
      clock: () => new Date('2026-01-01T12:00:00Z'),
      log: pino({ level: 'silent' }),
    });
  }

  beforeEach(async () => {
    database = await testDatabase();
    directory = await mkdtemp(join(tmpdir(), 'stile-operations-'));
    await open();
  });
  afterEach(async () => {
    await operations.stop();
    await database.drop();
    await rm(directory, { recursive: true });
  });

  const findAddressee = (): Promise<Addressee> => Promise.resolve(ana);
  async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
    for (let i = 0; i < 400; i += 1) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      await wait(10);
    }
    throw new Error('did not happen in time');
  }

  it('shows nobody the mailbox of a trial on a network', async () => {
    await operations.stop();
    await open({ ISSUER: 'http://192.168.1.5:3000', TRIAL_ON_LAN: 'yes' });
    expect(operations.mailbox).to.equal(null);
  });

  it('keeps mails for the mailbox page where there is no mail server', async () => {
    operations.start({ findAddressee, handlers: {} });
    await operations.notifications.notify(who, samples['two-factor-off']);
    const mail = await until(async () => (await operations.mailbox?.newest(1))?.[0]);
    expect(mail).to.include({ to: ana.email });
  });

  it('keeps mails that were asked for before it started', async () => {
    await operations.notifications.notify(who, samples['two-factor-off']);
    operations.start({ findAddressee, handlers: {} });
    await until(async () => (await operations.mailbox?.newest(1))?.[0]);
  });

  it('has no mailbox where mails are sent', async () => {
    await operations.stop();
    await open({ SMTP_URL: 'smtp://127.0.0.1:1' });
    expect(operations.mailbox).to.equal(null);
  });

  it('counts a job that was given up and tells of it in the audit log', async () => {
    const refuse = () => Promise.reject(new UndeliverableError('the app is gone'));
    operations.start({ findAddressee, handlers: { 'logout-token': refuse } });
    await operations.outbox.enqueue({
      id: 'x',
      kind: 'logout-token',
      tenantId: 'northwind',
      lane: 'app.example',
      payload: { clientId: 'desk', accountId: 'ana', sid: 's' },
    });
    const event = await until(async () => {
      const { records } = await operations.search.list('northwind', {}, { limit: 1 });
      return records[0];
    });
    expect(event).to.include({ event: 'logout_token_given_up', result: 'refused' });
    const { text } = await operations.metrics.text();
    expect(text).to.include('stile_outbox_tries_total{kind="logout-token",outcome="dead"} 1');
    expect(text).to.include('stile_outbox_jobs{kind="logout-token",state="dead"} 1');
    expect(await operations.checks.verify('northwind')).to.include({ ok: true, events: 1 });
  });
});
