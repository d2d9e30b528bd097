import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { deskRoutes } from './desk-routes.ts';
import { DeskSessions } from './desk-sessions.ts';
import { LogoutReceiver } from './logout-receiver.ts';
import type { LogoutToken } from './logout-tokens.ts';
import { createPages } from './pages.ts';
import { RelyingParty } from './relying-party.ts';
import { problemPages, securityHeaders } from './web.ts';

export interface ContactDeskOptions {
  /** Address of Stile, as in its discovery document. */
  readonly issuer: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly clientId: string;
  /** Absent for a public client. */
  readonly clientSecret?: string | undefined;
  /** The only address of this machine to listen on; all when absent. */
  readonly host?: string | undefined;
  /** Where browsers find the desk; `http://localhost:PORT` when absent. */
  readonly url?: string | undefined;
  readonly now?: () => Date;
}

export interface ContactDesk {
  readonly url: string;
  /** Every logout token that Stile sent and the desk accepted, oldest first. */
  readonly receivedLogoutTokens: readonly LogoutToken[];
  close(): Promise<void>;
}

/**
 * Starts the sample app. It is registered at Stile with the redirect address `/callback`, the address `/signed-out` for
 * after a sign-out, and `/backchannel-logout` for logout tokens. Stile may come up later.
 */
export async function startContactDesk(options: ContactDeskOptions): Promise<ContactDesk> {
  const { clientId, clientSecret, now = () => new Date() } = options;
  const app = new Koa();
  const server = createServer();
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const url = new URL(options.url ?? `http://localhost:${port}`);
  const issuer = new URL(options.issuer);
  const sessions = new DeskSessions(now);
  const stile = new RelyingParty({
    issuer,
    clientId,
    clientSecret,
    redirectUri: new URL('/callback', url).href,
    postLogoutRedirectUri: new URL('/signed-out', url).href,
    now,
  });
  const pages = createPages({ issuer, now });
  const receiver = new LogoutReceiver({ stile, sessions });

  app.use(securityHeaders({ issuer, url }));
  app.use(problemPages(pages));
  app.use(receiver.routes());
  app.use(deskRoutes({ stile, sessions, pages, url }));
  const answer = app.callback();
  server.on('request', (request, response) => void answer(request, response));

  return {
    url: url.href.replace(/\/$/, ''),
    receivedLogoutTokens: receiver.received,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
