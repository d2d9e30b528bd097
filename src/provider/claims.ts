import type { AccountClaims, KoaContextWithOIDC } from 'oidc-provider';
import type { Account } from '../accounts/account.ts';
import { clientFacts } from './client-facts.ts';

/** Claims that each scope opens (OpenID Connect Core 5.4); `tenant` is ours. Those of `openid` are in every ID token. */
export const CLAIMS_OF_SCOPE = {
  openid: ['sub', 'acr', 'amr', 'auth_time', 'sid', 'tenant_id'],
  profile: [
    'name',
    'family_name',
    'given_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  address: ['address'],
  tenant: ['tenant_id', 'roles'],
};

/** Names that never come from what an account keeps as further claims. */
const reserved = new Set(['sub', 'acr', 'amr', 'auth_time', 'sid', 'tenant_id', 'roles', 'iss', 'aud']);

/**
 * Everything that may be told of a person; oidc-provider hands out what scopes and consent allow.
 * @param use `id_token` or `userinfo`. The tenant is in every ID token; userinfo tells it with the scope `tenant`
 */
export function accountClaims(account: Account, use: string, scope: string): AccountClaims {
  const further = Object.entries(account.claims).filter(([name]) => !reserved.has(name));
  const tellTenant = use === 'id_token' || scope.split(' ').includes('tenant');
  return {
    name: account.name,
    preferred_username: account.email,
    ...Object.fromEntries(further),
    email: account.email,
    ...(tellTenant ? { tenant_id: account.tenantId } : {}),
    roles: [...account.roles],
    sub: account.accountId,
  };
}

/** What of a sign-in a code or a refresh token remembers. */
interface Source {
  readonly acr?: string | undefined;
  readonly amr?: readonly string[] | undefined;
  readonly authTime?: number | undefined;
  readonly sid?: string | undefined;
}

/** The sign-in that a token comes from, in the names of RFC 9470; copied, never worked out anew. */
export function signInClaims(source: Source, tenantId: string) {
  const { acr, amr, authTime, sid } = source;
  return { acr, amr: amr && [...amr], auth_time: authTime, tenant_id: tenantId, sid };
}

/**
 * oidc-provider's `extraTokenClaims`: kept with an opaque token and told at introspection, or written into a JWT.
 * A client's own token (client credentials) tells the client's tenant alone.
 */
export function extraTokenClaims(ctx: KoaContextWithOIDC) {
  const { AuthorizationCode, RefreshToken, Account: person } = ctx.oidc.entities;
  const source = AuthorizationCode ?? RefreshToken;
  const tenantId = (person as { account?: Account } | undefined)?.account?.tenantId;
  if (source && tenantId !== undefined) return signInClaims(source, tenantId);
  const own = ctx.oidc.client ? clientFacts(ctx.oidc.client).tenantId : null;
  return own === null ? undefined : { tenant_id: own };
}
