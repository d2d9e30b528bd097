import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import { isRescued } from '../core/assurance.ts';
import { signInClaims } from './claims.ts';
import { admits, clientFacts, type ProviderClient } from './client-facts.ts';
import { LIFETIMES } from './lifetimes.ts';
import { credentialOf, type createPeople, type Token } from './people.ts';

/** What the endpoints ask about: an access token, a refresh token or a client's own token. */
type AskedToken = Token & {
  readonly clientId?: string | undefined;
  readonly kind?: string | undefined;
  readonly amr?: string[] | undefined;
  readonly sid?: string | undefined;
  extra?: Record<string, unknown> | undefined;
};

/** Whether `client` may know about a token that was given to another client. */
function maySee(client: ProviderClient, tokenTenant: string | null): boolean {
  const { confidential, tenantId, firstParty } = clientFacts(client);
  if (!confidential) return false;
  return tenantId === null ? firstParty : tenantId === tokenTenant;
}

/**
 * oidc-provider's `introspection.allowedPolicy`. A client sees its own tokens; beside them a confidential client sees
 * those of people of its own tenant, and a shared app of the house all. Whatever is seen is checked anew: the library
 * does not ask `findAccount` here, and a token of somebody signed out would still be active.
 */
export function introspectionPolicy(people: ReturnType<typeof createPeople>) {
  return async (ctx: KoaContextWithOIDC, client: ProviderClient, found: unknown): Promise<boolean> => {
    const token = found as AskedToken;
    const own = token.clientId === client.clientId;
    if (token.accountId === undefined) {
      const tenantId = typeof token.extra?.tenant_id === 'string' ? token.extra.tenant_id : null;
      return own || maySee(client, tenantId);
    }
    const owner = await people.ownerOf(token);
    if (!owner) return false;
    const { tenantId } = owner.account;
    if (!own && !maySee(client, tenantId)) return false;
    // What the app that the token was given to demands now counts, whoever asks.
    const holder = own ? client : await ctx.oidc.provider.Client.find(token.clientId ?? '');
    if (!holder || !admits(holder, { ...credentialOf(token), tenantId })) return false;
    // A refresh token keeps these values in fields of its own; the answer takes them from `extra`, as of all others.
    if (token.kind === 'RefreshToken') token.extra = signInClaims(token, tenantId);
    return true;
  };
}

/** oidc-provider's `revocation.allowedPolicy`: one's own tokens only; of others not even that they exist is told. */
export function revocationPolicy(
  _ctx: KoaContextWithOIDC,
  client: ProviderClient,
  token: { clientId?: string | undefined },
): boolean {
  return token.clientId === client.clientId;
}

/** What a client may ask tokens for is what it was registered with (RFC 8707); opaque unless it says otherwise. */
export function resourceServerOf(client: ProviderClient, indicator: string): ResourceServer {
  const api = clientFacts(client).apis.find(({ resource }) => resource === indicator);
  if (!api) throw new errors.InvalidTarget();
  const jwt = api.access_token_format === 'jwt';
  const most = jwt ? LIFETIMES.jwtAccessToken : LIFETIMES.accessToken;
  return {
    scope: api.scope,
    audience: api.resource,
    accessTokenFormat: api.access_token_format,
    accessTokenTTL: Math.min(api.access_token_ttl ?? most, most),
    ...(jwt ? { jwt: { sign: { alg: 'ES256' as const } } } : {}),
  };
}

/**
 * Whether a request without PKCE is refused (RFC 9700 2.1.1). A client registered with `require_pkce: false` may go
 * without, but never without a nonce, which then does the same work (OpenID Connect Core 15.5.2).
 */
export function pkceRequired(ctx: KoaContextWithOIDC, client: ProviderClient): boolean {
  const { requirePkce, confidential } = clientFacts(client);
  if (requirePkce || !confidential) return true;
  if (!ctx.oidc.params?.nonce) throw new errors.InvalidRequest('a request without PKCE must carry a nonce');
  return false;
}

/**
 * Browsers may call token, userinfo and the like only from where a public client lives; userinfo also from where any
 * client lives. The authorization endpoint has no CORS at all.
 */
export function corsAllowed(ctx: KoaContextWithOIDC, origin: string, client: ProviderClient): boolean {
  if (origin === 'null' || (ctx.oidc.route !== 'userinfo' && clientFacts(client).confidential)) return false;
  return (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin);
}

/**
 * What is given without `offline_access` ends with its session. What a rescue code opened does so in any case: it is
 * good for a shift, and not for the month that refresh tokens live.
 */
export function expiresWithSession(
  _ctx: KoaContextWithOIDC,
  source: { readonly scopes: ReadonlySet<string>; readonly amr?: readonly string[] | undefined },
): boolean {
  return !source.scopes.has('offline_access') || isRescued(source.amr ?? []);
}

/**
 * A refresh token goes to whoever asked for `offline_access`, and to apps of the house that may have one; theirs ends
 * with the session then.
 */
export function mayRefresh(
  _ctx: KoaContextWithOIDC,
  client: ProviderClient,
  source: { readonly scopes: ReadonlySet<string> },
): boolean {
  if (!client.grantTypeAllowed('refresh_token')) return false;
  return source.scopes.has('offline_access') || clientFacts(client).firstParty;
}
