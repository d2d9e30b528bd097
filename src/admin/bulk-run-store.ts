import type { Connection } from 'mongoose';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { BulkRun, BulkRunStore, RunPart } from './bulk-runs.ts';

const expiry = { key: { expiresAt: 1 }, expireAfterSeconds: 0 } as const;

export const bulkRunCollections: readonly CollectionSpec[] = [
  { name: 'bulk_runs', indexes: [expiry] },
  { name: 'bulk_parts', indexes: [{ key: { runId: 1, at: 1 }, unique: true }, expiry] },
];

type RunRow = Omit<BulkRun, 'runId'> & { _id: string };
type PartRow = RunPart & { _id: string; expiresAt: Date };

const idOf = ({ runId, at }: Pick<RunPart, 'runId' | 'at'>) => `${runId}:${at}`;
const isDuplicate = (error: unknown): boolean => (error as { code?: unknown }).code === 11000;

function toPart({ _id, expiresAt, ...rest }: PartRow): RunPart {
  void _id;
  void expiresAt;
  return rest;
}

/** What is done to everybody of a list, in MongoDB. People are taken up by conditional writes on their part. */
export function bulkRunStore(connection: Connection): BulkRunStore {
  const runs = connection.collection<RunRow>('bulk_runs');
  const parts = connection.collection<PartRow>('bulk_parts');

  /** @returns whether it was not there */
  async function unlessThere(write: Promise<unknown>): Promise<boolean> {
    try {
      await write;
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  return {
    async insert({ runId, ...rest }, given) {
      if (await runs.findOne({ _id: runId }, { projection: { _id: 1 } })) return false;
      const rows = given.map((part) => ({ _id: idOf(part), ...part, expiresAt: rest.expiresAt }));
      await unlessThere(parts.insertMany(rows, { ordered: false }));
      return unlessThere(runs.insertOne({ _id: runId, ...rest }));
    },

    async find(runId) {
      const row = await runs.findOne({ _id: runId });
      if (!row) return null;
      const { _id, ...rest } = row;
      return { runId: _id, ...rest };
    },

    async part(runId, at) {
      const row = await parts.findOne({ _id: idOf({ runId, at }) });
      return row && toPart(row);
    },

    async parts(runId) {
      return (await parts.find({ runId }, { sort: { at: 1 } }).toArray()).map(toPart);
    },

    async take(part, came, now) {
      const here = { _id: idOf(part), came };
      const { modifiedCount } = await parts.updateOne(here, { $set: { came: came + 1, takenAt: now } });
      return modifiedCount === 1;
    },

    async note(part, index, outcome) {
      await parts.updateOne({ _id: idOf(part) }, { $set: { [`outcomes.${index}`]: outcome } });
    },

    async finish(runId) {
      await runs.updateOne({ _id: runId, state: 'running' }, { $set: { state: 'done' } });
    },
  };
}
