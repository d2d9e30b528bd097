import type { KoaContextWithOIDC, Account as ProviderAccount } from 'oidc-provider';
import type { Account } from '../accounts/account.ts';
import { levelOrOne } from '../core/assurance.ts';
import { epochSeconds, type Clock } from '../core/clock.ts';
import { isAlive, type Credential } from '../tenants/standing.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { accountClaims } from './claims.ts';
import { admits } from './client-facts.ts';
import { orUnavailable } from './unavailable.ts';

/** Whom the provider needs to know. */
export interface People {
  readonly accounts: { findById(accountId: string): Promise<Account | null> };
  readonly tenants: { find(tenantId: string): Promise<Tenant | null> };
}

/** A person as the provider carries them through a request, with everything that policy needs: no second read. */
export interface SignedIn extends ProviderAccount {
  readonly account: Account;
  readonly tenant: Tenant;
}

/** A code or token, as far as its liveness is concerned. An access token keeps its values in `extra`. */
export interface Token {
  readonly accountId?: string | undefined;
  readonly acr?: string | undefined;
  readonly authTime?: number | undefined;
  readonly sessionUid?: string | undefined;
  /** It was given without `offline_access`: no session, no token. */
  readonly expiresWithSession?: boolean | undefined;
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
  /** Seconds since the epoch. */
  readonly iat?: number | undefined;
  /** Of a refresh token: when the first of its line was given. */
  readonly iiat?: number | undefined;
}

export function credentialOf({ acr, authTime, sessionUid, extra, iat, iiat }: Token): Credential {
  const extraAcr = typeof extra?.acr === 'string' ? extra.acr : undefined;
  const extraTime = typeof extra?.auth_time === 'number' ? extra.auth_time : 0;
  const givenAt = iiat ?? iat ?? 0;
  return { level: levelOrOne(acr ?? extraAcr), authTime: authTime ?? extraTime, sessionUid, givenAt };
}

/** Whether a token counts for what its owner and their tenant say now. */
function counts(token: Token, { account, tenant }: { account: Account; tenant: Tenant }, now: Date): boolean {
  const credential = credentialOf(token);
  if (!isAlive(tenant.policy, account, credential, now)) return false;
  const age = epochSeconds(now) - credential.authTime;
  return token.expiresWithSession !== true || age <= tenant.policy.session.maxSeconds;
}

/** @returns the `amr` of a token */
export const amrOf = ({ extra }: Token): readonly string[] =>
  Array.isArray(extra?.amr) ? extra.amr.filter((value) => typeof value === 'string') : [];

/** Finds people and decides, at every use, whether what they hold still counts. */
export function createPeople({ accounts, tenants }: People, clock: Clock) {
  async function find(accountId: string): Promise<{ account: Account; tenant: Tenant } | null> {
    const account = await orUnavailable(accounts.findById(accountId));
    if (!account || account.state !== 'active') return null;
    const tenant = await orUnavailable(tenants.find(account.tenantId));
    return tenant && { account, tenant };
  }

  return {
    find,

    /** @returns the owner of `token`, or null when it does not count any more */
    async ownerOf(token: Token): Promise<{ account: Account; tenant: Tenant } | null> {
      const person = token.accountId === undefined ? null : await find(token.accountId);
      return person && counts(token, person, clock()) ? person : null;
    },

    /**
     * oidc-provider's `findAccount`. With a code or token it answers for what that is worth now, so that a code, a
     * refresh and userinfo all end with one write to the account or the policy.
     */
    async findAccount(
      ctx: KoaContextWithOIDC,
      accountId: string,
      token?: Token,
    ): Promise<SignedIn | undefined> {
      const person = await find(accountId);
      if (!person) return undefined;
      const { account, tenant } = person;
      if (token) {
        const credential = credentialOf(token);
        if (!counts(token, person, clock())) return undefined;
        const { client } = ctx.oidc;
        if (client && !admits(client, { ...credential, tenantId: account.tenantId })) return undefined;
      }
      return { accountId, account, tenant, claims: (use, scope) => accountClaims(account, use, scope) };
    },
  };
}

/** The person of this request, once the provider has looked for one. */
export function signedIn(ctx: KoaContextWithOIDC): SignedIn | undefined {
  return ctx.oidc.account as SignedIn | undefined;
}
