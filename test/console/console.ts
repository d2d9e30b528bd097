import type { Role } from '../../src/accounts/account.ts';
import { startOwners } from '../security-settings/owners.ts';
import type { Holdings, Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { walk } from '../support/walk.ts';

export type Consoles = Awaited<ReturnType<typeof startConsoles>>;

/** Stile and people in charge of its tenants. */
export async function startConsoles() {
  const owners = await startOwners();
  let count = 0;
  return {
    ...owners,
    /** Somebody with this role, in a tenant. */
    async inCharge(role: Role, has: Holdings = { keys: [{}] }, tenant = 'northwind'): Promise<Person> {
      const person = await owners.idp.addPerson(`${role}-${(count += 1)}@${tenant}.example`, has);
      const account = await owners.stores.accounts.save(person.account, { roles: [role] });
      if (!account) throw new Error('changed meanwhile');
      return { ...person, account };
    },
    /** Opens a page of the console and signs in on the way. */
    async open(person: Person, path = '/admin'): Promise<PageBrowser> {
      const browser = await owners.idp.browser().open(path);
      await walk(browser, person, { appCode: () => owners.idp.appCode() });
      return browser;
    },
  };
}
