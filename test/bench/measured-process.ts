import { fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}
type Reply = { readonly id: number; readonly value?: unknown; readonly error?: string };

/** In a measured process: answers the measurer's calls, and ends with the measurer. */
export function answerCalls(answers: Readonly<Record<string, (argument: never) => unknown>>): void {
  process.on('disconnect', () => process.exit());
  process.on('message', ({ id, name, argument }: Call) => {
    void (async () => {
      try {
        const answer = answers[name];
        if (!answer) throw new Error(`no call is named ${name}`);
        process.send?.({ id, value: await answer(argument as never) } satisfies Reply);
      } catch (error) {
        process.send?.({ id, error: String(error) } satisfies Reply);
      }
    })();
  });
}

/** CPU of this process with all its threads so far; milliseconds. */
export function ownCpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export type MeasuredProcess = ReturnType<typeof startProcess>;

/** Starts a file of this folder as a process of its own, so that the measurer's work is not measured with it. */
export function startProcess(file: string, env: Readonly<Record<string, string>> = {}) {
  // Password hashing shares the pool with token signing; as `npm start` sets it.
  const pool = { UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? '16' };
  const child = fork(join(import.meta.dirname, file), {
    env: { ...process.env, ...pool, ...env },
    // The bare provider praises its defaults at length.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, (reply: Reply) => void>();
  let calls = 0;
  let ended: string | undefined;
  child.on('message', (reply: Reply) => waiting.get(reply.id)?.(reply));
  child.on('exit', (code, signal) => {
    ended = `${file} ended with ${signal ?? code ?? '?'}`;
    for (const [id, settle] of waiting) settle({ id, error: ended });
  });

  async function call(name: string, argument: unknown = null): Promise<unknown> {
    if (ended !== undefined) throw new Error(ended);
    const id = (calls += 1);
    const reply = await new Promise<Reply>((resolve) => {
      waiting.set(id, resolve);
      child.send({ id, name, argument } satisfies Call);
    });
    waiting.delete(id);
    if (reply.error !== undefined) throw new Error(reply.error);
    return reply.value;
  }

  return {
    call,
    cpu: async () => (await call('cpu')) as number,
    stop: () => void child.disconnect(),
  };
}

/** Ticks a second in which Linux counts the CPU of processes (`USER_HZ`, the same on every common machine). */
const TICKS = 100;

/**
 * @param pid null = a database that is not ours
 * @returns CPU of a process with all its threads so far; milliseconds. Null where nobody can tell (no /proc)
 */
export async function cpuOf(pid: number | null): Promise<number | null> {
  if (pid === null) return null;
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (line === null) return null;
  // After the name in brackets: state is field 3, user and system time are fields 14 and 15 (proc(5)).
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
}
