import { ACR_TWO_FACTOR } from '../core/assurance.ts';
import { DomainError } from '../core/errors.ts';
import { randomToken } from '../core/random.ts';
import { clientMetadataSchema } from './client-metadata.ts';
import { clientRecord, type ClientRecord, type Clients } from './clients.ts';

/** Stile's own pages sign people in as any app does, under this name. It is kept nowhere and cannot be registered. */
export const OWN_CLIENT_ID = 'stile-account';
/** Where a sign-in for our own pages comes back to; below the issuer. */
export const OWN_CALLBACK = '/account/signed-in';

/** The same for the pages of those in charge, which ask for two factors, whatever the tenant says. */
export const CONSOLE_CLIENT_ID = 'stile-console';
export const CONSOLE_CALLBACK = '/admin/signed-in';

const OWN_CLIENT_IDS: readonly string[] = [OWN_CLIENT_ID, CONSOLE_CLIENT_ID];

/** Whether a client is Stile itself, so no app of the tenant. */
export const isOwnClient = (clientId: string): boolean => OWN_CLIENT_IDS.includes(clientId);

/** @param issuer our own address, from the settings */
export function ownClients(issuer: URL): ClientRecord[] {
  const own = (clientId: string, name: string, page: string, callback: string, more = {}) =>
    clientRecord(
      clientMetadataSchema.parse({
        client_id: clientId,
        client_name: name,
        client_uri: new URL(page, issuer).href,
        redirect_uris: [new URL(callback, issuer).href],
        token_endpoint_auth_method: 'none',
        first_party: true,
        ...more,
      }),
    );
  return [
    own(OWN_CLIENT_ID, 'Security settings', '/account/security', OWN_CALLBACK),
    own(CONSOLE_CLIENT_ID, 'Stile admin', '/admin', CONSOLE_CALLBACK, { minimum_acr: ACR_TWO_FACTOR }),
  ];
}

export interface SignInWish {
  readonly whose?: { readonly tenantId: string; readonly email: string };
  readonly anew?: boolean;
}

/**
 * Where a sign-in for our own pages begins. The challenge has no verifier: the code that comes back is worth nothing to
 * anybody, the session is what counts.
 * @param state names the page to come back to; never an address (rule no-open-redirect)
 * @param whose whom the page of the sign-in takes it for; absent = it asks
 * @param anew nothing that was proved before counts (`prompt=login`)
 */
export function ownSignInAddress(
  client: { readonly clientId: string; readonly callback: string },
  issuer: URL,
  state: string,
  { whose, anew = false }: SignInWish = {},
): string {
  const params = {
    client_id: client.clientId,
    redirect_uri: new URL(client.callback, issuer).href,
    response_type: 'code',
    scope: 'openid',
    state,
    code_challenge: randomToken(),
    code_challenge_method: 'S256',
    ...(anew ? { prompt: 'login' } : {}),
    ...(whose ? { tenant: whose.tenantId, login_hint: whose.email } : {}),
  };
  return `/authorize?${new URLSearchParams(params).toString()}`;
}

/** The clients that are kept, and those that are not. */
export function withOwnClients(clients: Clients, issuer: URL): Clients {
  const own = new Map(ownClients(issuer).map((record) => [record.clientId, record]));
  const refuseOwn = (clientId: string) => {
    if (own.has(clientId)) throw new DomainError('refused', { detail: 'client_id is reserved' });
  };
  return {
    ...clients,
    find: async (clientId) => own.get(clientId) ?? clients.find(clientId),
    async save(record) {
      refuseOwn(record.clientId);
      await clients.save(record);
    },
    async remove(clientId) {
      refuseOwn(clientId);
      return clients.remove(clientId);
    },
  };
}
