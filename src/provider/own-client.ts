import { DomainError } from '../core/errors.ts';
import { clientMetadataSchema } from './client-metadata.ts';
import { clientRecord, type ClientRecord, type Clients } from './clients.ts';

/** Stile's own pages sign people in as any app does, under this name. It is kept nowhere and cannot be registered. */
export const OWN_CLIENT_ID = 'stile-account';
/** Where a sign-in for our own pages comes back to; below the issuer. */
export const OWN_CALLBACK = '/account/signed-in';

/** @param issuer our own address, from the settings */
export function ownClient(issuer: URL): ClientRecord {
  return clientRecord(
    clientMetadataSchema.parse({
      client_id: OWN_CLIENT_ID,
      client_name: 'Security settings',
      client_uri: new URL('/account/security', issuer).href,
      redirect_uris: [new URL(OWN_CALLBACK, issuer).href],
      token_endpoint_auth_method: 'none',
      first_party: true,
    }),
  );
}

/** The clients that are kept, and the one that is not. */
export function withOwnClient(clients: Clients, issuer: URL): Clients {
  const own = ownClient(issuer);
  const refuseOwn = (clientId: string) => {
    if (clientId === OWN_CLIENT_ID) throw new DomainError('refused', { detail: 'client_id is reserved' });
  };
  return {
    ...clients,
    find: async (clientId) => (clientId === OWN_CLIENT_ID ? own : clients.find(clientId)),
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
