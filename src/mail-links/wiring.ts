import type Router from '@koa/router';
import { normaliseEmail, type Account } from '../accounts/account.ts';
import type { AccountCommit } from '../accounts/commit.ts';
import type { Config } from '../config.ts';
import { refOf } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { systemRandom } from '../core/random.ts';
import type { Csrf } from '../http/csrf.ts';
import type { Row } from '../http/rows.ts';
import type { Devices } from '../http/devices.ts';
import { forgotRoutes } from './forgot-routes.ts';
import { createInvitationLinks } from './invitation-links.ts';
import { invitationRoutes } from './invitation-routes.ts';
import { linkRoutes } from './link-routes.ts';
import { createMailLinks, LINK_MINUTES } from './mail-links.ts';
import { createPasswordReset } from './password-reset.ts';
import { OWN_CALLBACK, OWN_CLIENT_ID, ownSignInAddress } from '../provider/own-client.ts';
import { confirmBrowserRows } from '../sign-in/confirm-browser-routes.ts';
import type { SignInRequest } from '../sign-in/sign-in.ts';
import type { Journey } from '../sign-in/journey-routes.ts';
import type { Stores } from '../stores.ts';
import type { TenantHints } from '../tenants/find-tenant.ts';
import type { Tenant } from '../tenants/tenant.ts';

export interface MailLinkPages {
  readonly config: Pick<Config, 'issuer'>;
  readonly stores: Stores;
  readonly commit: AccountCommit;
  readonly journey: Journey;
  readonly findTenant: (hints: TenantHints) => Promise<Tenant | null>;
  readonly devices: Devices;
  readonly csrf: Csrf;
  /** Forgets wrong guesses of somebody. */
  readonly forgive: (account: Account) => Promise<void>;
  readonly clock: Clock;
}

/** Wires what is done by a mailed link: a forgotten password, a browser that becomes known, an invitation. */
export function mailLinkPages(ports: MailLinkPages): { routers: Router[]; signInRows: Row<SignInRequest>[] } {
  const { config, stores, commit, journey, findTenant, devices, csrf, clock } = ports;
  const { accounts, tenants, attempts, operations } = stores;
  const { audit, notifications } = operations;
  const store = stores.mailLinks;
  const links = createMailLinks({
    store,
    accounts,
    tenants,
    attempts,
    notifications,
    audit,
    clock,
    random: systemRandom,
  });
  const reset = createPasswordReset({
    store,
    commit,
    passwords: stores.passwords,
    forgive: ports.forgive,
    clock,
  });
  const invitations = createInvitationLinks({
    store,
    accounts,
    commit,
    tenants,
    passwords: stores.passwords,
    clock,
  });
  const secure = config.issuer.protocol === 'https:';
  const ownPages = { clientId: OWN_CLIENT_ID, callback: OWN_CALLBACK };
  const routers = [
    ...invitationRoutes({
      links: invitations,
      signInAddress: (who) => ownSignInAddress(ownPages, config.issuer, 'security', { whose: who }),
      csrf,
      secure,
    }),
    forgotRoutes({ links, findTenant, devices, csrf }),
    ...linkRoutes({
      links,
      reset,
      async confirmBrowser({ link, account }, at) {
        if (!(await store.take(link.digest))) return false;
        const who = refOf(account);
        const { tenantId } = who;
        await audit.record({
          event: 'browser_confirmed',
          tenantId,
          actor: who,
          subject: who,
          result: 'ok',
          ...at,
        });
        return true;
      },
      devices,
      csrf,
      secure,
      clock,
    }),
  ];
  const signInRows = confirmBrowserRows({
    journey,
    findTenant,
    devices,
    mailLink(to, by) {
      const known = by.knownAccounts.includes(`${to.tenantId}/${normaliseEmail(to.email)}`);
      return links.ask({ purpose: 'confirm-browser', ...to, known, by });
    },
    minutes: LINK_MINUTES['confirm-browser'],
  });
  return { routers, signInRows };
}
