import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JWK } from 'jose';
import type { Provider } from 'oidc-provider';
import { accountStore } from '../../src/accounts/account-store.ts';
import type { Account } from '../../src/accounts/account.ts';
import { ACR_ONE_FACTOR } from '../../src/core/assurance.ts';
import { epochSeconds, systemClock, type Clock } from '../../src/core/clock.ts';
import { randomId, randomToken } from '../../src/core/random.ts';
import { clientMetadataSchema } from '../../src/provider/client-metadata.ts';
import { clientStore } from '../../src/provider/client-store.ts';
import { cachedClients, clientRecord } from '../../src/provider/clients.ts';
import type { ProviderPages } from '../../src/provider/pages.ts';
import { createProvider, type OwedLogout } from '../../src/provider/provider.ts';
import { providerStore } from '../../src/provider/provider-store.ts';
import { createSessions, type Assurance } from '../../src/provider/sessions.ts';
import { createSwappableProvider } from '../../src/provider/swap.ts';
import { createReadAhead } from '../../src/storage/read-ahead.ts';
import { tenantStore } from '../../src/tenants/tenant-store.ts';
import { NO_BRANDING } from '../../src/tenants/branding.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/tenants/tenant.ts';
import { testDatabase } from './database.ts';

/** A private signing key of its own. */
export function signingKey(alg: 'ES256' | 'RS256', kid: string): JWK {
  const { privateKey } =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
}

const keysOnce = { es256: signingKey('ES256', 'es-1'), rs256: signingKey('RS256', 'rs-1') };

/** Who signs in next at the test's own sign-in page, and how. */
export interface NextSignIn {
  account: Account;
  acr?: string;
  amr?: string[];
  /** Seconds since the epoch; absent = now. */
  ts?: number;
  declined?: boolean;
  error?: string;
}

export interface BareOptions {
  /** Absent = where the server listens. */
  issuer?: string;
  clock?: Clock;
  owe?: (logout: OwedLogout) => Promise<void>;
  backchannelAllow?: string[];
}

/** Pages that can be told apart, without looks. */
const plainPages: ProviderPages = {
  problem: (ctx, { error, description }) =>
    void (ctx.body = `our problem page: ${error} ${description ?? ''}`),
  signOut: (ctx, form) => void (ctx.body = `our sign-out page: ${JSON.stringify(form)}`),
  signedOut: (ctx) => void (ctx.body = 'our signed-out page'),
  carry: (ctx, form) => void (ctx.body = `our carry page: ${JSON.stringify(form)}`),
};

/**
 * The provider over HTTP on the real database, with a sign-in that asks nothing: whoever comes is `next`. For tests of
 * the protocol itself.
 */
export async function startBareProvider({
  issuer,
  clock = systemClock,
  owe,
  backchannelAllow = [],
}: BareOptions = {}) {
  const database = await testDatabase();
  const { connection } = database;
  const ahead = createReadAhead();
  const accounts = accountStore(connection, ahead);
  const tenants = tenantStore(connection, clock);
  const clients = cachedClients(clientStore(connection), clock);
  const idleOf = async (tenantId: string) =>
    (await tenants.find(tenantId))?.policy.session.idleSeconds ?? null;
  const store = providerStore(connection, clients, clock, ahead, idleOf);
  const people = { accounts, tenants };

  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const address = new URL(issuer ?? `http://localhost:${port}`);
  const state: { next: NextSignIn | null; prompts: string[][]; renewAs: Assurance | undefined } = {
    next: null,
    prompts: [],
    renewAs: undefined,
  };

  function mount(provider: Provider): void {
    provider.use(async (ctx, next) => {
      if (ctx.path === '/renew') {
        await sessions.renew(ctx, state.renewAs);
        ctx.body = 'renewed';
        return;
      }
      if (ctx.path === '/whoami') {
        const current = await sessions.current(ctx);
        ctx.body = current
          ? { ...current, account: current.account.accountId, tenant: current.tenant.tenantId }
          : {};
        return;
      }
      const uid = /^\/sign-in\/([^/]+)$/.exec(ctx.path)?.[1];
      if (uid === undefined) {
        await next();
        return;
      }
      const details = await provider.interactionDetails(ctx.req, ctx.res);
      state.prompts.push([details.prompt.name, ...details.prompt.reasons]);
      ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, await answer(provider, details)));
      ctx.status = 303;
    });
  }

  async function answer(provider: Provider, details: Awaited<ReturnType<Provider['interactionDetails']>>) {
    const { next } = state;
    if (next?.error !== undefined) return { error: next.error };
    if (details.prompt.name === 'consent') {
      const grant = new provider.Grant({
        accountId: String(details.session?.accountId),
        clientId: String(details.params.client_id),
      });
      grant.addOIDCScope(String(details.params.scope));
      return { consent: { grantId: await grant.save() } };
    }
    if (!next) throw new Error('the test said nobody who signs in');
    const { account, acr = ACR_ONE_FACTOR, amr = ['pwd'], declined } = next;
    const ts = next.ts ?? Math.max(epochSeconds(clock()), account.validFrom + 1);
    const login = { accountId: account.accountId, acr, amr, ts, remember: true };
    return { login, mfa: declined ? { declined } : {} };
  }

  const build = (signing: readonly JWK[], cookies: readonly string[]) =>
    createProvider({
      config: {
        issuer: address,
        mode: 'test',
        trustedProxies: 0,
        backchannelAllow,
        signInSeconds: 600,
      },
      keys: { cookies, signing },
      store,
      people,
      pages: plainPages,
      clock,
      mount,
      ...(owe ? { owe } : {}),
    });
  const cookieKeys = ['test cookie key'];
  const swappable = createSwappableProvider(build([keysOnce.es256, keysOnce.rs256], cookieKeys));
  const sessions = createSessions({ provider: swappable.current, store, people, clock });
  server.on('request', swappable.handle);

  return {
    /** Where requests go; the issuer may be another address. */
    base: `http://localhost:${port}`,
    issuer: address.href.replace(/\/$/, ''),
    database,
    accounts,
    tenants,
    store,
    sessions,
    state,
    keys: keysOnce,
    swap: (signing: readonly JWK[], cookies = cookieKeys) => swappable.swap(build(signing, cookies)),
    provider: swappable.current,

    async tenant(tenantId: string, policy: Partial<Policy> = {}) {
      await tenants.insert({
        tenantId,
        name: tenantId,
        domains: [`${tenantId}.example`],
        policy: { ...DEFAULT_POLICY, ...policy },
        branding: NO_BRANDING,
        detailsVersion: 1,
      });
    },

    async account(tenantId: string, more: Partial<Account> = {}): Promise<Account> {
      const accountId = randomId();
      const account: Account = {
        tenantId,
        accountId,
        email: `${accountId.toLowerCase()}@${tenantId}.example`,
        name: 'Ana Ribeiro',
        roles: ['agent'],
        state: 'active',
        claims: { locale: 'pt-PT' },
        password: null,
        methods: [],
        methodCount: 0,
        firstMethodAt: null,
        recovery: null,
        skips: 0,
        lastSkipIn: null,
        validFrom: 0,
        keptSessionUid: null,
        credVersion: 1,
        userHandle: randomToken(),
        createdAt: clock(),
        ...more,
      };
      await accounts.insert(account);
      return account;
    },

    /** Registers a client as the provisioning file would. */
    async client(registration: object) {
      await clients.save(clientRecord(clientMetadataSchema.parse(registration)));
    },

    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await database.drop();
    },
  };
}

export type BareProvider = Awaited<ReturnType<typeof startBareProvider>>;
