import Router from '@koa/router';
import type { Middleware } from 'koa';
import type { Provider } from 'oidc-provider';
import type { Account } from '../accounts/account.ts';
import { DomainError } from '../core/errors.ts';
import type { AppState } from '../http/state.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { appFacts, type Journey, type JourneyContext } from './journey-routes.ts';
import { whoIs } from './who.ts';

export interface ConsentRoutes {
  readonly journey: Journey;
  readonly grants: Pick<Provider, 'Grant'>;
  readonly accounts: { findById(accountId: string): Promise<Account | null> };
  readonly tenants: { find(tenantId: string): Promise<Tenant | null> };
  readonly guard: Middleware[];
}

/** What the consent prompt says is missing (its `details`). */
interface Missing {
  readonly missingOIDCScope?: readonly string[];
  readonly missingOIDCClaims?: readonly string[];
  readonly missingResourceScopes?: Readonly<Record<string, readonly string[]>>;
}

/** 6 - what the app may know. Apps of the tenant itself (`first_party`) never come here. */
export function consentRoutes({ journey, grants, accounts, tenants, guard }: ConsentRoutes) {
  const router = new Router<AppState>({ prefix: '/sign-in/:uid/consent' });

  async function asked(ctx: JourneyContext) {
    const { details, client } = await journey.interaction(ctx);
    const accountId = details.session?.accountId;
    if (details.prompt.name !== 'consent' || accountId === undefined)
      throw new DomainError('step_out_of_order');
    return { details, client, accountId, missing: details.prompt.details as Missing };
  }

  router.get('/', async (context) => {
    const ctx = context as unknown as JourneyContext;
    const { details, client, accountId, missing } = await asked(ctx);
    const account = await accounts.findById(accountId);
    const tenant = account && (await tenants.find(account.tenantId));
    if (tenant) ctx.state.tenantName = tenant.name;
    const resourceScopes = Object.values(missing.missingResourceScopes ?? {}).flat();
    ctx.state.render('sign-in/consent.njk', {
      who: account ? { ...whoIs(account, details.uid), switchHref: null } : null,
      stepsDone: 2,
      stepsTotal: 2,
      appName: appFacts(client).name,
      scopes: [...(missing.missingOIDCScope ?? []), ...resourceScopes],
      changed: details.grantId !== undefined,
    });
  });

  router.post('/', ...guard, async (context) => {
    const ctx = context as unknown as JourneyContext;
    const { details, client, accountId, missing } = await asked(ctx);
    if (ctx.state.form.action !== 'allow') {
      return journey.refuse(ctx, 'access_denied', 'the person did not allow it');
    }
    const existing = details.grantId === undefined ? undefined : await grants.Grant.find(details.grantId);
    const grant = existing ?? new grants.Grant({ accountId, clientId: client.clientId });
    if (missing.missingOIDCScope) grant.addOIDCScope(missing.missingOIDCScope.join(' '));
    if (missing.missingOIDCClaims) grant.addOIDCClaims([...missing.missingOIDCClaims]);
    for (const [resource, scopes] of Object.entries(missing.missingResourceScopes ?? {})) {
      grant.addResourceScope(resource, scopes.join(' '));
    }
    return journey.consented(ctx, await grant.save());
  });

  return router;
}
