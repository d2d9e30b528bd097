import type { Role } from '../../src/accounts/account.ts';
import type { Idp, Person } from './idp.ts';

let count = 0;

/** Somebody in charge who gives rescue codes, in a tenant that wants it. */
export async function giver(idp: Idp, tenant: string, roles: Role[] = ['lead'], team: string | null = null) {
  const person = await idp.addPerson(`giver-${(count += 1)}@${tenant}.example`, { keys: [{}] });
  const account = await idp.app.stores.accounts.save(person.account, { roles, team });
  if (!account) throw new Error('changed meanwhile');
  return { ...person, account };
}

/** @returns a code for somebody, as it is read to them */
export async function giveCode(idp: Idp, by: Person, to: Person, hours = 8): Promise<string> {
  const editor = { kind: 'person', who: by.account } as const;
  const wish = { reason: 'forgot the key at home', hours, once: null };
  const occasion = { editor, reference: 'a-test', source: '127.0.0.0' };
  const { code } = await idp.app.admin.rescueCodes.give(to.account, wish, occasion);
  if (code === null) throw new Error('shown before');
  return code;
}

/** The same person with this code in their hand. */
export const holding = (person: Person, code: string): Person => ({ ...person, codes: [code] });
