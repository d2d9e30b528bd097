import type { KoaContextWithOIDC } from 'oidc-provider';
import { clientFacts } from './client-facts.ts';
import { LIFETIMES } from './lifetimes.ts';
import { signedIn } from './people.ts';

type Grant = InstanceType<KoaContextWithOIDC['oidc']['provider']['Grant']>;

/** Adds what an app of the house may know without asking. @returns whether anything was added */
function allowEverything(ctx: KoaContextWithOIDC, grant: Grant): boolean {
  const { oidc } = ctx;
  const before = JSON.stringify([grant.openid, grant.resources]);
  const known = new Set(grant.getOIDCScope().split(' '));
  const scopes = [...oidc.requestParamOIDCScopes].filter((scope) => !known.has(scope));
  if (scopes.length > 0) grant.addOIDCScope(scopes.join(' '));
  if (oidc.requestParamClaims.size > 0) grant.addOIDCClaims([...oidc.requestParamClaims]);
  for (const [resource, { scope }] of Object.entries(oidc.resourceServers ?? {})) {
    const available = new Set(scope.split(' '));
    const asked = [...oidc.requestParamScopes].filter((one) => available.has(one));
    if (asked.length > 0) grant.addResourceScope(resource, asked.join(' '));
  }
  return JSON.stringify([grant.openid, grant.resources]) !== before;
}

/**
 * oidc-provider's `loadExistingGrant`: what this client was allowed in this session. Apps of the house (`first_party`)
 * get what they ask for; a grant near its end is renewed, because it must outlive every token made from it.
 */
export async function loadExistingGrant(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { oidc } = ctx;
  const { client, session, provider } = oidc;
  const person = signedIn(ctx);
  if (!client || !session || !person) return undefined;
  const { firstParty, tenantId } = clientFacts(client);
  const result = (oidc as unknown as { result?: { consent?: { grantId?: string } } }).result;
  const grantId = result?.consent?.grantId ?? session.grantIdFor(client.clientId);
  // A grant can be gone (sign-out everywhere, reuse of a refresh token) while its session still names it.
  const found = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const { accountId } = person;
  const usable = found?.accountId === accountId && found.clientId === client.clientId ? found : undefined;
  if (!firstParty || (tenantId !== null && tenantId !== person.account.tenantId)) {
    if (usable && usable.remainingTTL < LIFETIMES.grantRenewal) await renew(usable);
    return usable;
  }
  const grant = usable ?? new provider.Grant({ accountId, clientId: client.clientId });
  const changed = allowEverything(ctx, grant);
  if (usable && usable.remainingTTL < LIFETIMES.grantRenewal) await renew(usable);
  else if (changed || !usable) await grant.save();
  return grant;
}

async function renew(grant: Grant): Promise<void> {
  (grant as { exp: number | undefined }).exp = undefined;
  await grant.save();
}
