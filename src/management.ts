import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** Says whether one thing that we cannot do without is there. A rejection means no. */
export type Check = () => Promise<boolean> | boolean;

export interface ManagementOptions {
  /** 0 = any free port. */
  readonly port: number;
  /** Absent = every interface: probes come from outside the container. Never publish this port. */
  readonly host?: string;
  /** By name, such as `database`; the names are told, nothing else of them. */
  readonly checks: Readonly<Record<string, Check>>;
  /** True once we are on the way down: no new traffic, but still alive. */
  readonly draining: () => boolean;
  /** The metrics in the text format of Prometheus. */
  readonly metrics: () => Promise<{ contentType: string; text: string }>;
  /** How long one check may take; milliseconds. */
  readonly checkMs?: number;
}

export interface Management {
  readonly port: number;
  close(): Promise<void>;
}

async function passes(check: Check, withinMs: number): Promise<boolean> {
  const giveUp = new AbortController();
  const tooSlow = wait(withinMs, false, { signal: giveUp.signal }).catch(() => false);
  const answer = (async () => (await check()) === true)().catch(() => false);
  return Promise.race([answer, tooSlow]).finally(() => giveUp.abort());
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    'content-type': contentType,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

const sendJson = (response: ServerResponse, status: number, body: unknown) =>
  send(response, status, 'application/json; charset=utf-8', `${JSON.stringify(body)}\n`);

/**
 * The port for those who run Stile: `/livez` (the process answers; a failure means restart it), `/readyz` (it can
 * serve people; a failure means send them elsewhere) and `/metrics`. Tells no version and no address.
 */
export async function startManagement(options: ManagementOptions): Promise<Management> {
  const { checks, draining, metrics, checkMs = 1000 } = options;

  async function ready(response: ServerResponse): Promise<void> {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await passes(check, checkMs)] as const),
    );
    const up = results.every(([, ok]) => ok);
    const status = draining() ? 'draining' : up ? 'ready' : 'not-ready';
    sendJson(response, status === 'ready' ? 200 : 503, {
      status,
      checks: Object.fromEntries(results.map(([name, ok]) => [name, ok ? 'ok' : 'failed'])),
    });
  }

  async function answer(method: string, path: string, response: ServerResponse): Promise<void> {
    if (method !== 'GET' && method !== 'HEAD')
      return sendJson(response, 405, { status: 'method-not-allowed' });
    switch (path) {
      case '/livez':
        return sendJson(response, 200, { status: 'alive' });
      case '/readyz':
        return ready(response);
      case '/metrics': {
        const { contentType, text } = await metrics();
        return send(response, 200, contentType, text);
      }
      default:
        return sendJson(response, 404, { status: 'not-found' });
    }
  }

  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    answer(request.method ?? 'GET', path, response).catch(() => {
      if (!response.headersSent) sendJson(response, 500, { status: 'failed' });
      else response.destroy();
    });
  });
  await listen(server, options.port, options.host);

  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
