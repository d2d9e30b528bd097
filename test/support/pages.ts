import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Koa, { type Middleware } from 'koa';
import { pino, type DestinationStream } from 'pino';
import { loadAssets } from '../../src/http/assets.ts';
import { brandRoutes } from '../../src/http/brand-routes.ts';
import { requestContext } from '../../src/http/context.ts';
import { createCsrf } from '../../src/http/csrf.ts';
import { errorPages } from '../../src/http/error-pages.ts';
import { withGalleryBrand } from '../gallery/brand-states.ts';
import { galleryRoutes } from '../gallery/gallery-routes.ts';
import { ownHostOnly } from '../../src/http/host.ts';
import { queryLimit } from '../../src/http/query-limit.ts';
import { requestLog } from '../../src/http/log.ts';
import { pageRoutes } from '../../src/http/page-routes.ts';
import { createRenderer, type Renderer } from '../../src/http/render.ts';
import { securityHeaders } from '../../src/http/security-headers.ts';
import type { AppState } from '../../src/http/state.ts';
import { wellKnownRoutes } from '../../src/http/well-known-routes.ts';
import { buildAssets } from '../../tools/build-assets.ts';

export const VIEWS = join(import.meta.dirname, '../../views');

/** Renders as the server does, with a token that a test can recognise. */
export async function testRenderer(): Promise<Renderer> {
  const assets = loadAssets(await buildAssets());
  return createRenderer({ viewsDir: VIEWS, assets, csrfToken: (binding) => `token-of-${binding}` });
}

export interface Pages {
  readonly origin: string;
  readonly csrf: ReturnType<typeof createCsrf>;
  close(): Promise<void>;
}

/** What a test puts between our middleware and the 404: routes of its own. */
export type Mount = (csrf: ReturnType<typeof createCsrf>) => Middleware<AppState>[];

/** A thing that a test throws to play a database that is away. */
export class DatabaseAway extends Error {}

/**
 * Our middleware in the order of `src/app.ts`, without provider and database, on a free port of localhost.
 * @param https pretends that the issuer is https, for the headers that depend on it
 */
export async function startPages(
  options: { mount?: Mount; https?: boolean; log?: DestinationStream; trustedProxies?: number } = {},
): Promise<Pages> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  const issuer = new URL(`http://localhost:${port}`);
  const csrf = createCsrf({ key: Buffer.alloc(32, 7), origin: issuer.origin });
  const assets = loadAssets(await buildAssets());
  const renderer = createRenderer({ viewsDir: VIEWS, assets, csrfToken: csrf.token });
  const log = options.log ? pino({ level: 'info' }, options.log) : pino({ level: 'silent' });

  const nothing = { find: async () => null };
  const brands = withGalleryBrand({ tenants: nothing, logos: nothing });

  const app = new Koa<AppState>();
  // Who breaks off on purpose is no news.
  app.silent = true;
  const chain = [
    requestLog({ log }),
    requestContext({ trustedProxies: options.trustedProxies ?? 0, renderer }),
    errorPages({ isDatabaseAway: (error) => error instanceof DatabaseAway }),
    ...securityHeaders({ https: options.https ?? false }),
    ownHostOnly(issuer),
    queryLimit,
    assets.middleware,
    ...(options.mount?.(csrf) ?? []),
    galleryRoutes().routes(),
    pageRoutes(brands.tenants).routes(),
    brandRoutes(brands).routes(),
    wellKnownRoutes({ issuer, clock: () => new Date('2026-11-24T09:12:00Z') }).routes(),
  ];
  for (const middleware of chain) app.use(middleware as Middleware<AppState>);
  const handle = app.callback();
  server.on('request', (req, res) => void handle(req, res));
  return {
    origin: issuer.origin,
    csrf,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
