import type { Account } from '../accounts/account.ts';
import { initialsOf } from '../accounts/initials.ts';

/** The identity chip: who this sign-in is for, on every page after the password. */
export interface Who {
  readonly email: string;
  readonly initials: string;
  readonly switchHref: string;
}

export function whoIs(account: Account, uid: string): Who {
  return {
    email: account.email,
    initials: initialsOf(account.name),
    switchHref: `/sign-in/${uid}/password?switch=1`,
  };
}
