import type Router from '@koa/router';
import type { Idp } from './idp.ts';

export interface MountedRoute {
  /** In lower case, such as `get`. */
  readonly method: string;
  /** As the router knows it, such as `/admin/agents/:agent`. */
  readonly path: string;
}

/** Every route of Stile's own below `prefix`, read from the app that runs: what is not mounted is not there, and what is, is here. */
export function mountedRoutes({ app }: Pick<Idp, 'app'>, prefix: string): MountedRoute[] {
  const { middleware } = app.provider() as unknown as { middleware: { router?: Router }[] };
  const all = middleware.flatMap(({ router }) =>
    (router?.stack ?? []).flatMap(({ methods, path }) =>
      methods.map((method) => ({ method, path: String(path) })),
    ),
  );
  const below = all.filter(({ path }) => path === prefix || path.startsWith(`${prefix}/`));
  return below
    .filter(({ method }) => method !== 'HEAD')
    .map(({ method, path }) => ({ method: method.toLowerCase(), path }));
}
