import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AuditEntry } from './audit/audit.ts';
import { JOB_KINDS } from './outbox/jobs.ts';

/** Seconds: from a page out of the cache to a request that ran into its deadline. */
const REQUEST_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

const JOB_STATES = ['waiting', 'dead'] as const;

/** What a job count is asked from at scrape time. */
export type JobCounts = () => Promise<readonly { kind: string; state: 'waiting' | 'dead'; count: number }[]>;

export interface GaugeSources {
  readonly jobs?: JobCounts;
  /** Passwords that wait to be hashed. */
  readonly hashQueueDepth?: () => number;
}

export type Metrics = ReturnType<typeof createMetrics>;

/**
 * Everything that is counted, in a registry of its own. Labels come from closed lists in our code, never from a
 * person, an address or a request, so that the number of series is bounded and none tells of somebody.
 */
export function createMetrics(sources: GaugeSources = {}) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const events = new Counter({
    name: 'stile_audit_events_total',
    help: 'Events of the audit log, by name, what was proved and how it ended: what alarms are set on',
    labelNames: ['event', 'method', 'result'] as const,
    registers,
  });
  const requests = new Histogram({
    name: 'stile_http_request_duration_seconds',
    help: 'Time to answer a request, by route',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: REQUEST_BUCKETS,
    registers,
  });
  const jobs = new Counter({
    name: 'stile_outbox_tries_total',
    help: 'Tries of outbox jobs, by kind and outcome: sent, retry or dead',
    labelNames: ['kind', 'outcome'] as const,
    registers,
  });
  const enforcements = new Counter({
    name: 'stile_enforcement_saves_total',
    help: 'Policies saved that require two factors from then on, or signed people out by what they ask',
    registers,
  });
  const signedOut = new Counter({
    name: 'stile_enforcement_signed_out_total',
    help: 'Agents signed out by a policy that was saved',
    registers,
  });
  const spooled = new Counter({
    name: 'stile_audit_troubles_total',
    help: 'Times that the audit spool could not be written to the store',
    registers,
  });

  const { jobs: countJobs, hashQueueDepth } = sources;
  if (countJobs) {
    new Gauge({
      name: 'stile_outbox_jobs',
      help: 'Outbox jobs that wait or were given up, by kind',
      labelNames: ['kind', 'state'] as const,
      // All workers ask the same database: together they know what each of them knows.
      aggregator: 'max',
      registers,
      async collect() {
        // A database that is away must not take the other metrics with it.
        const counts = await countJobs().catch(() => null);
        this.reset();
        if (!counts) return;
        // None is a number, so that an alarm on it hears of it.
        for (const kind of JOB_KINDS) for (const state of JOB_STATES) this.set({ kind, state }, 0);
        for (const { kind, state, count } of counts) this.set({ kind, state }, count);
      },
    });
  }
  if (hashQueueDepth) {
    new Gauge({
      name: 'stile_hash_queue_depth',
      help: 'Passwords that wait to be hashed',
      registers,
      collect() {
        this.set(hashQueueDepth());
      },
    });
  }

  return {
    registry,
    /** What `/metrics` answers. */
    text: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    event: ({ event, method, result }: Pick<AuditEntry, 'event' | 'method' | 'result'>) =>
      events.inc({ event, method: method ?? '', result }),
    /** @param route the pattern of the route, such as `/sign-in/:uid`, or `unmatched`; never the path */
    request: (request: { method: string; route: string; status: number; seconds: number }) =>
      requests.observe(
        { method: request.method, route: request.route, status: `${Math.floor(request.status / 100)}xx` },
        request.seconds,
      ),
    job: (kind: string, outcome: 'sent' | 'retry' | 'dead') => jobs.inc({ kind, outcome }),
    enforced: (agents: number) => {
      enforcements.inc();
      signedOut.inc(agents);
    },
    auditTrouble: () => spooled.inc(),
  };
}
