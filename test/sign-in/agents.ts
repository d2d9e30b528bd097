import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { appOf, type Tokens } from '../support/bare-browser.ts';
import { startIdp, type Holdings, type IdpOptions, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';

export const ONE = 'urn:stile:acr:1fa';
export const TWO = 'urn:stile:acr:2fa';
export const THREE = 'phr';
export const REFEDS = 'https://refeds.org/profile/mfa';
export const UNMET = 'unmet_authentication_requirements';

/** @returns the `claims` parameter that demands one of `values` */
export const essential = (...values: string[]) =>
  JSON.stringify({ id_token: { acr: { essential: true, values } } });

const REDIRECT = 'https://desk.example/callback';
const SECRET = 'a secret of this test, long enough';

/** How the plain app proves who it is (RFC 6749 section 2.3.1). */
export const BASIC = `Basic ${btoa(`plain:${encodeURIComponent(SECRET)}`)}`;

export type DemandingApp = ReturnType<typeof appOf>;
export type Agents = Awaited<ReturnType<typeof startAgents>>;

export const codeOf = ({ left }: PageBrowser) => left?.searchParams.get('code') ?? null;
export const errorOf = ({ left }: PageBrowser) => left?.searchParams.get('error') ?? null;

/** What a token says of the sign-in it comes from. */
export interface Truth {
  readonly acr: unknown;
  readonly amr: unknown;
  readonly authTime: number;
}

/**
 * Redeems `code` and asks everything that comes of it how the person signed in: ID token, introspection, and both
 * after a refresh.
 * @throws when they do not say the same
 */
export async function truth(at: DemandingApp, code: string | null): Promise<Truth> {
  const tokens = (await (await at.redeem(code ?? '')).json()) as Tokens;
  const again = (await (await at.refresh(tokens.refresh_token ?? '')).json()) as Tokens;
  const sources = [
    decodeJwt(tokens.id_token),
    decodeJwt(again.id_token),
    await at.introspect(tokens.access_token),
    await at.introspect(again.access_token),
  ];
  const [first, ...others] = sources.map(({ acr, amr, auth_time: at }) => ({
    acr,
    amr,
    authTime: Number(at),
  }));
  for (const other of others) expect(other).to.deep.equal(first);
  if (!first) throw new Error('nothing was told');
  return first;
}

/**
 * Stile with apps that demand differently and tenants that do: `strict` enforces a second factor, `keyless` allows no
 * security keys, `southwind` is another company. The clock can be put back, so that what happens next is later.
 */
export async function startAgents({ database }: Pick<IdpOptions, 'database'> = {}) {
  let offset = 0;
  let stopped: Date | null = null;
  let count = 0;
  const clock = () => stopped ?? new Date(Date.now() + offset);
  const idp = await startIdp({ clock, ...(database ? { database } : {}) });
  await idp.addTenant('strict', { secondFactor: 'required' });
  await idp.addTenant('keyless', { allowedMethods: ['authenticator-app', 'recovery-code'] });
  await idp.addTenant('southwind');
  const house = {
    client_secret: SECRET,
    redirect_uris: [REDIRECT],
    grant_types: ['authorization_code', 'refresh_token'],
    first_party: true,
  };
  await idp.addClient({ client_id: 'plain', ...house });
  await idp.addClient({ client_id: 'modest', default_acr_values: [ONE], ...house });
  await idp.addClient({ client_id: 'vault', minimum_acr: TWO, ...house });
  await idp.addClient({ client_id: 'safe', minimum_acr: THREE, ...house });
  await idp.addClient({ client_id: 'south', tenant: 'southwind', ...house });

  return {
    idp,
    appCode: () => idp.appCode(),
    /** @param seconds before the machine's clock; 0 = the same */
    putClockBack(seconds: number) {
      offset = -1000 * seconds;
      stopped = null;
    },
    /** @returns the moment at which it stands, until it is put back */
    stopClock: () => (stopped = new Date()),
    /** Somebody whom no other test knows. */
    person: (has: Holdings = {}, tenant = 'northwind') =>
      idp.addPerson(`person-${(count += 1)}@${tenant}.example`, has),
    /** @returns the subjects of `count` mails, newest first. @throws when they do not come */
    async mailsTo({ account }: Pick<Person, 'account'>, count = 1): Promise<string[]> {
      for (let i = 0; i < 100; i += 1) {
        const mails = (await idp.app.stores.operations.mailbox?.newest(200)) ?? [];
        const mine = mails.filter(({ to }) => to === account.email).map(({ subject }) => subject);
        if (mine.length >= count) return mine;
        await setTimeout(50);
      }
      throw new Error('no mail');
    },
    app: (clientId = 'plain') => appOf(idp, { clientId, redirectUri: REDIRECT, secret: SECRET }),
    close: () => idp.close(),
  };
}
