import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Connection } from 'mongoose';
import { owedMailStore } from './accounts/owed-mail-store.ts';
import { createAppender } from './audit/appender.ts';
import { auditChecks, type AuditChecks } from './audit/audit-check-store.ts';
import { createAuditLog } from './audit/audit-log.ts';
import { auditSearch } from './audit/audit-search-store.ts';
import type { AuditSearch } from './audit/audit-search.ts';
import { auditChainStore, auditCollection, auditMarkCollection } from './audit/audit-store.ts';
import type { Audit } from './audit/audit.ts';
import type { AuditEvent } from './audit/events.ts';
import { openSpool } from './audit/spool.ts';
import type { Config } from './config.ts';
import type { Clock } from './core/clock.ts';
import type { Keys } from './keys.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { mailTexts } from './notifications/mail-texts.ts';
import type { Addressee, Recipient } from './notifications/mail.ts';
import { devMailCollection, mailboxStore } from './notifications/mailbox-store.ts';
import type { Mailbox } from './notifications/mailbox.ts';
import {
  createNotifications,
  mailJob,
  type Notifications,
  type Sealer,
  type SendMail,
} from './notifications/notifications.ts';
import { createOwedMails, type ChangeNotices } from './notifications/owed-mails.ts';
import { smtp } from './notifications/smtp.ts';
import {
  UndeliverableError,
  type ClaimedJob,
  type JobHandlers,
  type JobKind,
  type Outcome,
} from './outbox/jobs.ts';
import { outboxCollection, outboxStore, type OutboxAdmin } from './outbox/outbox-store.ts';
import { createOutbox, type Outbox } from './outbox/outbox.ts';
import type { CollectionSpec } from './storage/indexes.ts';

/** The collections behind all this, for making and checking indexes. */
export const operationCollections: readonly CollectionSpec[] = [
  auditCollection,
  auditMarkCollection,
  outboxCollection,
  devMailCollection,
];

export interface OperationsInput {
  readonly config: Config;
  readonly keys: Keys;
  readonly connection: Connection;
  /** Seals what mails say while they wait. */
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly log: Logger;
  /** Passwords that wait to be hashed. */
  readonly hashQueueDepth?: () => number;
}

/** What the jobs need that is only there once the rest is wired. */
export interface JobPorts {
  readonly findAddressee: (to: Recipient) => Promise<Addressee | null>;
  /** Every kind of job but mails. */
  readonly handlers: Omit<JobHandlers, 'mail'>;
}

export interface Operations {
  readonly audit: Audit;
  readonly search: AuditSearch;
  readonly checks: AuditChecks;
  readonly outbox: Pick<Outbox, 'enqueue'>;
  readonly outboxAdmin: OutboxAdmin;
  readonly notifications: Notifications & ChangeNotices;
  /** Keeps for delivery what a process still owed that died between a change and its mail. */
  sweepMails(): Promise<void>;
  /** Null where mails are really sent. */
  readonly mailbox: Mailbox | null;
  readonly metrics: Metrics;
  /** Begins to deliver what the outbox holds. */
  start(ports: JobPorts): void;
  /** Ends deliveries, writes what the audit log holds back. */
  stop(): Promise<void>;
}

/** How often old audit events are removed and the ends of the logs are written to the log; milliseconds. */
const HOUSEKEEPING_MS = 12 * 60 * 60 * 1000;

/** How often it is looked for mails that were left owed; milliseconds. */
const SWEEP_MS = 30_000;

const GIVEN_UP: Readonly<Partial<Record<JobKind, AuditEvent>>> = {
  'logout-token': 'logout_token_given_up',
  mail: 'mail_given_up',
};

/** Mails go to the mail server; without one, outside production, to a mailbox that a page shows at this machine. */
function postOffice({ config, connection }: OperationsInput): {
  send: SendMail;
  mailbox: Mailbox | null;
  close: () => void;
} {
  if (config.smtpUrl !== undefined) {
    const undeliverable = (reason: string) => new UndeliverableError(reason);
    const { host } = config.issuer;
    return { ...smtp({ url: config.smtpUrl, from: config.mailFrom, host, undeliverable }), mailbox: null };
  }
  if (config.mode === 'production') {
    const send = () => Promise.reject(new Error('SMTP_URL is not set'));
    return { send, mailbox: null, close: () => undefined };
  }
  const mailbox = mailboxStore(connection);
  return { send: mailbox.keep, mailbox: config.showsMailbox ? mailbox : null, close: () => undefined };
}

