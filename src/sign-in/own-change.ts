import type { Account } from '../accounts/account.ts';
import type { SignIn } from './sign-in.ts';

/**
 * Any change of the account ends a sign-in (rule change-ends-all), but for the one that the sign-in makes itself: a
 * method
 * that is set up in it, or a list of recovery codes. Account and sign-in are two documents, so it announces the change
 * first (`expects`, `expectsCodes`), and knows it by that afterwards, also when the process died in between.
 *
 * It is its own if the account is exactly one version ahead and holds what was announced: the write was conditional on
 * the version that the sign-in knows, and nobody else could have an id or a salt that was drawn for it.
 * @returns what the sign-in becomes by it; null when the account has not changed, or was changed by anybody else
 */
export function ownChange(signIn: SignIn, account: Account): Partial<SignIn> | null {
  const { expects, expectsCodes, credVersion } = signIn;
  if (credVersion === null || account.credVersion !== credVersion + 1) return null;
  if (expectsCodes !== null && account.recovery?.salt === expectsCodes)
    return { credVersion: account.credVersion, expectsCodes: null, ownFloor: account.validFrom };
  if (!expects || !account.methods.some(({ id }) => id === expects.id)) return null;
  const { kind, amr, id: credentialId } = expects;
  return {
    credVersion: account.credVersion,
    proofs: [...signIn.proofs, { method: kind, amr, credentialId, carried: false }],
    tries: 0,
    expects: null,
    untoldSetUp: kind,
  };
}
