import type { Account } from '../accounts/account.ts';

/** The identity chip: who this sign-in is for, on every page after the password. */
export interface Who {
  readonly email: string;
  readonly initials: string;
  readonly switchHref: string;
}

/** @returns the first letters of the first and last word of a name, as the avatar shows them */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return ends.map((word) => [...(word ?? '')][0]?.toLocaleUpperCase() ?? '').join('');
}

export function whoIs(account: Account, uid: string): Who {
  return {
    email: account.email,
    initials: initialsOf(account.name),
    switchHref: `/sign-in/${uid}/password?switch=1`,
  };
}
