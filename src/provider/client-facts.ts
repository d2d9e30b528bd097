import type { KoaContextWithOIDC } from 'oidc-provider';
import { levelOrOne, type Level } from '../core/assurance.ts';
import type { ClientApi } from './client-metadata.ts';

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
