import type { Random } from '../core/random.ts';
import type { Account } from './account.ts';

/** What tells one new person from another. */
export type NewPerson = Pick<Account, 'tenantId' | 'accountId' | 'email' | 'name' | 'createdAt'>;

/** @returns an account of somebody who chooses a password by a mailed link: nobody can sign in to it before */
export function invitedAccount(person: NewPerson, random: Random): Account {
  return {
    ...person,
    roles: ['agent'],
    state: 'invited',
    claims: {},
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
    userHandle: random(64).toString('base64url'),
  };
}
