import type { Adapter, KoaContextWithOIDC } from 'oidc-provider';
import { levelOrOne, type Level } from '../core/assurance.ts';
import type { ClientApi } from './client-metadata.ts';
import type { ClientRecord } from './clients.ts';

/** A client as oidc-provider holds it. */
export type ProviderClient = NonNullable<KoaContextWithOIDC['oidc']['client']>;

/** Our own fields of a client, typed. They were checked when the client was registered. */
export interface ClientFacts {
  /** Slug of the only tenant whose people may use it; null = shared by all. */
  readonly tenantId: string | null;
  readonly minimumAcr: string | undefined;
  readonly firstParty: boolean;
  readonly requirePkce: boolean;
  /** It can prove who it is. */
  readonly confidential: boolean;
  readonly apis: readonly ClientApi[];
}

export function clientFacts(client: ProviderClient): ClientFacts {
  return {
    tenantId: typeof client.tenant === 'string' ? client.tenant : null,
    minimumAcr: typeof client.minimum_acr === 'string' ? client.minimum_acr : undefined,
    firstParty: client.first_party === true,
    requirePkce: client.require_pkce !== false,
    confidential: client.tokenEndpointAuthMethod !== 'none',
    apis: Array.isArray(client.apis) ? (client.apis as ClientApi[]) : [],
  };
}

/** Whether a client takes codes and tokens of this worth, by what it is registered with now and not when they were given. */
export function admits(
  client: ProviderClient,
  { tenantId, level }: { readonly tenantId: string; readonly level: Level },
): boolean {
  const { tenantId: only, minimumAcr } = clientFacts(client);
  return (only === null || only === tenantId) && level >= levelOrOne(minimumAcr);
}

/** A client as oidc-provider reads it; its secret is the digest, which `compareClientSecret` knows. */
export function toRegistration(record: ClientRecord | null) {
  if (!record) return undefined;
  const usesCode = (record.metadata.grant_types ?? ['authorization_code']).includes('authorization_code');
  return {
    ...record.metadata,
    ...(usesCode ? {} : { response_types: [] }),
    ...(record.secretDigest === null ? {} : { client_secret: record.secretDigest }),
    ...(record.tenantId === null ? {} : { tenant: record.tenantId }),
  } as Awaited<ReturnType<Adapter['find']>>;
}
