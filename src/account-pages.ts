import type Router from '@koa/router';
import type { Config } from './config.ts';
import type { Clock } from './core/clock.ts';
import type { Csrf } from './http/csrf.ts';
import type { Sessions } from './provider/sessions.ts';
import { createDoor } from './security-settings/door-routes.ts';
import type { Inventory } from './security-settings/my-methods.ts';
import { settingsRoutes } from './security-settings/settings-routes.ts';
import type { Stores } from './stores.ts';

export interface AccountPages {
  readonly config: Pick<Config, 'issuer'>;
  readonly stores: Stores;
  readonly sessions: Sessions;
  readonly csrf: Csrf;
  readonly clock: Clock;
}

/** Wires the pages of a signed-in person about themselves. */
export function accountPages({ config, stores, sessions, csrf, clock }: AccountPages): Router[] {
  const { securityKeys, authenticatorApps } = stores;
  const inventory: Inventory = {
    'security-key': (who) => securityKeys.list(who),
    'authenticator-app': (who) => authenticatorApps.list(who),
  };
  const door = createDoor({ sessions, csrf, issuer: config.issuer, clock });
  return [door.routes(), settingsRoutes({ door, inventory })];
}
