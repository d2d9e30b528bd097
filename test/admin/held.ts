import { decodeJwt } from 'jose';
import type { PolicyChanges } from '../../src/tenants/policy-schema.ts';
import type { Tokens } from '../support/bare-browser.ts';
import type { Idp, Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { walk } from '../support/walk.ts';
import type { ListeningApp } from './listening-app.ts';

/** What somebody holds of one app. */
export interface Held {
  readonly person: Person;
  readonly browser: PageBrowser;
  readonly app: ListeningApp;
  /** Changes when they are refreshed. */
  tokens: Tokens;
  readonly sid: unknown;
}

/** With these a refresh token lives on without a session. */
export const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };

/** The ways in which what somebody holds can work. */
export const ALL = ['access token', 'userinfo', 'refresh token', 'session'];

/** Waits for what runs behind the answer. @throws after 15 s */
export async function until(test: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 150; tries += 1) {
    if (await test()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`never happened: ${what}`);
}

/** Signs `person` in at `app`. @throws when no code comes back */
export async function signInAt(
  idp: Idp,
  person: Person,
  app: ListeningApp,
  { browser = idp.browser(), more = {}, by }: { browser?: PageBrowser; more?: object; by?: string } = {},
): Promise<Held> {
  await browser.open(app.http.authorizeUrl({ ...more }));
  await walk(browser, person, { appCode: () => idp.appCode(), ...(by === undefined ? {} : { by }) });
  const code = browser.left?.searchParams.get('code');
  if (!code) throw new Error(`${person.account.email} has no code: ${browser.heading()}`);
  const tokens = (await (await app.http.redeem(code)).json()) as Tokens;
  return { person, browser, app, tokens, sid: decodeJwt(tokens.id_token).sid };
}

/** @returns in which ways what is held still works; each asked in the same moment */
export async function works({ app, tokens, browser }: Held): Promise<string[]> {
  const session = browser.copy();
  const [introspection, userinfo, refresh] = await Promise.all([
    app.http.introspect(tokens.access_token),
    app.http.userinfo(tokens.access_token),
    app.http.introspect(tokens.refresh_token ?? ''),
    session.open(app.http.authorizeUrl({ prompt: 'none' })),
  ]);
  return [
    ...(introspection.active === true ? ['access token'] : []),
    ...(userinfo.status === 200 ? ['userinfo'] : []),
    ...(refresh.active === true ? ['refresh token'] : []),
    ...(session.left?.searchParams.has('code') ? ['session'] : []),
  ];
}

/** Saves a policy as `boss` does. */
export const saveAs =
  (idp: Idp, boss: () => Person) =>
  (changes: PolicyChanges, confirmSignedOut: number | null = null, version: number | null = null) =>
    idp.app.admin.savePolicy(
      { tenantId: boss().account.tenantId, version, changes, confirmSignedOut },
      { editor: { kind: 'person', who: boss().account }, reference: 'ref', source: '127.0.0.0/24' },
    );
