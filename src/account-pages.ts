import type Router from '@koa/router';
import type { Config } from './config.ts';
import { accountKey } from './core/account-ref.ts';
import type { Clock } from './core/clock.ts';
import type { Csrf } from './http/csrf.ts';
import type { Devices } from './http/devices.ts';
import type { Sessions } from './provider/sessions.ts';
import { setUpRoutes } from './second-factor/set-up-routes.ts';
import type { SetUps } from './second-factor/set-ups.ts';
import { accountSetUp, accountSetUpDone } from './security-settings/account-set-up-routes.ts';
import { confirmRoutes } from './security-settings/confirm-routes.ts';
import { createDoor } from './security-settings/door-routes.ts';
import type { Inventory } from './security-settings/my-methods.ts';
import { createProofs, type ProofPorts } from './security-settings/proofs.ts';
import { settingsRoutes } from './security-settings/settings-routes.ts';
import type { Stores } from './stores.ts';

export interface AccountPages {
  readonly config: Pick<Config, 'issuer'>;
  readonly stores: Stores;
  readonly sessions: Sessions;
  readonly setUps: SetUps;
  /** Guess budgets of the methods, shared with sign-ins. */
  readonly limits: {
    readonly reserve: ProofPorts['limits']['guess'];
    readonly waitOf: ProofPorts['limits']['waitOf'];
  };
  readonly csrf: Csrf;
  readonly devices: Devices;
  readonly clock: Clock;
}

/** Wires the pages of a signed-in person about themselves. */
export function accountPages(ports: AccountPages): Router[] {
  const { config, stores, sessions, setUps, limits, csrf, devices, clock } = ports;
  const { accounts, attempts, operations } = stores;
  const inventory: Inventory = {
    'security-key': (who) => stores.securityKeys.list(who),
    'authenticator-app': (who) => stores.authenticatorApps.list(who),
  };
  const proofs = createProofs({
    store: stores.freshProofs,
    methods: stores.methods,
    passwords: stores.passwords,
    limits: {
      reserve: (who) => attempts.reserve('sudo', accountKey(who)),
      guess: limits.reserve,
      waitOf: limits.waitOf,
    },
    audit: operations.audit,
    notifications: operations.notifications,
    clock,
  });
  const door = createDoor({ sessions, csrf, issuer: config.issuer, clock });
  const host = accountSetUp({ door, proofs, sessions, accounts });
  return [
    door.routes(),
    settingsRoutes({ door, inventory }),
    confirmRoutes({ door, proofs, devices }),
    setUpRoutes({ host, setUps, showCode: stores.showRecoveryCode }),
    accountSetUpDone({ door }),
  ];
}
