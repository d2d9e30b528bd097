import type { Provider } from 'oidc-provider';
import type { Account } from '../accounts/account.ts';
import type { Audit } from '../audit/audit.ts';
import { refOf } from '../core/account-ref.ts';
import { DomainError } from '../core/errors.ts';
import type { Row } from '../http/rows.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { appFacts, type Interaction, type Journey, type JourneyContext } from './journey-routes.ts';
import { whoIs } from './who.ts';

export interface ConsentRoutes {
  readonly journey: Journey;
  readonly grants: Pick<Provider, 'Grant'>;
  readonly accounts: { findById(accountId: string): Promise<Account | null> };
  readonly tenants: { find(tenantId: string): Promise<Tenant | null> };
  readonly audit: Audit;
}

/** What the consent prompt says is missing (its `details`). */
interface Missing {
  readonly missingOIDCScope?: readonly string[];
  readonly missingOIDCClaims?: readonly string[];
  readonly missingResourceScopes?: Readonly<Record<string, readonly string[]>>;
}

interface Decision {
  readonly allows: boolean;
  readonly client: string;
  readonly scopes: readonly string[];
}

const scopesOf = (missing: Missing): string[] => [
  ...(missing.missingOIDCScope ?? []),
  ...Object.values(missing.missingResourceScopes ?? {}).flat(),
];

/** What the app may know. Apps of the tenant itself (`first_party`) never come here. */
export function consentRows(ports: ConsentRoutes): Row<Interaction>[] {
  const { journey, grants, accounts, tenants, audit } = ports;

  function asked({ details, client }: Interaction) {
    const accountId = details.session?.accountId;
    if (details.prompt.name !== 'consent' || accountId === undefined)
      throw new DomainError('step_out_of_order');
    return { details, client, accountId, missing: details.prompt.details as Missing };
  }

  async function note(ctx: JourneyContext, accountId: string, what: Decision): Promise<void> {
    const account = await accounts.findById(accountId);
    if (!account) throw new DomainError('sign_in_expired');
    const { allows, ...details } = what;
    await audit.record({
      event: allows ? 'consent_given' : 'consent_refused',
      tenantId: account.tenantId,
      actor: refOf(account),
      subject: refOf(account),
      result: allows ? 'ok' : 'refused',
      details,
      reference: ctx.state.reference,
      source: ctx.state.source,
    });
  }

  async function ask(interaction: Interaction, ctx: JourneyContext) {
    const { details, client, accountId, missing } = asked(interaction);
    const account = await accounts.findById(accountId);
    const tenant = account && (await tenants.find(account.tenantId));
    if (tenant) ctx.state.tenant = tenant;
    ctx.state.render('sign-in/consent.njk', {
      who: account ? { ...whoIs(account, details.uid), switchHref: null } : null,
      stepsDone: 2,
      stepsTotal: 2,
      appName: appFacts(client).name,
      scopes: scopesOf(missing),
      changed: details.grantId !== undefined,
    });
  }

  async function decide(interaction: Interaction, ctx: JourneyContext) {
    const { details, client, accountId, missing } = asked(interaction);
    const allows = ctx.state.form.action === 'allow';
    await note(ctx, accountId, { allows, client: client.clientId, scopes: scopesOf(missing) });
    if (!allows) {
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
  }

  return [
    { method: 'get', path: '/consent', run: ask },
    { method: 'post', path: '/consent', run: decide },
  ];
}
