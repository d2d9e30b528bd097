import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PortError } from './web-server.ts';

const entry = join(import.meta.dirname, '../../examples/contact-desk/main.ts');

/** The sample app in a process of its own: it talks to Stile as any other app does, over the network alone. */
export interface SampleApp {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/**
 * Starts it and waits until it listens.
 * @param env what it needs to know: ISSUER, CLIENT_ID, CLIENT_SECRET and HOST
 * @throws PortError when it does not come up
 */
export async function startSampleApp(
  port: number,
  env: Readonly<Record<string, string>>,
): Promise<SampleApp> {
  const child = fork(entry, [], {
    env: { ...env, PORT: String(port) },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  const exit = once(child, 'exit');
  const listening = child.stdout ? once(child.stdout, 'data') : exit;
  const up = await Promise.race([listening.then(() => true), exit.then(() => false)]);
  if (!up) {
    const why = said.includes('EADDRINUSE')
      ? `port ${port} is in use; choose another: DEMO_APP_PORT=${port + 1000}`
      : said;
    throw new PortError(`The sample app did not start: ${why}`);
  }
  return {
    url: `http://localhost:${port}`,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), 3000);
      await exit;
      clearTimeout(killer);
    },
  };
}
