import type { RecoverySet, StoredPassword } from '../accounts/account.ts';
import type { Passwords } from '../accounts/passwords.ts';
import { DomainError } from '../core/errors.ts';
import type { Applied } from './applied.ts';
import type { ProvisioningPorts } from './plan.ts';
import type { AccountEntry } from './schema.ts';

/** Provisioning does a few computations at a time: it may have any place in the queue. */
const priority = { patient: true };

/** What is to become of a listed secret. */
export interface SecretPlan<Stored, Told> {
  /** Makes what is to be stored; null = what is there stays. */
  readonly make: (() => Promise<Stored>) | null;
  /** What the next run compares with. @param made what `make` gave; null when it stays */
  told(made: Stored | null): Promise<Told | null>;
}

/** Digests are compared, passwords are tried. */
async function isListed(
  { password, passwordHash }: AccountEntry,
  stored: StoredPassword,
  passwords: Passwords,
) {
  if (passwordHash !== undefined) return stored.phc === passwordHash;
  return password !== undefined && (await passwords.verify(stored, password, priority)).ok;
}

/** Compares the listed password with what was listed last time, and then with the present one. */
export async function planPassword(
  entry: AccountEntry,
  current: StoredPassword | null,
  last: Applied | null,
  { passwords, clock }: ProvisioningPorts,
): Promise<SecretPlan<StoredPassword, StoredPassword>> {
  const { password, passwordHash } = entry;
  if (password === undefined && passwordHash === undefined) return { make: null, told: async () => null };
  for (const known of [last?.password, current]) {
    if (known && (await isListed(entry, known, passwords))) return { make: null, told: async () => known };
  }
  const make = async () => {
    if (passwordHash === undefined) return passwords.hash(password ?? '', priority);
    return { phc: passwordHash, pepperId: null, changedAt: clock() };
  };
  return { make, told: async (made) => made };
}

/** Compares a listed set of recovery codes as `planPassword` does. Codes that were used stay used. */
export async function planRecovery(
  { recoveryCodes: codes = [] }: AccountEntry,
  current: RecoverySet | null,
  last: Applied | null,
  { passwords, makeRecoverySet }: ProvisioningPorts,
): Promise<SecretPlan<RecoverySet, NonNullable<Applied['recovery']>>> {
  if (codes.length === 0) return { make: null, told: async () => null };
  const spelt = codes.map((code) =>
    code
      .normalize('NFKC')
      .replaceAll(/[^\p{L}\p{N}]/gu, '')
      .toUpperCase(),
  );
  const whole = spelt.toSorted().join(' ');
  const before = last?.recovery;
  if (before && (await digestOrNull(passwords, whole, before)) === before.digest) {
    return { make: null, told: async () => before };
  }

  const tell = async ({ salt, pepperId }: RecoverySet) => {
    return { salt, pepperId, digest: await passwords.digestCode(whole, salt, pepperId) };
  };
  if (current && (await isRestOf(spelt, current, passwords)))
    return { make: null, told: () => tell(current) };
  return { make: () => makeRecoverySet(codes), told: async (made) => made && tell(made) };
}

/** Whether what is left of `set` came from these codes: a run that ended before it could remember. */
async function isRestOf(codes: readonly string[], set: RecoverySet, passwords: Passwords): Promise<boolean> {
  const left = new Set(set.digests);
  for (const code of codes) {
    const digest = await digestOrNull(passwords, code, set);
    if (digest !== null) left.delete(digest);
  }
  return set.digests.length > 0 && left.size === 0;
}

type Salted = Pick<RecoverySet, 'salt' | 'pepperId'>;

/** @returns null when the key of an old digest is gone: then nothing is like it */
async function digestOrNull(
  passwords: Passwords,
  text: string,
  { salt, pepperId }: Salted,
): Promise<string | null> {
  try {
    return await passwords.digestCode(text, salt, pepperId);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'method_unavailable') return null;
    throw error;
  }
}
