import Router from '@koa/router';
import type { Account } from '../accounts/account.ts';
import type { AccountCommit } from '../accounts/commit.ts';
import type { Config } from '../config.ts';
import { accountKey } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import type { Csrf } from '../http/csrf.ts';
import type { Devices } from '../http/devices.ts';
import { mountRows } from '../http/rows.ts';
import type { AppState } from '../http/state.ts';
import { homeOf } from '../provider/clients.ts';
import type { Sessions } from '../provider/sessions.ts';
import type { NewLists } from '../second-factor/new-lists.ts';
import type { SetUpPages, SetUpPlace } from '../set-up/host-routes.ts';
import { setUpRoutes } from '../set-up/set-up-routes.ts';
import { accountDoor } from './account-routes.ts';
import { activityRows } from './activity-routes.ts';
import { accountSetUp, accountSetUpDone } from './account-set-up-routes.ts';
import { confirmRows } from './confirm-routes.ts';
import { createCommit } from './changes.ts';
import { createDoor } from './door-routes.ts';
import { createMethodChanges } from './method-changes.ts';
import { methodRows } from './method-routes.ts';
import type { Inventory } from './my-methods.ts';
import { createNewCodes } from './new-codes.ts';
import { newCodesRows } from './new-codes-routes.ts';
import { createPasswordChange } from './password-change.ts';
import { createNotMe } from './not-me.ts';
import { mountNotMeDone, notMeRows } from './not-me-routes.ts';
import { passwordRows } from './password-routes.ts';
import { placeRows } from './place-routes.ts';
import { createPlaces } from './places.ts';
import { createProofs, type ProofPorts } from './proofs.ts';
import { createRenewal } from './renewal-routes.ts';
import { settingsRows, type SettingsRoutes } from './settings-routes.ts';
import type { LivePlaces } from './live-places.ts';
import type { Judge } from '../second-factor/judge.ts';
import type { SignOuts } from '../sign-outs.ts';
import type { Stores } from '../stores.ts';

export interface AccountPages {
  readonly config: Pick<Config, 'issuer'>;
  readonly stores: Stores;
  readonly sessions: Sessions;
  readonly setUpPages: Omit<SetUpPages<unknown, SetUpPlace>, 'host'>;
  readonly livePlaces: LivePlaces;
  /** Guess budgets of the methods, shared with sign-ins. */
  readonly limits: {
    readonly reserve: ProofPorts['limits']['guess'];
    readonly waitOf: ProofPorts['limits']['waitOf'];
    readonly password: ProofPorts['limits']['password'];
    readonly forgive: (account: Account) => Promise<void>;
  };
  readonly judge: Judge;
  readonly signOuts: SignOuts;
  readonly commit: AccountCommit;
  readonly newLists: NewLists;
  readonly csrf: Csrf;
  readonly devices: Devices;
  readonly clock: Clock;
}

/** Where people go on after what they came for: to an address that the app is registered with, never one of a request. */
function appsLeft({ freshProofs, clients }: Stores, clock: Clock): SettingsRoutes['appLeft'] {
  return async ({ sessionKey, tenant: { tenantId } }) => {
    const clientId = await freshProofs.cameFrom(sessionKey, clock());
    const client = clientId === null ? null : await clients.find(clientId);
    if (!client || (client.tenantId !== null && client.tenantId !== tenantId)) return null;
    const { client_name, initiate_login_uri, client_uri, redirect_uris } = client.metadata;
    const href = homeOf({
      initiateLoginUri: initiate_login_uri,
      clientUri: client_uri,
      redirectUri: redirect_uris?.[0],
    });
    return href === null ? null : { name: client_name ?? client.clientId, href };
  };
}

/** Wires the pages of a signed-in person about themselves. */
export function accountPages(ports: AccountPages): Router[] {
  const { config, stores, signOuts, limits, csrf, devices, clock } = ports;
  const { accounts, attempts, operations } = stores;
  const inventory: Inventory = stores.inventory;
  const named = stores.enrolments.filter(({ asksName }) => asksName).map(({ id }) => id);
  const proofs = createProofs({
    store: stores.freshProofs,
    methods: stores.methods,
    passwords: stores.passwords,
    limits: {
      reserve: (who) => attempts.reserve('sudo', accountKey(who)),
      guess: limits.reserve,
      waitOf: limits.waitOf,
      password: limits.password,
    },
    judge: ports.judge,
    audit: operations.audit,
    clock,
  });
  const sessions = createRenewal({ sessions: ports.sessions, store: stores.freshProofs });
  const door = createDoor({ sessions: ports.sessions, issuer: config.issuer, clock });
  const commit = createCommit({ commit: ports.commit, store: stores.freshProofs });
  const changes = createMethodChanges({
    commit,
    enrolments: stores.enrolments,
    inventory,
    tenants: stores.tenants,
    clock,
  });
  const newCodes = createNewCodes({ lists: ports.newLists, commit, clock });
  const places = createPlaces({
    live: ports.livePlaces,
    end: signOuts.end,
    commit,
    audit: operations.audit,
  });
  const passwordChange = createPasswordChange({
    commit,
    proofs,
    passwords: stores.passwords,
    forgive: limits.forgive,
    clock,
  });
  const host = accountSetUp({ enter: door.enter, proofs, sessions, accounts });
  const rows = [
    ...settingsRows({ inventory, places, named, appLeft: appsLeft(stores, clock), clock }),
    ...confirmRows({ door, proofs, devices, sessions }),
    ...accountSetUpDone(),
    ...methodRows({ methods: changes, sessions }),
    ...newCodesRows({ newCodes, sessions, showCode: stores.showRecoveryCode }),
    ...passwordRows({ passwordChange, sessions }),
    ...placeRows({ places, sessions }),
    ...notMeRows(createNotMe({ commit, clock })),
    ...activityRows(operations.search),
  ];
  // For whoever comes from a sign-in, or from the end of the session: they are let in without one.
  const open = new Router<AppState>();
  door.mount(open);
  mountNotMeDone(open);
  return [
    open,
    ...setUpRoutes({ host, ...ports.setUpPages }, csrf),
    mountRows({ door: accountDoor({ enter: door.enter, proofs }), rows, csrf }),
  ];
}
