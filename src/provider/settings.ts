import { errors, type Configuration, type JWK } from 'oidc-provider';
import type { Config } from '../config.ts';
import { SUPPORTED_ACRS } from '../core/assurance.ts';
import type { Clock } from '../core/clock.ts';
import type { Keys } from '../keys.ts';
import { CLAIMS_OF_SCOPE, extraTokenClaims } from './claims.ts';
import { OWN_CLIENT_FIELDS } from './client-metadata.ts';
import { API_SCOPES } from './api-scopes.ts';
import { cookieSettings } from './cookies.ts';
import { loadExistingGrant } from './grants.ts';
import { createInteractionPolicy } from './interaction-policy.ts';
import { createTtl } from './lifetimes.ts';
import { randomBits } from './model-rows.ts';
import { guardedFetch, LOOPBACK_HOSTS } from './outbound.ts';
import { isPage, type ProviderPages } from './pages.ts';
import { createPeople, type People } from './people.ts';
import type { ProviderStore } from './provider-data.ts';
import {
  corsAllowed,
  expiresWithSession,
  introspectionPolicy,
  mayRefresh,
  pkceRequired,
  resourceServerOf,
  revocationPolicy,
} from './token-rules.ts';

/** Where the provider's endpoints are. */
const ROUTES = {
  authorization: '/authorize',
  token: '/token',
  userinfo: '/userinfo',
  jwks: '/jwks',
  introspection: '/introspect',
  revocation: '/revoke',
  pushed_authorization_request: '/par',
  end_session: '/logout',
};

const SIGNING = ['ES256', 'RS256'] as const;
const CLIENT_SIGNING = ['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519'] as const;

/** Longest answer that is read of a client's own addresses; bytes. */
const MAX_FETCHED = 64 * 1024;

export interface ProviderOptions {
  readonly config: Pick<Config, 'issuer' | 'mode' | 'trustedProxies' | 'backchannelAllow' | 'signInSeconds'>;
  readonly keys: Pick<Keys, 'cookies' | 'signing'>;
  readonly store: Pick<ProviderStore, 'adapter'>;
  readonly people: People;
  readonly pages: ProviderPages;
  readonly clock: Clock;
}

/**
 * The library also takes lists, and addresses of endpoints: what another server coaxed out of a client could be shown
 * here (audience injection, draft-ietf-oauth-rfc7523bis).
 * @throws InvalidClientAuth unless the issuer is the only audience
 */
const forIssuerAlone: NonNullable<Configuration['assertJwtClientAuthClaimsAndHeader']> = (ctx, { aud }) => {
  if (aud !== ctx.oidc.issuer) throw new errors.InvalidClientAuth('aud must be the issuer, and nothing else');
};

/** oidc-provider's configuration: everything that differs from its defaults, which are for trying it out. */
export function providerSettings({
  config,
  keys,
  store,
  people,
  pages,
  clock,
}: ProviderOptions): Configuration {
  const everybody = createPeople(people, clock);
  const nearby = config.mode === 'production' ? [] : LOOPBACK_HOSTS;
  return {
    adapter: store.adapter,
    findAccount: (ctx, accountId, token) => everybody.findAccount(ctx, accountId, token),
    loadExistingGrant,
    extraTokenClaims,
    jwks: { keys: [...keys.signing] as JWK[] },
    cookies: cookieSettings(config.issuer, keys.cookies),
    routes: ROUTES,
    interactions: { policy: createInteractionPolicy(clock), url: (_ctx, { uid }) => `/sign-in/${uid}` },
    ttl: createTtl(clock, config.signInSeconds),

    responseTypes: ['code'],
    allowOmittingSingleRegisteredRedirectUri: false,
    pkce: { required: pkceRequired },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    assertJwtClientAuthClaimsAndHeader: forIssuerAlone,
    enabledJWA: {
      idTokenSigningAlgValues: [...SIGNING],
      userinfoSigningAlgValues: [...SIGNING],
      clientAuthSigningAlgValues: [...CLIENT_SIGNING],
      dPoPSigningAlgValues: ['ES256', 'EdDSA', 'Ed25519'],
    },
    clientDefaults: { id_token_signed_response_alg: 'ES256', backchannel_logout_session_required: true },
    extraClientMetadata: { properties: [...OWN_CLIENT_FIELDS] },
    clientBasedCORS: corsAllowed,

    scopes: ['openid', 'offline_access', ...API_SCOPES],
    claims: CLAIMS_OF_SCOPE,
    acrValues: [...SUPPORTED_ACRS],
    extraParams: ['tenant'],
    discovery: { ui_locales_supported: ['en'] },

    formats: { bitsOfOpaqueRandomness: (_ctx, token) => randomBits(token.kind ?? '') },
    rotateRefreshToken: true,
    issueRefreshToken: mayRefresh,
    expiresWithSession,

    features: {
      devInteractions: { enabled: false },
      registration: { enabled: false },
      deviceFlow: { enabled: false },
      claimsParameter: { enabled: true },
      clientCredentials: { enabled: true },
      backchannelLogout: { enabled: true },
      jwtUserinfo: { enabled: true },
      introspection: { enabled: true, allowedPolicy: introspectionPolicy(everybody) },
      revocation: { enabled: true, allowedPolicy: revocationPolicy },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, indicator, client) => resourceServerOf(client, indicator),
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: async (ctx) => {
          const xsrf = String(ctx.oidc.session?.state?.secret);
          await pages.signOut(ctx, { action: ctx.oidc.urlFor('end_session_confirm'), xsrf });
        },
        postLogoutSuccessSource: async (ctx) => pages.signedOut(ctx),
      },
    },

    renderError: async (ctx, out, cause) => {
      if (!isPage(ctx)) {
        ctx.body = out;
        return;
      }
      await pages.problem(ctx, { error: out.error, description: out.error_description, cause });
    },
    fetch: guardedFetch([...config.backchannelAllow, ...nearby]),
    fetchResponseBodyLimits: { jwks_uri: MAX_FETCHED, sector_identifier_uri: MAX_FETCHED },
  };
}
