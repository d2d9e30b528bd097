import cluster, { type Worker } from 'node:cluster';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';

/** Between the death of a worker and its successor; milliseconds. */
const PAUSE_MS = 1000;

export interface Workers {
  /** How many listen now. */
  readonly listening: () => number;
  /** Asks each to drain and end; after `patienceMs` they are killed. */
  readonly stop: (patienceMs: number) => Promise<void>;
}

/**
 * Starts `count` processes that share the port, and replaces those that die.
 * @param env what they get besides our own environment
 * @throws when one ends before it ever listened: its successor would do the same
 */
export async function startWorkers(
  count: number,
  { env, log }: { env: Readonly<Record<string, string>>; log: Logger },
): Promise<Workers> {
  const up = new Set<number>();
  let stopping = false;

  function start(): Promise<void> {
    const worker = cluster.fork(env);
    return new Promise((resolve, reject) => {
      worker.once('listening', () => {
        up.add(worker.id);
        resolve();
      });
      worker.once('exit', (code, signal) => {
        const hadListened = up.delete(worker.id);
        if (stopping) return;
        if (!hadListened) return reject(new Error(`A worker did not start (${signal ?? code}).`));
        log.error({ worker: worker.id, code, signal }, 'a worker ended; starting another');
        void wait(PAUSE_MS).then(() =>
          stopping ? undefined : start().catch((err: unknown) => log.fatal({ err })),
        );
      });
    });
  }

  const stop = async (patienceMs: number) => {
    stopping = true;
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    await Promise.all(workers.map((worker) => end(worker, patienceMs)));
  };

  try {
    await Promise.all(Array.from({ length: count }, start));
  } catch (error) {
    await stop(1000);
    throw error;
  }
  return { listening: () => up.size, stop };
}

async function end(worker: Worker, patienceMs: number): Promise<void> {
  if (worker.isDead()) return;
  const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.process.kill('SIGTERM');
  const killer = setTimeout(() => worker.process.kill('SIGKILL'), patienceMs);
  await gone;
  clearTimeout(killer);
}
