import type { MeasuredProcess } from './measured-process.ts';
import { median } from './statistics.ts';

/** One round of one kind of operation. */
export interface Cost {
  readonly operations: number;
  /** CPU of the server and of the database; milliseconds. Database 0 = it has none, null = not ours to measure. */
  readonly serverMs: number;
  readonly databaseMs: number | null;
  readonly seconds: number;
}

/** Medians over the rounds of one kind of operation. */
export interface Figure {
  /** CPU an operation; milliseconds. */
  readonly serverMs: number;
  /** With the database, as far as it can be measured. */
  readonly wholeMs: number;
  /** Operations a second. */
  readonly rate: number;
}

/** Work that is put off until after the answer belongs to the operation; milliseconds. */
const AFTERMATH_MS = 100;

/** Does `work` and takes what it cost. @param databaseCpu absent = the server has no database */
export async function costOf(
  server: MeasuredProcess,
  operations: number,
  work: () => Promise<unknown>,
  databaseCpu: () => Promise<number | null> = () => Promise.resolve(0),
): Promise<Cost> {
  const before = { server: await server.cpu(), database: await databaseCpu() };
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1000;
  await new Promise((resolve) => setTimeout(resolve, AFTERMATH_MS));
  const database = await databaseCpu();
  return {
    operations,
    serverMs: (await server.cpu()) - before.server,
    databaseMs: database === null || before.database === null ? null : database - before.database,
    seconds,
  };
}

export function figureOf(rounds: readonly Cost[]): Figure {
  const each = (value: (cost: Cost) => number) => median(rounds.map((cost) => value(cost) / cost.operations));
  return {
    serverMs: each(({ serverMs }) => serverMs),
    wholeMs: each(({ serverMs, databaseMs }) => serverMs + (databaseMs ?? 0)),
    rate: 1 / each(({ seconds }) => seconds),
  };
}

/**
 * CPU an operation over all rounds, with the database as far as it can be measured; milliseconds. Of all together,
 * because the CPU of a database is told in hundredths of a second: too coarse for one round of small operations.
 */
export function totalOf(rounds: readonly Cost[]): number {
  const sum = (value: (cost: Cost) => number) => rounds.reduce((total, cost) => total + value(cost), 0);
  return (
    sum(({ serverMs, databaseMs }) => serverMs + (databaseMs ?? 0)) / sum(({ operations }) => operations)
  );
}
