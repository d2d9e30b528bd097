import type { Provisioner } from '../second-factor/provisioner.ts';
import { sectionOf, type AccountEntry, type ProvisioningFile } from './schema.ts';

/** Somebody of a file whom one can sign in as: has a password in plain, and is in use. */
export interface DemoPerson {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  /** In words, such as `security key, authenticator app`. */
  readonly methods: string;
  /** The app's code of this moment, else a recovery code, else empty. */
  readonly code: string;
}

/** The app of a file that the sample app signs in as. */
export interface DemoClient {
  readonly id: string;
  readonly secret: string | null;
}

/** @returns who of a file can sign in, for a table at the terminal. Only for files that hold no real secrets. */
export function demoPeople(
  { accounts }: ProvisioningFile,
  now: Date,
  provisioners: readonly Provisioner[],
): DemoPerson[] {
  return accounts.flatMap((account) => {
    const { name, email, password, state } = account;
    if (password === undefined || state === 'disabled') return [];
    const methods = methodsOf(account, provisioners);
    return [{ name, email, password, methods, code: codeOf(account, now, provisioners) }];
  });
}

/** @returns the client with a redirect address at `origin`; null = the file has none */
export function demoClient({ clients }: ProvisioningFile, origin: string): DemoClient | null {
  const client = clients.find(({ redirect_uris: uris }) => uris.some((uri) => uri.startsWith(`${origin}/`)));
  return client ? { id: client.client_id, secret: client.client_secret ?? null } : null;
}

function methodsOf(account: AccountEntry, provisioners: readonly Provisioner[]): string {
  const counted = (count: number, what: string) =>
    count === 0 ? [] : [count === 1 ? what : `${count} ${what}s`];
  const { recoveryCodes = [], tenant } = account;
  const methods = [
    ...provisioners.flatMap((one) => counted(sectionOf(account, one)?.length ?? 0, one.called)),
    ...(recoveryCodes.length > 0 ? ['recovery codes'] : []),
  ];
  return methods.length > 0 ? methods.join(', ') : `none (${tenant})`;
}

function codeOf(account: AccountEntry, now: Date, provisioners: readonly Provisioner[]): string {
  const codes = provisioners.flatMap((one) =>
    (sectionOf(account, one) ?? []).map((item) => one.codeAt?.(item, now)),
  );
  return codes.find((code) => code !== undefined) ?? account.recoveryCodes?.[0] ?? '';
}
