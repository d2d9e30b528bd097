import type { EventEmitter } from 'node:events';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import type Router from '@koa/router';
import type { Provider } from 'oidc-provider';
import { accountPages } from './security-settings/wiring.ts';
import { resetLinkRoutes } from './admin/reset-link-routes.ts';
import { createAdmin } from './admin/wiring.ts';
import { createConsoleDoor } from './console/door.ts';
import { consoleRoutes } from './console/console-routes.ts';
import { api } from './api/wiring.ts';
import { loadAssets } from './http/assets.ts';
import { brandRoutes } from './http/brand-routes.ts';
import { requestContext } from './http/context.ts';
import { createCsrf } from './http/csrf.ts';
import type { DevelopmentPages } from './http/development-pages.ts';
import { createDevices } from './http/devices.ts';
import { errorPages } from './http/error-pages.ts';
import { ownHostOnly } from './http/host.ts';
import { requestLog } from './http/log.ts';
import { pageRoutes } from './http/page-routes.ts';
import { providerPages } from './provider/provider-pages.ts';
import { queryLimit } from './http/query-limit.ts';
import { createRenderer } from './http/render.ts';
import { narrowed } from './http/narrowed.ts';
import { mountRows } from './http/rows.ts';
import { securityHeaders } from './http/security-headers.ts';
import { wellKnownRoutes } from './http/well-known-routes.ts';
import { UndeliverableError } from './outbox/jobs.ts';
import { createAccountCommit } from './accounts/commit.ts';
import { addressees } from './addressees.ts';
import { mailLinkPages } from './mail-links/wiring.ts';
import { mailboxRoutes } from './notifications/mailbox-routes.ts';
import { keepAuditTrail } from './provider/audit-trail.ts';
import { createProvider } from './provider/provider.ts';
import { createSessions } from './provider/sessions.ts';
import { createSwappableProvider } from './provider/swap.ts';
import { setUpRoutes } from './set-up/set-up-routes.ts';
import { createSetUpParts } from './set-up/wiring.ts';
import { createSignInParts } from './sign-in/wiring.ts';
import { createLivePlaces } from './security-settings/live-places.ts';
import { consentRows } from './sign-in/consent-routes.ts';
import {
  createJourney,
  interactionDoor,
  journeyRows,
  passwordFirst,
  signInDoor,
} from './sign-in/journey-routes.ts';
import { leadCodeRows } from './sign-in/lead-code-routes.ts';
import { noticeRows, switchRows } from './sign-in/notice-routes.ts';
import { owedMethodRows } from './sign-in/owed-method-routes.ts';
import { passwordRows } from './sign-in/password-routes.ts';
import { secondFactorRows } from './sign-in/second-factor-routes.ts';
import { setUpDoneRows, signInSetUp } from './sign-in/set-up-routes.ts';
import { recoveryRows, removalPages } from './sign-in/pages-wiring.ts';
import { isDatabaseAway } from './storage/database.ts';
import { createSignOuts, logoutQueue } from './sign-outs.ts';
import { openStores, type Foundation } from './stores.ts';

const ROOT = join(import.meta.dirname, '..');

export type App = Awaited<ReturnType<typeof createApp>>;

