import { startIdp, type Holdings, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { walk } from '../support/walk.ts';

export const SECURITY = '/account/security';

export type Owners = Awaited<ReturnType<typeof startOwners>>;

/** Stile and people who look after their own sign-in. Tenant `strict` enforces a second factor. The clock can be moved. */
export async function startOwners() {
  let ahead = 0;
  let count = 0;
  const idp = await startIdp({ clock: () => new Date(Date.now() + ahead) });
  await idp.addTenant('strict', { secondFactor: 'required' });
  const { stores } = idp.app;

  return {
    idp,
    stores,
    appCode: () => idp.appCode(),
    /** Moves the clock; it stays there for whoever comes after. */
    later(seconds: number) {
      ahead += 1000 * seconds;
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
    /** Opens the own pages and signs in on the way. @param by which second factor; absent = the first that is asked */
    async signIn(person: Person, by?: string): Promise<PageBrowser> {
      const browser = await idp.browser().open(SECURITY);
      await walk(browser, person, { appCode: () => idp.appCode(), ...(by === undefined ? {} : { by }) });
      return browser;
    },
    close: () => idp.close(),
  };
}
