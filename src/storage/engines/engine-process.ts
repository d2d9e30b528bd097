import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

/** Lines kept of what a process said, to explain its end. */
const KEPT_LINES = 40;

export interface EngineProcess {
  readonly pid: number;
  /** Closes the process's input, which asks it to end, and waits; after 10 s it is killed. */
  readonly stop: () => Promise<void>;
  readonly died: Promise<string>;
}

/** `ready` is what `match` found; otherwise the process has ended, or never started (`notFound`). */
export type Launch =
  | { readonly ready: RegExpMatchArray; readonly process: EngineProcess }
  | { readonly ready: null; readonly notFound: boolean; readonly output: string };

/**
 * Starts a database process and waits for the line that says it is ready. It gets a process group of its own, so that
 * Ctrl-C in a terminal reaches only us and the database lives until the last request is answered; and an input that
 * closes when we die, which it takes as the order to end.
 *
 * @param match first line of standard output that ends the waiting
 * @param timeoutMs how long that may take
 */
export async function launch({
  command,
  args,
  match,
  timeoutMs = 60_000,
}: {
  command: string;
  args: readonly string[];
  match: RegExp;
  timeoutMs?: number;
}): Promise<Launch> {
  const child = spawn(command, args, { detached: true, stdio: 'pipe' });
  const lines: string[] = [];
  const note = (line: string) => {
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
  };
  // A process that died has closed its input; that is told by its end, not by the broken pipe.
  child.stdin.on('error', () => undefined);

  let stopping = false;
  const ended = new Promise<{ how: string; notFound: boolean }>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      resolve({ how: error.message, notFound: error.code === 'ENOENT' });
    });
    child.once('close', (code, signal) =>
      resolve({ how: `ended with ${signal ?? code ?? '?'}`, notFound: false }),
    );
  });
  const ready = new Promise<RegExpMatchArray>((resolve) => {
    eachLine(child.stderr, note);
    eachLine(child.stdout, (line) => {
      note(line);
      const found = line.match(match);
      if (found) resolve(found);
    });
  });

  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const first = await Promise.race([ready, ended]);
  clearTimeout(timer);
  const { pid } = child;
  if (!Array.isArray(first) || pid === undefined) {
    const end = await ended;
    return { ready: null, notFound: end.notFound, output: [...lines, end.how].join('\n') };
  }

  return {
    ready: first,
    process: {
      pid,
      died: new Promise((resolve) => {
        void ended.then(({ how }) => {
          if (!stopping) resolve([...lines.slice(-3), how].join('\n'));
        });
      }),
      async stop() {
        stopping = true;
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, 'close');
        child.stdin.end();
        const killer = setTimeout(() => child.kill('SIGKILL'), 10_000);
        await gone;
        clearTimeout(killer);
      },
    },
  };
}

/** Calls `take` with each whole line of `stream`. */
function eachLine(stream: Readable, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) take(line);
  });
}
