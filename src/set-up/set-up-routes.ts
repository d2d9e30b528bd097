import type Router from '@koa/router';
import type { Csrf } from '../http/csrf.ts';
import { mountRows, type Row } from '../http/rows.ts';
import type { AppState } from '../http/state.ts';
import { codeRows } from './code-routes.ts';
import { behindCode, emailRows } from './email-routes.ts';
import { goOn, type SetUpPages, type SetUpPlace } from './host-routes.ts';
import { methodRows } from './method-routes.ts';

/** The pages of a set-up: mailed code, recovery codes, choice, proof, name. They are the same wherever they are part of. */
export function setUpRoutes<Known, P extends SetUpPlace>(
  pages: SetUpPages<Known, P>,
  csrf: Pick<Csrf, 'middleware'>,
): Router<AppState>[] {
  const { host, setUps } = pages;
  const open: Row<P>[] = [
    { method: 'get', path: '', run: (place, ctx) => host.showStart(ctx, place) },
    ...emailRows(pages),
  ];
  const behind: Row<P>[] = [
    {
      method: 'post',
      path: '',
      run: async (place, ctx) => goOn(ctx, place, await setUps.start(place.whose, place.by)),
    },
    ...codeRows(pages),
    ...methodRows(pages),
  ];
  return [
    mountRows({ door: host, rows: open, csrf }),
    mountRows({ door: behindCode(pages), rows: behind, csrf }),
  ];
}
