import type { Provider } from 'oidc-provider';
import type { Account } from '../accounts/account.ts';
import type { Level } from '../core/assurance.ts';
import type { Clock } from '../core/clock.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { machineScopesOf, type ClientRecord } from './clients.ts';
import { amrOf, createPeople, credentialOf, type People, type Token } from './people.ts';

/** Who stands behind an access token that was sent to our own API. */
export type Bearer =
  | {
      readonly kind: 'person';
      readonly account: Account;
      readonly tenant: Tenant;
      readonly level: Level;
      /** What was proved. */
      readonly amr: readonly string[];
      /** When the password was proved; seconds since the epoch. */
      readonly authTime: number;
      readonly scopes: ReadonlySet<string>;
    }
  | {
      readonly kind: 'client';
      readonly clientId: string;
      readonly tenantId: string;
      readonly scopes: ReadonlySet<string>;
    };

const words = (text: string | undefined) => new Set((text ?? '').split(' ').filter((word) => word !== ''));

/** What the client may ask for by its registration now, whatever it was given before: nothing that is not named there. */
function granted(token: { readonly scope?: string | undefined }, client: ClientRecord): ReadonlySet<string> {
  const registered = words(client.metadata.scope);
  return new Set([...words(token.scope)].filter((scope) => registered.has(scope)));
}

type Found = Token & {
  readonly clientId?: string | undefined;
  readonly grantId?: string | undefined;
  readonly scope?: string | undefined;
  readonly aud?: unknown;
  readonly jkt?: string | undefined;
  readonly 'x5t#S256'?: string | undefined;
};

/** Reads access tokens for our own API. */
export function createBearers(ports: {
  readonly provider: () => Provider;
  readonly people: People;
  readonly clients: { find(clientId: string): Promise<ClientRecord | null> };
  readonly clock: Clock;
}) {
  const { provider, clients, clock } = ports;
  const people = createPeople(ports.people, clock);

  async function clientOf({ clientId }: Found): Promise<ClientRecord | null> {
    return clientId === undefined ? null : clients.find(clientId);
  }

  /** The library looks a token up and leaves it to its endpoints to see whether what it stands on is revoked. */
  async function isGranted(op: Provider, { grantId, accountId, clientId }: Found): Promise<boolean> {
    const grant = grantId === undefined ? undefined : await op.Grant.find(grantId);
    return grant !== undefined && grant.accountId === accountId && grant.clientId === clientId;
  }

  /** A token for another API, or bound to a key that nobody shows here, is none of ours. */
  const isForUs = (token: Found) =>
    token.aud === undefined && token.jkt === undefined && token['x5t#S256'] === undefined;

  return {
    /** @returns null for a token that does not count (any more), decided by what account, policy and client say now */
    async find(value: string): Promise<Bearer | null> {
      const op = provider();
      const token: Found | undefined = await op.AccessToken.find(value);
      if (token) {
        if (!isForUs(token) || !(await isGranted(op, token))) return null;
        const [person, client] = await Promise.all([people.ownerOf(token), clientOf(token)]);
        if (!person || !client) return null;
        if (client.tenantId !== null && client.tenantId !== person.account.tenantId) return null;
        const { level, authTime } = credentialOf(token);
        const amr = amrOf(token);
        return { kind: 'person', ...person, level, amr, authTime, scopes: granted(token, client) };
      }
      const own: Found | undefined = await op.ClientCredentials.find(value);
      if (!own || !isForUs(own)) return null;
      const client = await clientOf(own);
      if (!client || client.tenantId === null || !machineScopesOf(client)) return null;
      return {
        kind: 'client',
        clientId: client.clientId,
        tenantId: client.tenantId,
        scopes: granted(own, client),
      };
    },
  };
}
