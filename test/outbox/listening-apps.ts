import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createPlainServer, type AddressInfo, type Server as PlainServer } from 'node:net';
import { decodeJwt } from 'jose';
import { appOf } from '../support/bare-browser.ts';
import type { Idp } from '../support/idp.ts';

const SECRET = 'a secret of this test, long enough';

export type ListeningApps = Awaited<ReturnType<typeof registerApps>>;

/** Apps that are told of sign-outs, each at a host of its own. None answers yet. */
export async function registerApps(idp: Idp, ids: readonly string[]) {
  /** How often each was told of each sign-out: `app sid`. */
  const told = new Map<string, number>();
  /** Requests that were open at once and were answered: at most, in all and at one app. */
  const most = { inAll: 0, atOne: 0 };
  const open = new Map<string, number>();
  const held = new Map<string, ServerResponse[]>();
  const servers = new Map<string, Server>();
  const ports = new Map<string, number>();
  /** Hold the ports of apps that are away, so that nobody else takes them, and hang up on whoever comes. */
  const away = new Map<string, PlainServer>();

  function count(id: string, change: 1 | -1): void {
    open.set(id, (open.get(id) ?? 0) + change);
    most.atOne = Math.max(most.atOne, open.get(id) ?? 0);
    most.inAll = Math.max(
      most.inAll,
      [...open.values()].reduce((a, b) => a + b, 0),
    );
  }

  for (const id of ids) {
    const holder = createPlainServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    ports.set(id, port);
    away.set(id, holder);
    await idp.addClient({
      client_id: id,
      client_secret: SECRET,
      redirect_uris: [`https://${id}.example/callback`],
      first_party: true,
      backchannel_logout_uri: `http://127.0.0.1:${port}/out`,
      backchannel_logout_session_required: true,
    });
  }

  return {
    ids,
    told,
    most,
    /** Begins to listen. @param hangs takes what comes, and answers nothing */
    async listen(id: string, { hangs = false } = {}): Promise<void> {
      if (hangs) held.set(id, []);
      const server = createServer((request, response) => {
        // What the outbox gave up may be open here for a moment longer than there.
        if (!held.has(id)) {
          count(id, 1);
          response.once('close', () => count(id, -1));
        }
        let body = '';
        request.on('data', (part: Buffer) => (body += part.toString()));
        request.on('end', () => {
          const { sid } = decodeJwt<{ sid: string }>(new URLSearchParams(body).get('logout_token') ?? '');
          const waiting = held.get(id);
          if (waiting) return void waiting.push(response);
          const key = `${id} ${sid}`;
          told.set(key, (told.get(key) ?? 0) + 1);
          response.end();
        });
      });
      servers.set(id, server);
      const holder = away.get(id);
      away.delete(id);
      holder?.close();
      if (holder) await once(holder, 'close');
      await once(server.listen(ports.get(id), '127.0.0.1'), 'listening');
    },
    /** How many requests of the outbox an app that hangs has got. */
    isAsked: (id: string) => (held.get(id) ?? []).length,
    /** An app that hung starts anew: what it held is lost, what comes now is answered. */
    comeBack(id: string): void {
      const waiting = held.get(id) ?? [];
      held.delete(id);
      for (const response of waiting) response.destroy();
    },
    http: (id: string) =>
      appOf(idp, { clientId: id, redirectUri: `https://${id}.example/callback`, secret: SECRET }),
    async close(): Promise<void> {
      for (const holder of away.values()) holder.close();
      for (const server of servers.values()) {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }
    },
  };
}
