import type { Connection } from 'mongoose';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { ClaimedJob, JobKind, NewJob } from './jobs.ts';
import type { OutboxStore } from './outbox.ts';

export const outboxCollection: CollectionSpec = {
  name: 'outbox',
  indexes: [
    { key: { state: 1, dueAt: 1, lane: 1, kind: 1 } },
    { key: { state: 1, kind: 1, tenantId: 1 } },
    { key: { expiresAt: 1 }, expireAfterSeconds: 0 },
  ],
};

/** How long a job that is sent or dead is kept; days. A sent one only so that it is not sent twice. */
export const OUTBOX_RETENTION_DAYS = 7;

interface Row {
  readonly _id: string;
  readonly kind: JobKind;
  readonly tenantId: string;
  readonly lane: string;
  /** JSON; null once sent. */
  readonly payload: string | null;
  readonly state: 'waiting' | 'sent' | 'dead';
  /** While claimed: when the claim lapses. One field for both, so that a lapsed claim is simply due. */
  readonly dueAt: Date;
  readonly claim: string | null;
  readonly tries: number;
  readonly lastError: string | null;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
  readonly expiresAt: Date | null;
}

export interface OutboxAdmin {
  /** How many jobs wait and how many are dead, by kind. */
  counts(): Promise<{ kind: JobKind; state: 'waiting' | 'dead'; count: number }[]>;
  /** How many jobs of a kind wait for one tenant. */
  countWaiting(tenantId: string, kind: JobKind): Promise<number>;
  /** Dead jobs of `kind` wait again, from their first try. @returns how many */
  revive(kind: JobKind, now: Date): Promise<number>;
}

const toRow = (job: NewJob, now: Date): Row => ({
  _id: job.id,
  kind: job.kind,
  tenantId: job.tenantId,
  lane: job.lane,
  payload: JSON.stringify(job.payload),
  state: 'waiting',
  dueAt: job.dueAt ?? now,
  claim: null,
  tries: 0,
  lastError: null,
  createdAt: now,
  settledAt: null,
  expiresAt: null,
});

const toJob = (row: Row): ClaimedJob => ({
  id: row._id,
  kind: row.kind,
  tenantId: row.tenantId,
  lane: row.lane,
  payload: JSON.parse(row.payload ?? 'null') as ClaimedJob['payload'],
  tries: row.tries,
});

/** Only doubles are forgiven: any other write error of a bulk stands. */
function onlyDuplicates(error: unknown): boolean {
  const { code, writeErrors } = error as { code?: unknown; writeErrors?: unknown };
  const single = Array.isArray(writeErrors) ? (writeErrors as { code?: unknown }[]) : [{ code }];
  return code === 11_000 && single.every((one) => one.code === 11_000);
}

const inDays = (now: Date, days: number) => new Date(now.getTime() + days * 24 * 60 * 60 * 1000);

/** Jobs in MongoDB. A claim is one conditional write on `dueAt`, which it moves. */
export function outboxStore(connection: Connection): OutboxStore & OutboxAdmin {
  const rows = connection.collection<Row>(outboxCollection.name);

  return {
    async insert(jobs, now) {
      try {
        await rows.insertMany(
          jobs.map((job) => toRow(job, now)),
          { ordered: false },
        );
      } catch (error) {
        if (!onlyDuplicates(error)) throw error;
      }
    },

    async due(now, { kinds, limit, notLanes }) {
      const query = {
        state: 'waiting' as const,
        dueAt: { $lte: now },
        kind: { $in: [...kinds] },
        ...(notLanes.length > 0 ? { lane: { $nin: [...notLanes] } } : {}),
      };
      const projection = { lane: 1, dueAt: 1 };
      const found = await rows.find(query, { sort: { dueAt: 1 }, limit, projection }).toArray();
      return found.map((row) => ({ id: row._id, lane: row.lane, dueAt: row.dueAt }));
    },

    async claim(job, claim, until) {
      const row = await rows.findOneAndUpdate(
        { _id: job.id, state: 'waiting', dueAt: job.dueAt },
        { $set: { dueAt: until, claim }, $inc: { tries: 1 } },
        { returnDocument: 'after' },
      );
      return row && toJob(row);
    },

    async settle(id, claim, outcome, now) {
      const expiresAt = inDays(now, OUTBOX_RETENTION_DAYS);
      const ended = { claim: null, settledAt: now, expiresAt };
      const changes =
        outcome.kind === 'sent'
          ? { ...ended, state: 'sent' as const, payload: null, lastError: null }
          : outcome.kind === 'dead'
            ? { ...ended, state: 'dead' as const, lastError: outcome.error }
            : { claim: null, dueAt: outcome.dueAt, lastError: outcome.error };
      const { modifiedCount } = await rows.updateOne({ _id: id, state: 'waiting', claim }, { $set: changes });
      return modifiedCount === 1;
    },

    async counts() {
      const open = { state: { $in: ['waiting', 'dead'] as const } };
      const group = { _id: { kind: '$kind', state: '$state' }, count: { $sum: 1 } };
      const found = await rows
        .aggregate<{ _id: { kind: JobKind; state: 'waiting' | 'dead' }; count: number }>([
          { $match: open },
          { $group: group },
        ])
        .toArray();
      return found.map(({ _id, count }) => ({ ..._id, count }));
    },

    countWaiting: (tenantId, kind) => rows.countDocuments({ state: 'waiting', kind, tenantId }),

    async revive(kind, now) {
      const { modifiedCount } = await rows.updateMany(
        { state: 'dead', kind },
        { $set: { state: 'waiting', tries: 0, dueAt: now, settledAt: null, expiresAt: null } },
      );
      return modifiedCount;
    },
  };
}
