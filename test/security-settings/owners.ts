import { setTimeout } from 'node:timers/promises';
import { generate } from 'otplib';
import type { AuditEvent } from '../../src/audit/events.ts';
import { epochSeconds } from '../../src/core/clock.ts';
import { createSoftKey } from '../support/authenticator.ts';
import { PASSWORD, startIdp, type Holdings, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { touchKey, walk } from '../support/walk.ts';

export const SECURITY = '/account/security';

/** @returns the way that a page that wants a fresh proof asks for, such as `security-key`; null = it is another page */
export const wayOf = ({ url }: PageBrowser): string | null =>
  /^\/account\/confirm\/[^/]+\/([a-z-]+)$/.exec(url.pathname)?.[1] ?? null;

/** @returns the recovery codes that the page shows */
export const codesOn = (browser: PageBrowser): string[] =>
  browser
    .page()('.codes code')
    .toArray()
    .map((code) => browser.page()(code).text());

/** @returns the token of the page's forms */
export const tokenOf = (browser: PageBrowser): string =>
  browser.page()('input[name=_csrf]').first().attr('value') ?? '';

export type Owners = Awaited<ReturnType<typeof startOwners>>;

/**
 * Stile and people who look after their own sign-in. Tenant `strict` enforces a second factor, `mailing`
 * wants a mailed code before the first one, `leading` a code of a lead. The clock begins hours ago,
 * because the provider reads the machine's own and knows no future, and can be moved on.
 */
export async function startOwners() {
  let behind = 4 * 60 * 60 * 1000;
  let count = 0;
  const idp = await startIdp({ clock: () => new Date(Date.now() - behind) });
  await idp.addTenant('strict', { secondFactor: 'required' });
  await idp.addTenant('mailing', { enrolmentProof: 'email' });
  await idp.addTenant('leading', { enrolmentProof: 'lead-code' });
  const { stores } = idp.app;

  return {
    idp,
    stores,
    appCode: () => idp.appCode(),
    /** Moves the clock; it stays there for whoever comes after. */
    later(seconds: number) {
      behind -= 1000 * seconds;
    },
    /** Somebody whom no other test knows. */
    person: (has: Holdings = {}, tenant = 'northwind') =>
      idp.addPerson(`owner-${(count += 1)}@${tenant}.example`, has),
    /** The account as it is now. */
    async now({ account }: Person) {
      const found = await stores.accounts.find(account);
      if (!found) throw new Error('the account is gone');
      return found;
    },
    /** The person as they are now, with those of their keys that still count. */
    async asNow(person: Person): Promise<Person> {
      const account = await stores.accounts.find(person.account);
      if (!account) throw new Error('the account is gone');
      return { ...person, account };
    },
    /** Opens the own pages and signs in on the way. @param by which second factor; absent = the first that is asked */
    async signIn(person: Person, by?: string): Promise<PageBrowser> {
      const browser = await idp.browser().open(SECURITY);
      await walk(browser, person, { appCode: () => idp.appCode(), ...(by === undefined ? {} : { by }) });
      return browser;
    },
    /** The code of the app that the page tells how to add. */
    appCodeOn: (browser: PageBrowser) =>
      generate({
        secret: browser.page()('.secret').text().replaceAll(' ', ''),
        epoch: epochSeconds(new Date(Date.now() - behind)),
      }),
    /** Touches a new key for the page that asks for one. */
    async addKey(browser: PageBrowser, { aaguid }: { readonly aaguid?: string } = {}) {
      const { hostname, origin } = new URL(idp.issuer);
      const options = JSON.parse(browser.page()('form[data-options]').attr('data-options') ?? '') as {
        challenge: string;
      };
      const key = createSoftKey({ rpId: hostname, origin, ...(aaguid === undefined ? {} : { aaguid }) });
      await browser.submit({ response: JSON.stringify(key.registration(options)), client_state: 'ready' });
    },
    /** @returns the subjects of `count` mails and more, newest first, but for those about signing in. @throws when they do not come */
    async mailsTo({ account }: Person, count = 1): Promise<string[]> {
      for (let i = 0; i < 100; i += 1) {
        const mails = (await stores.operations.mailbox?.newest(200)) ?? [];
        const mine = mails
          .filter(({ to, subject }) => to === account.email && !subject.startsWith('New sign-in from'))
          .map(({ subject }) => subject);
        if (mine.length >= count) return mine;
        await setTimeout(50);
      }
      throw new Error('no mail');
    },
    /** What the log tells of somebody, newest first: the events of these names, how and why. */
    async told({ account: { tenantId, accountId } }: Person, ...names: AuditEvent[]) {
      const { records } = await stores.operations.search.list(
        tenantId,
        { accountId, events: names },
        { limit: 100 },
      );
      return records.map(({ event, method, reason }) => [event, method, reason]);
    },
    /** Opens `path` and, where that is asked first, confirms that it is `person`. @returns the way that was asked */
    async confirm(browser: PageBrowser, person: Person, path: string, by?: string): Promise<string | null> {
      await browser.open(path);
      if (by !== undefined && wayOf(browser) !== null && wayOf(browser) !== by) {
        await browser.open(browser.url.pathname.replace(/[^/]+$/, by));
      }
      const way = wayOf(browser);
      switch (way) {
        case null:
          break;
        case 'password':
          await browser.submit({ password: PASSWORD });
          break;
        case 'security-key':
          await browser.submit(touchKey(browser, person));
          break;
        case 'authenticator-app':
          behind -= 30_000; // its last code is spent
          await browser.submit({ code: await idp.appCode() });
          break;
        case 'recovery-code':
          await browser.submit({ code: person.codes[0] ?? '' });
      }
      return way;
    },
    close: () => idp.close(),
  };
}