/** Everything wired, in the order of a sign-in. Does not listen yet. */
export async function createApp(foundation: Foundation, development?: DevelopmentPages) {
  const { config, keys, clock, log } = foundation;
  const stores = await openStores(foundation);
  const { accounts, tenants, operations } = stores;
  const { audit, metrics } = operations;

  const csrf = createCsrf({ key: keys.csrf, origin: config.issuer.origin });
  const assets = loadAssets(join(ROOT, 'views/assets/build'));
  const renderer = createRenderer({
    viewsDir: join(ROOT, 'views'),
    assets,
    csrfToken: csrf.token,
    reload: config.mode === 'development',
  });
  const devices = createDevices({ key: keys.device, secure: config.issuer.protocol === 'https:', clock });
  const signInParts = createSignInParts({ ...foundation, stores });
  const { find, limits, signIns, judge } = signInParts;

  const queueLogout = logoutQueue({ accounts, clients: stores.clients, outbox: operations.outbox });
  const people = { accounts, tenants };
  const sessions = createSessions({
    provider: () => swappable.current(),
    store: stores.provider,
    people,
    clock,
  });
  const signOuts = createSignOuts({ sessions, outbox: operations.outbox, owe: queueLogout, clock });
  const { notifications } = operations;
  const commit = createAccountCommit({ accounts, sessions: signOuts, audit, notifications, clock });
  const { newLists, ...setUpParts } = createSetUpParts({ stores, commit, clock });
  const livePlaces = createLivePlaces({
    sessions,
    async appName(clientId) {
      const client = await stores.clients.find(clientId);
      return client && (client.metadata.client_name ?? clientId);
    },
    clock,
  });
  const admin = createAdmin({ stores, commit, livePlaces, signOuts, owe: queueLogout, clock, log });

  function mount(provider: Provider): void {
    const onTrouble = (err: unknown) => log.error({ err }, 'an event of the provider was not recorded');
    keepAuditTrail(provider, { audit, accounts, grants: stores.provider, onTrouble });
    // Koa would print it, with everything that is in it.
    (provider as EventEmitter).on('error', (err) => log.warn({ err }, 'an answer broke off'));
    const journey = createJourney({ provider, signIns, devices, finished: signInParts.finished });
    const setUpPages = { ...setUpParts, showCode: stores.showRecoveryCode };
    const { passPassword, secondFactor, setUpStep, leadCode, skip } = signInParts;
    const inSignIn = { journey, step: setUpStep, signIns, clock };

    const middlewares = [
      requestLog({ log, count: (request) => metrics.request(request) }),
      requestContext({ trustedProxies: config.trustedProxies, renderer }),
      errorPages({ isDatabaseAway }),
      ...securityHeaders({ https: config.issuer.protocol === 'https:' }),
      ownHostOnly(config.issuer),
      queryLimit,
      assets.middleware,
    ];
    for (const middleware of middlewares) provider.use(middleware);

    const mailLinks = mailLinkPages({
      ...foundation,
      stores,
      commit,
      journey,
      findTenant: find,
      devices,
      csrf,
      forgive: limits.newPassword,
    });

    const signInRows = [
      ...passwordRows({ journey, passPassword, findTenant: find, devices }),
      ...secondFactorRows({ journey, signIns, secondFactor }),
      ...setUpDoneRows(inSignIn),
      ...leadCodeRows({ journey, leadCode }),
      ...owedMethodRows({ journey, signIns, skip, clock }),
      ...noticeRows({ journey, signIns }),
      ...recoveryRows({
        stores,
        commit,
        newLists,
        signIns,
        journey,
        forgive: limits.newPasswordProved,
        clock,
      }),
      ...mailLinks.signInRows,
    ];
    const interactionRows = [
      ...journeyRows(journey),
      ...switchRows(journey),
      ...consentRows({ journey, grants: provider, accounts, tenants, audit }),
    ];

    const routers = [
      mountRows({ door: interactionDoor(journey), rows: interactionRows, csrf }),
      mountRows({ door: signInDoor(journey), rows: signInRows, csrf }),
      ...setUpRoutes({ host: signInSetUp(inSignIn), ...setUpPages }, csrf),
      removalPages(stores),
      ...mailLinks.routers,
      ...accountPages({
        ...foundation,
        stores,
        sessions,
        signOuts,
        commit,
        newLists,
        setUpPages,
        judge,
        livePlaces,
        limits: {
          ...limits.secondFactor,
          password: limits.password.proof,
          forgive: limits.newPasswordProved,
        },
        csrf,
        devices,
      }),
      ...consoleRoutes({
        door: createConsoleDoor({
          sessions,
          proofs: stores.freshProofs,
          audit,
          countChange: admin.countChange,
          issuer: config.issuer,
          clock,
        }),
        desk: {
          ...admin,
          roster: stores.roster,
          accounts,
          search: operations.search,
          typedForms: stores.typedForms,
          inventory: stores.inventory,
        },
        csrf,
      }),
      ...resetLinkRoutes({ resets: admin.resets, csrf, secure: config.issuer.protocol === 'https:' }),
      api({ issuer: config.issuer, stores, admin, provider: () => provider, clock }),
      pageRoutes(tenants),
      brandRoutes(development?.brands(stores) ?? stores),
      wellKnownRoutes({ issuer: config.issuer, clock }),
      ...(development ? [development.routes()] : []),
      ...(operations.mailbox ? [mailboxRoutes({ mailbox: operations.mailbox })] : []),
    ] as Router[];
    provider.use(passwordFirst);
    for (const router of routers) provider.use(narrowed(router));
  }

  const swappable = createSwappableProvider(
    createProvider({
      config,
      keys,
      store: stores.provider,
      people,
      pages: providerPages(isDatabaseAway, people),
      clock,
      mount,
      owe: queueLogout,
    }),
  );

  operations.start({
    findAddressee: addressees({ accounts, tenants }),
    handlers: {
      async 'logout-token'({ payload }) {
        if (!(await sessions.sendLogoutToken(payload)))
          throw new UndeliverableError('the app does not listen');
      },
      async 'clean-up'({ payload: { accountId } }) {
        const owed = await sessions.endDead(accountId);
        await Promise.all(owed.map(queueLogout));
      },
      'policy-announcement': ({ tenantId, payload }) => admin.announcement.step(tenantId, payload),
      'policy-clean-up': ({ tenantId, payload }) => admin.cleanUp.step(tenantId, payload),
      'two-factor-reset': ({ payload }) => admin.resets.due(payload.resetId),
      'invite-many': ({ payload }) => admin.imports.step(payload),
      'bulk-step': ({ payload }) => admin.bulkRuns.step(payload),
    },
  });
  admin.start();

  return {
    stores,
    sessions,
    admin,
    /** The instance that answers now. */
    provider: swappable.current,
    callback: (): RequestListener => swappable.handle,
    async close() {
      await admin.stop();
      await operations.stop();
    },
  };
}
