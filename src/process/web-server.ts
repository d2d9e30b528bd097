import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';

/** Bounds on what one client may make us hold or wait for. */
const limits = {
  /** Bytes of all headers of a request. */
  maxHeaderSize: 16 * 1024,
  /** Milliseconds until the headers are here. */
  headersTimeout: 10_000,
  /** Milliseconds until the whole request is here. */
  requestTimeout: 30_000,
  /** Milliseconds that an idle connection is kept; longer than a usual load balancer's 60 s, so that it closes first. */
  keepAliveTimeout: 65_000,
  /** How often the above are looked at; milliseconds. */
  connectionsCheckingInterval: 2_000,
} as const;

/** What Node answers by itself, before there is a request that our own code could answer. */
const REFUSALS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Refuses bytes that are no request, with headers as strict as those of every other answer, and hangs up. */
function refuse({ code = '' }: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) return void socket.destroy();
  const head = [
    `HTTP/1.1 ${REFUSALS[code] ?? '400 Bad Request'}`,
    'Connection: close',
    'Content-Length: 0',
    'Cache-Control: no-store',
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options: nosniff',
    'Referrer-Policy: no-referrer',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n`);
}

/** A port is taken, or may not be used. The message names it and says what to do. */
export class PortError extends Error {
  override readonly name = 'PortError';
}

export interface WebServer {
  /** Answers nothing new, and waits for what is being answered; after `patienceMs` it is cut off. */
  readonly drain: (patienceMs: number) => Promise<void>;
}

/**
 * Serves `listener`.
 * @param variable setting that the port comes from, for the message
 * @param host the only address of this machine to listen on; absent = all
 * @throws PortError
 */
export async function serve(
  listener: RequestListener,
  port: number,
  variable: string,
  host?: string,
): Promise<WebServer> {
  const server = createServer(limits, listener);
  // A client may hold as many connections as it likes, but not more requests on one than a browser ever sends.
  server.maxRequestsPerSocket = 1000;
  server.on('clientError', refuse);
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw portError(error, port, variable);
  }
  return { drain: (patienceMs) => drain(server, patienceMs) };
}

/** @returns `error`, in words that help when it is about a port */
export function portError(error: unknown, port: number, variable: string): unknown {
  const { code } = error as { code?: unknown };
  if (code === 'EADDRINUSE') {
    return new PortError(
      `Port ${port} is in use. End what uses it, or choose another: ${variable}=${port + 1000}`,
    );
  }
  if (code === 'EACCES')
    return new PortError(`Port ${port} needs rights that we lack; choose one above 1023: ${variable}`);
  return error;
}

async function drain(server: Server, patienceMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), patienceMs);
  await closed;
  clearTimeout(cut);
}
