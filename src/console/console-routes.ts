import Router from '@koa/router';
import { DomainError } from '../core/errors.ts';
import type { Csrf } from '../http/csrf.ts';
import { renderErrorPage } from '../http/error-pages.ts';
import { mountRows, type Door } from '../http/rows.ts';
import type { AppState } from '../http/state.ts';
import { CONSOLE_CALLBACK } from '../provider/own-client.ts';
import { goTo } from '../http/go-to.ts';
import { announcementPages } from './announcement-pages.ts';
import { agentDeedPages } from './agent-deed-pages.ts';
import { agentPage } from './agent-page.ts';
import { agentPages } from './agent-pages.ts';
import { auditPages } from './audit-pages.ts';
import { bulkRunPages } from './bulk-run-pages.ts';
import { bulkPages } from './bulk-pages.ts';
import { createDeepLinks, type DeepLinks } from './deep-links.ts';
import { deskOf, type Desk, type DeskPorts } from './desk.ts';
import type { ConsoleContext, ConsoleDoor } from './door.ts';
import { importPages } from './import-pages.ts';
import { invitePages } from './invite-pages.ts';
import { methodPages } from './method-pages.ts';
import { overviewPages } from './overview-pages.ts';
import { isProved, type ConsolePage } from './page.ts';
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

interface ConsoleRoutes {
  readonly door: ConsoleDoor;
  readonly desk: DeskPorts;
  readonly csrf: Csrf;
}

/** The console's pages behind its door: nobody reaches one without a session, two factors and the role for it. */
function consoleDoor({ door, desk }: ConsoleRoutes, links: DeepLinks): Door<Desk, Desk, ConsolePage> {
  return {
    prefix: '/admin',

    async enter(ctx) {
      const visit = await door.look(ctx);
      const state = links.stateOf(ctx.path, ctx.querystring);
      if (visit && door.holdsMethod(visit)) return deskOf(desk, door, visit);
      if (!visit && ctx.method === 'POST') throw new DomainError('unauthorized');
      if (!visit) goTo(ctx, door.signInAddress(state));
      // They have to set something up, which a new sign-in leads to.
      else
        renderErrorPage(ctx, 'own-method-missing', { backHref: door.signInAddress(state, { anew: true }) });
      return null;
    },

    async allow(known, { action, about }, ctx) {
      await door.check(known.visit, action);
      if (about === undefined) return known;
      const agent = await known.people.find(ctx.params.agent ?? '');
      await known.people.demand(action, agent);
      return { ...known, agent };
    },

    async prove(known, { goal, keeps }, ctx) {
      const wanted = goal ? await goal(known, ctx) : null;
      if (wanted === null) return known;
      if (typeof wanted !== 'string') return (await isProved(known, ctx, wanted, keeps)) ? known : null;
      goTo(ctx, wanted);
      return null;
    },

    count: ({ visit }) => door.countChange(visit),
  };
}

export function consoleRoutes(ports: ConsoleRoutes): Router<AppState>[] {
  const { door, csrf } = ports;
  const links = createDeepLinks(consolePages);
  const callback = new Router<AppState>();

  callback.get(CONSOLE_CALLBACK, async (context) => {
    const ctx = context as unknown as ConsoleContext;
    const { state, error } = ctx.query;
    // Never on to sign in again: that could go round for ever.
    if (await door.look(ctx)) return goTo(ctx, links.addressOf(state));
    renderErrorPage(ctx, error === undefined ? 'no-cookies' : 'not-allowed');
  });

  return [callback, mountRows({ door: consoleDoor(ports, links), rows: consolePages, csrf })];
}
