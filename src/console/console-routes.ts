import Router from '@koa/router';
import type { Middleware } from 'koa';
import type { Action } from '../admin/permissions.ts';
import { DomainError } from '../core/errors.ts';
import type { Csrf } from '../http/csrf.ts';
import { renderErrorPage } from '../http/error-pages.ts';
import { form } from '../http/form.ts';
import type { AppState } from '../http/state.ts';
import { upload } from '../http/upload.ts';
import { CONSOLE_CALLBACK } from '../provider/own-client.ts';
import { goTo } from '../security-settings/door-routes.ts';
import type { Visit } from '../security-settings/visit.ts';
import { announcementPages } from './announcement-pages.ts';
import { agentDeedPages } from './agent-deed-pages.ts';
import { agentPage } from './agent-page.ts';
import { agentPages } from './agent-pages.ts';
import { auditPages } from './audit-pages.ts';
import { bulkRunPages } from './bulk-run-pages.ts';
import { bulkPages } from './bulk-pages.ts';
import { createDeepLinks } from './deep-links.ts';
import { deskOf, type DeskPorts } from './desk.ts';
import type { ConsoleContext, ConsoleDoor } from './door.ts';
import { importPages } from './import-pages.ts';
import { invitePages } from './invite-pages.ts';
import { methodPages } from './method-pages.ts';
import { overviewPages } from './overview-pages.ts';
import type { ConsolePage } from './page.ts';
import { policyPages } from './policy-pages.ts';
import { rescuePages } from './rescue-pages.ts';
import { resetPages } from './reset-pages.ts';
import { settingsPages } from './settings-pages.ts';
import { tenantPages } from './tenant-pages.ts';

/** Every page of the console. One that is not here does not exist, and each says what it stands for. */
export const consolePages: readonly ConsolePage[] = [
  ...overviewPages,
  // Before the pages of one agent: `invite` is no id.
  ...importPages,
  ...invitePages,
  ...agentPages,
  ...rescuePages,
  ...agentPage,
  ...agentDeedPages,
  ...resetPages,
  ...bulkPages,
  ...bulkRunPages,
  ...policyPages,
  ...methodPages,
  ...announcementPages,
  ...settingsPages,
  ...auditPages,
  ...tenantPages,
];

/** The console's pages behind its door: nobody reaches one without a session, two factors and the role for it. */
export function consoleRoutes(ports: {
  readonly door: ConsoleDoor;
  readonly desk: DeskPorts;
  readonly csrf: Csrf;
}): Router<AppState> {
  const { door, csrf } = ports;
  const router = new Router<AppState>();
  const visits = new WeakMap<object, Visit>();
  const links = createDeepLinks(consolePages);

  router.get(CONSOLE_CALLBACK, async (context) => {
    const ctx = context as unknown as ConsoleContext;
    const { state, error } = ctx.query;
    // Never on to sign in again: that could go round for ever.
    if (await door.look(ctx)) return goTo(ctx, links.addressOf(state));
    renderErrorPage(ctx, error === undefined ? 'no-cookies' : 'not-allowed');
  });

  /** @returns false when the request is answered: they have to set something up, which a new sign-in leads to */
  function isOpen(ctx: ConsoleContext, visit: Visit): boolean {
    if (door.holdsMethod(visit)) return true;
    const state = links.stateOf(ctx.path, ctx.querystring);
    renderErrorPage(ctx, 'own-method-missing', { backHref: door.signInAddress(state, { anew: true }) });
    return false;
  }

  /** Before every change: a form of ours, sent by ours, from the very session that it was shown in. */
  const known: Middleware<AppState> = async (context, next) => {
    const ctx = context as unknown as ConsoleContext;
    const visit = await door.look(ctx);
    if (!visit) throw new DomainError('unauthorized');
    if (!isOpen(ctx, visit)) return;
    visits.set(ctx.req, visit);
    return next();
  };

  /** Before a file is read: nobody sends one who may do nothing with it. */
  const allowed =
    (action: Action): Middleware<AppState> =>
    async (context, next) => {
      const visit = visits.get(context.req);
      if (visit) await door.check(visit, action);
      return next();
    };

  for (const { method, path, action, upload: kind, run } of consolePages) {
    const readers = kind ? [known, allowed(action), upload(kind)] : [form, known];
    const guard = (method === 'post' ? [...readers, csrf.middleware] : []) as unknown as Middleware[];
    router[method](`/admin${path}`, ...guard, async (context) => {
      const ctx = context as unknown as ConsoleContext;
      const visit = visits.get(ctx.req) ?? (await door.look(ctx));
      if (!visit) return goTo(ctx, door.signInAddress(links.stateOf(ctx.path, ctx.querystring)));
      if (!isOpen(ctx, visit)) return;
      await door.check(visit, action);
      if (method === 'post') await door.countChange(visit);
      await run(deskOf(ports.desk, door, visit), ctx);
    });
  }
  return router;
}
