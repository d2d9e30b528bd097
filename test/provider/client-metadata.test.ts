import { expect } from 'chai';
import { clientMetadataSchema } from '../../src/provider/client-metadata.ts';
import { startBareProvider, type BareProvider } from '../support/bare-provider.ts';

const base = { client_id: 'desk', client_secret: 'secret', redirect_uris: ['https://desk.example/cb'] };
const jwks = {
  keys: [
    {
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    },
  ],
};

/** One good value of every field; what belongs together is together. */
const good: Record<string, object> = {
  names: {
    client_name: 'Contact desk',
    client_uri: 'https://desk.example',
    logo_uri: 'https://desk.example/logo.svg',
    policy_uri: 'https://desk.example/policy',
    tos_uri: 'https://desk.example/terms',
    contacts: ['ops@desk.example'],
    initiate_login_uri: 'https://desk.example/login',
  },
  'a native app': {
    client_secret: undefined,
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    redirect_uris: ['com.example.desk:/cb', 'http://127.0.0.1/cb'],
  },
  keys: {
    client_secret: undefined,
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    jwks,
  },
  'keys elsewhere': {
    client_secret: undefined,
    token_endpoint_auth_method: 'private_key_jwt',
    jwks_uri: 'https://desk.example/jwks',
  },
  algorithms: {
    id_token_signed_response_alg: 'RS256',
    userinfo_signed_response_alg: 'RS256',
    subject_type: 'public',
  },
  'the sign-in': {
    default_max_age: 3600,
    require_auth_time: true,
    default_acr_values: ['phr', 'urn:stile:acr:2fa'],
  },
  'sign-outs': {
    post_logout_redirect_uris: ['https://desk.example/bye'],
    backchannel_logout_uri: 'https://desk.example/out',
    backchannel_logout_session_required: false,
  },
  requests: {
    require_pushed_authorization_requests: true,
    dpop_bound_access_tokens: true,
    response_types: ['code'],
    response_modes: ['query', 'form_post'],
    scope: 'openid profile',
    grant_types: ['authorization_code', 'refresh_token'],
    client_secret_expires_at: 0,
    client_id_issued_at: 1_700_000_000,
  },
  'a machine': { redirect_uris: [], grant_types: ['client_credentials'] },
  'our own': {
    tenant: 'northwind',
    minimum_acr: 'phr',
    first_party: true,
    require_pkce: false,
    apis: [
      { resource: 'https://api.example', scope: 'a b', access_token_format: 'jwt', access_token_ttl: 300 },
    ],
  },
};

/** What is wrong, and the name that the message must point at. */
const wrong: [string, object][] = [
  ['client_id', { client_id: '' }],
  ['redirect_uris', { redirect_uris: [] }],
  ['redirect_uris', { redirect_uris: ['javascript:alert(1)'] }],
  ['redirect_uris', { redirect_uris: ['https://desk.example/cb#here'] }],
  ['redirect_uris', { redirect_uris: ['/cb'] }],
  ['redirect_uris', { redirect_uris: ['com.example:/cb'] }],
  ['client_secret', { client_secret: undefined }],
  ['client_secret', { token_endpoint_auth_method: 'none' }],
  ['client_secret', { client_secret: 'ümlaut' }],
  ['token_endpoint_auth_method', { token_endpoint_auth_method: 'client_secret_jwt' }],
  ['jwks', { client_secret: undefined, token_endpoint_auth_method: 'private_key_jwt' }],
  ['grant_types', { grant_types: ['implicit'] }],
  ['grant_types', { grant_types: ['client_credentials', 'refresh_token'] }],
  ['response_types', { response_types: ['id_token'] }],
  ['id_token_signed_response_alg', { id_token_signed_response_alg: 'HS256' }],
  ['id_token_signed_response_alg', { id_token_signed_response_alg: 'none' }],
  ['minimum_acr', { minimum_acr: 'very sure' }],
  ['require_pkce', { client_secret: undefined, token_endpoint_auth_method: 'none', require_pkce: false }],
  [
    'access_token_ttl',
    {
      apis: [
        { resource: 'https://a.example', scope: 'a', access_token_format: 'jwt', access_token_ttl: 301 },
      ],
    },
  ],
  ['request_uris', { request_uris: ['https://desk.example/request'] }],
  ['frontchannel_logout_uri', { frontchannel_logout_uri: 'https://desk.example/out' }],
];

describe('the registration of a client', () => {
  let op: BareProvider;
  before(async () => void (op = await startBareProvider()));
  after(() => op.close());

  for (const [what, more] of Object.entries(good)) {
    it(`takes ${what}, and so does the provider`, async () => {
      const registration = { ...base, client_id: `client-${what}`, ...more };
      await op.client(JSON.parse(JSON.stringify(registration)) as object);
      const client = await op.provider().Client.find(`client-${what}`);
      const told = client?.metadata() as Record<string, unknown>;
      for (const [name, value] of Object.entries(more) as [string, unknown][]) {
        if (value !== undefined && name !== 'grant_types') expect(told[name], name).to.deep.equal(value);
      }
    });
  }

  for (const [name, more] of wrong) {
    it(`refuses ${JSON.stringify(more).slice(0, 90)} and points at ${name}`, () => {
      const parsed = clientMetadataSchema.safeParse(JSON.parse(JSON.stringify({ ...base, ...more })));
      expect(parsed.error?.issues.flatMap(({ path }) => path)).to.include(name);
    });
  }

  it('refuses a name that it does not know', () => {
    const parsed = clientMetadataSchema.safeParse({ ...base, redirect_uri: 'https://desk.example' });
    expect(parsed.error?.issues[0]).to.deep.include({ code: 'unrecognized_keys', keys: ['redirect_uri'] });
  });
});
