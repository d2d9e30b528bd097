import { z } from 'zod';
import { SUPPORTED_ACRS } from '../core/assurance.ts';

/** Printable ASCII, as OAuth 2.0 wants names and secrets of clients (RFC 6749, appendix A.1 and A.2). */
const printable = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII');
const webAddress = z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).max(2048);
const redirectAddress = z
  .string()
  .max(2048)
  .refine(
    (value) => URL.canParse(value) && !value.includes('#'),
    'must be an absolute address without a fragment',
  )
  .refine(
    (value) => !/^(javascript|vbscript|data|blob|file|about):/i.test(value),
    'must not use this scheme',
  );
const seconds = z.int().min(0);
const acr = z.enum(SUPPORTED_ACRS as [string, ...string[]]);
const signing = z.enum(['ES256', 'RS256']);

/** Longest life of an access token; seconds. An opaque one can be taken back at any time. */
export const MAX_ACCESS_TOKEN_SECONDS = { opaque: 600, jwt: 300 } as const;

/** One API that a client may ask tokens for (RFC 8707). What is not listed cannot be asked for. */
const apiSchema = z
  .strictObject({
    resource: z.url({ protocol: /^https?$/ }).max(2048),
    scope: z.string().max(2048),
    access_token_format: z.enum(['opaque', 'jwt']).default('opaque'),
    /** Seconds. */
    access_token_ttl: z.int().positive().optional(),
  })
  .refine((api) => (api.access_token_ttl ?? 1) <= MAX_ACCESS_TOKEN_SECONDS[api.access_token_format], {
    path: ['access_token_ttl'],
    error: 'at most 600 seconds, and 300 for the format jwt',
  });

/** Fields of OpenID Connect Dynamic Client Registration 1.0, section 2, and of its neighbours that we support. */
const registered = {
  client_name: z.string().min(1).max(200).optional(),
  client_uri: webAddress.optional(),
  logo_uri: webAddress.optional(),
  policy_uri: webAddress.optional(),
  tos_uri: webAddress.optional(),
  initiate_login_uri: z.url({ protocol: /^https$/, error: 'must be an https address' }).optional(),
  contacts: z.array(z.email()).optional(),
  application_type: z.enum(['web', 'native']).optional(),
  redirect_uris: z.array(redirectAddress).default([]),
  post_logout_redirect_uris: z.array(redirectAddress).optional(),
  response_types: z.array(z.literal('code')).optional(),
  response_modes: z
    .array(z.enum(['query', 'fragment', 'form_post']))
    .min(1)
    .optional(),
  grant_types: z
    .array(z.enum(['authorization_code', 'refresh_token', 'client_credentials']))
    .min(1)
    .optional(),
  scope: z.string().max(2048).optional(),
  subject_type: z.literal('public').optional(),
  token_endpoint_auth_method: z
    .enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'])
    .optional(),
  token_endpoint_auth_signing_alg: z.enum(['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519']).optional(),
  jwks: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())) }).optional(),
  jwks_uri: webAddress.optional(),
  id_token_signed_response_alg: signing.optional(),
  userinfo_signed_response_alg: signing.optional(),
  default_max_age: seconds.optional(),
  require_auth_time: z.boolean().optional(),
  default_acr_values: z.array(acr).min(1).optional(),
  backchannel_logout_uri: webAddress.optional(),
  backchannel_logout_session_required: z.boolean().optional(),
  require_pushed_authorization_requests: z.boolean().optional(),
  dpop_bound_access_tokens: z.boolean().optional(),
  client_id_issued_at: seconds.optional(),
  client_secret_expires_at: seconds.optional(),
};

/** Our own fields of a client, beside the registered ones. */
const own = {
  /** Slug of the one tenant whose people may use the client; absent = shared by all. */
  tenant: z.string().min(1).max(63).optional(),
  /** The least that a sign-in for this client reaches; a request can raise it, never lower it. */
  minimum_acr: acr.optional(),
  /** Made by the operator or the tenant itself: people are not asked for consent. */
  first_party: z.boolean().optional(),
  /** False only for a confidential client that always sends a nonce. */
  require_pkce: z.boolean().optional(),
  apis: z.array(apiSchema).max(50).optional(),
};

/** Registered names that we know and do not support: refused with a reason, never ignored. */
const unsupported = [
  'sector_identifier_uri',
  'id_token_encrypted_response_alg',
  'id_token_encrypted_response_enc',
  'userinfo_encrypted_response_alg',
  'userinfo_encrypted_response_enc',
  'request_object_signing_alg',
  'request_object_encryption_alg',
  'request_object_encryption_enc',
  'request_uris',
  'frontchannel_logout_uri',
  'frontchannel_logout_session_required',
] as const;
const refused = z
  .never({ error: 'is a registered field that Stile does not support: leave it out' })
  .optional();
const refusedFields = Object.fromEntries(unsupported.map((name) => [name, refused])) as Record<
  (typeof unsupported)[number],
  typeof refused
>;

/**
 * A client as the provisioning file and the admin API give it. Unknown names are errors; so is whatever the provider
 * would refuse later.
 */
export const clientMetadataSchema = z
  .strictObject({
    client_id: printable(200),
    client_secret: printable(500).optional(),
    ...own,
    ...registered,
    ...refusedFields,
  })
  .superRefine((client, context) => {
    const problem = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    const grants = client.grant_types ?? ['authorization_code'];
    const method = client.token_endpoint_auth_method ?? 'client_secret_basic';
    const usesCode = grants.includes('authorization_code');

    if (usesCode && client.redirect_uris.length === 0) problem('redirect_uris', 'needs at least one address');
    if (!usesCode && grants.includes('refresh_token'))
      problem('grant_types', 'refresh_token goes with authorization_code');
    if (method.startsWith('client_secret') && client.client_secret === undefined) {
      problem(
        'client_secret',
        'is missing; an app that cannot keep one has token_endpoint_auth_method: none',
      );
    }
    if (method === 'none' && client.client_secret !== undefined) {
      problem('client_secret', 'cannot be there with token_endpoint_auth_method: none');
    }
    if (method === 'private_key_jwt' && !client.jwks && !client.jwks_uri)
      problem('jwks', 'or jwks_uri is missing');
    if (method !== 'private_key_jwt' && client.token_endpoint_auth_signing_alg !== undefined) {
      problem('token_endpoint_auth_signing_alg', 'goes with token_endpoint_auth_method: private_key_jwt');
    }
    if (client.jwks && client.jwks_uri) problem('jwks_uri', 'cannot be there beside jwks');
    if (method === 'none' && grants.includes('client_credentials')) {
      problem('grant_types', 'client_credentials needs a client that can prove who it is');
    }
    if (client.require_pkce === false && method === 'none') {
      problem('require_pkce', 'can be false for a confidential client only');
    }
    const web = (client.application_type ?? 'web') === 'web';
    for (const name of ['redirect_uris', 'post_logout_redirect_uris'] as const) {
      if (web && client[name]?.some((one) => !/^https?:/i.test(one))) {
        problem(name, 'own schemes are for application_type: native');
      }
    }
  });

/** As given: registered names, our own names, the secret in clear. */
export type ClientMetadata = z.infer<typeof clientMetadataSchema>;
export type ClientApi = z.infer<typeof apiSchema>;

/** Names that the provider must carry through to its Client besides the registered ones. */
export const OWN_CLIENT_FIELDS = Object.keys(own) as (keyof typeof own)[];
