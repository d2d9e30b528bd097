import { appOf, type Tokens } from '../support/bare-browser.ts';
import { startIdp, type Holdings, type IdpOptions, type Person } from '../support/idp.ts';
import { walk } from '../support/walk.ts';
import type { Role } from '../../src/accounts/account.ts';

const SECRET = 'a secret of this test, long enough';
const REDIRECT = 'https://console.example/callback';
export const MACHINE_SCOPES = 'agents:read agents:write policy:read policy:write audit:read';

export type Callers = Awaited<ReturnType<typeof startCallers>>;

/** Stile with two tenants, an app for people in charge, and a machine of each tenant. */
export async function startCallers({ clock }: Pick<IdpOptions, 'clock'> = {}) {
  const idp = await startIdp(clock ? { clock } : {});
  await idp.addTenant('globex');
  const house = { client_secret: SECRET, redirect_uris: [REDIRECT], first_party: true };
  await idp.addClient({ client_id: 'console', scope: 'openid admin', ...house });
  await idp.addClient({ client_id: 'plain', ...house });
  const machine = { client_secret: SECRET, redirect_uris: [], grant_types: ['client_credentials'] };
  for (const tenant of ['northwind', 'globex'])
    await idp.addClient({ client_id: `machine-${tenant}`, tenant, scope: MACHINE_SCOPES, ...machine });
  await idp.addClient({ client_id: 'machine-shared', scope: MACHINE_SCOPES, ...machine });

  const app = (clientId: string) => appOf(idp, { clientId, redirectUri: REDIRECT, secret: SECRET });

  async function person(email: string, roles: Role[], has: Holdings = { keys: [{}] }): Promise<Person> {
    const made = await idp.addPerson(email, has);
    const account = await idp.app.stores.accounts.save(made.account, { roles });
    if (!account) throw new Error('changed meanwhile');
    return { ...made, account };
  }

  return {
    idp,
    person,

    /** @returns the access token of a whole sign-in. @param by which second factor; absent = the first that is asked */
    async token(who: Person, clientId = 'console', scope = 'openid admin', by?: string): Promise<string> {
      const browser = idp.browser();
      const at = app(clientId);
      await browser.open(at.authorizeUrl({ scope }));
      await walk(browser, who, { appCode: () => idp.appCode(), ...(by === undefined ? {} : { by }) });
      const code = browser.left?.searchParams.get('code') ?? '';
      const tokens = (await (await at.redeem(code)).json()) as Partial<Tokens>;
      if (tokens.access_token === undefined) throw new Error(`no token: ${JSON.stringify(tokens)}`);
      return tokens.access_token;
    },

    /** @returns the answer to a machine's wish */
    machine: (clientId = 'machine-northwind', scope = MACHINE_SCOPES) =>
      app(clientId).post('/token', { grant_type: 'client_credentials', scope }),

    async machineToken(clientId?: string, scope?: string): Promise<string> {
      const answer = await this.machine(clientId, scope);
      return ((await answer.json()) as { access_token: string }).access_token;
    },

    async call(
      token: string | null,
      method: string,
      path: string,
      body?: unknown,
      headers: Record<string, string> = {},
    ) {
      const response = await fetch(`${idp.base}/api/v1${path}`, {
        method,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const parsed = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
      return { status: response.status, headers: response.headers, body: parsed };
    },
  };
}