/** Wires what watches over Stile and works behind it: audit log, outbox, mails, metrics. */
export async function openOperations(input: OperationsInput): Promise<Operations> {
  const { config, keys, connection, sealer, clock, log, hashQueueDepth } = input;
  const store = outboxStore(connection);
  const metrics = createMetrics({
    jobs: () => store.counts(),
    ...(hashQueueDepth ? { hashQueueDepth } : {}),
  });
  const post = postOffice(input);
  const checks = auditChecks(connection, keys.audit);
  const auditLog = createAuditLog({
    appender: createAppender(auditChainStore(connection, keys.audit), keys.audit),
    spool: await openSpool(join(config.dataDir, 'audit-spool'), clock()),
    clock,
    onTrouble(err) {
      metrics.auditTrouble();
      log.error({ err }, 'audit events wait in the local spool');
    },
  });
  const audit: Audit = {
    async record(entry) {
      await auditLog.record(entry);
      metrics.event(entry);
    },
  };
  /** Until `start` jobs are only kept. */
  let outbox = createOutbox({ store, handlers: {}, clock });
  const notifications = createNotifications({ queue: { enqueue: (job) => outbox.enqueue(job) }, sealer });
  const onTrouble = (err: unknown) => log.error({ err }, 'mails about changes have to wait');
  const owedMails = createOwedMails({
    notify: notifications.notify,
    store: owedMailStore(connection),
    clock,
    onTrouble,
  });
  const timers: NodeJS.Timeout[] = [];
  let sweeping: Promise<void> = Promise.resolve();
  const sweep = () => void (sweeping = owedMails.sweep().catch(onTrouble));

  function onOutcome(job: ClaimedJob, outcome: Outcome): void {
    metrics.job(job.kind, outcome.kind);
    if (outcome.kind === 'sent') return;
    const { kind, lane, tries } = job;
    log.warn({ kind, lane, tries, outcome: outcome.kind, error: outcome.error }, 'a job was not delivered');
    const event = outcome.kind === 'dead' ? GIVEN_UP[kind] : undefined;
    if (!event) return;
    const entry = { event, tenantId: job.tenantId, actor: null, subject: null, result: 'refused' as const };
    audit.record({ ...entry, details: { lane, tries } }).catch((err: unknown) => log.error({ err }, 'audit'));
  }

  async function keepHouse(): Promise<void> {
    const removed = await checks.prune(clock());
    for await (const head of checks.heads()) log.info({ ...head, removed }, 'audit head');
  }

  return {
    audit,
    search: auditSearch(connection),
    checks,
    outbox: { enqueue: (...jobs) => outbox.enqueue(...jobs) },
    outboxAdmin: store,
    notifications: { ...notifications, tell: owedMails.tell },
    sweepMails: owedMails.sweep,
    mailbox: post.mailbox,
    metrics,

    start({ findAddressee, handlers }) {
      const texts = mailTexts();
      const mail = mailJob({ sealer, findAddressee, send: post.send, origin: config.issuer, texts, clock });
      outbox = createOutbox({
        store,
        handlers: { ...handlers, mail },
        clock,
        onOutcome,
        onTrouble: (err) => log.error({ err }, 'the outbox could not be asked'),
      });
      outbox.start();
      const house = () => void keepHouse().catch((err: unknown) => log.error({ err }, 'audit housekeeping'));
      sweep();
      timers.push(setInterval(house, HOUSEKEEPING_MS).unref(), setInterval(sweep, SWEEP_MS).unref());
    },

    async stop() {
      for (const timer of timers) clearInterval(timer);
      await sweeping;
      await outbox.stop();
      post.close();
      await auditLog.close();
    },
  };
}
