import { createHash } from 'node:crypto';
import type { Account, EnrolledMethod } from '../accounts/account.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { randomId } from '../core/random.ts';
import type { Applied } from './applied.ts';
import type { ProvisioningPorts } from './plan.ts';
import type { AccountEntry } from './schema.ts';

/** What tells listed methods apart, with their names: a key's credential id, the id of an app. */
type Names = Readonly<Record<string, string>>;

export interface MethodsPlan {
  /** Apps and keys to add and to take away; none of both = the account's methods stay. */
  readonly added: { readonly apps: number; readonly keys: number };
  readonly removed: { readonly apps: number; readonly keys: number };
  readonly renamed: number;
  /** Stores what proves the added ones, and gives the account's new list. They count once the account lists them. */
  store(): Promise<EnrolledMethod[]>;
  /** Renames, and deletes what proves the removed ones, once the account no longer lists them. */
  tidy(): Promise<void>;
  readonly told: Names;
}

/**
 * One secret of one account has one id, so that a run that was cut off finds what it stored. A secret has 128 random
 * bits or more: its digest tells nothing of it.
 */
function appId({ accountId }: AccountRef, secret: string): string {
  return createHash('sha256')
    .update(`app ${accountId} ${secret}`)
    .digest()
    .subarray(0, 16)
    .toString('base64url');
}

/** What of `names` is not in `others`. */
const without = (names: Names, others: Names): string[] =>
  Object.keys(names).filter((name) => !(name in others));

/**
 * Compares the listed methods with those listed last time. What people added themselves stays; what they removed
 * themselves does not come back while the file says the same. A kind that is not listed at all is left alone.
 */
export async function planMethods(
  entry: AccountEntry,
  who: AccountRef,
  current: Account | null,
  { last, ports }: { last: Applied | null; ports: ProvisioningPorts },
): Promise<MethodsPlan> {
  const { securityKeys, authenticatorApps, accounts, clock, random } = ports;
  const before = last?.methods ?? {};
  const isKey = (id: string) => id.startsWith('key ');
  const carried = (keys: boolean): Names =>
    Object.fromEntries(Object.entries(before).filter(([id]) => isKey(id) === keys));
  const keys: Names = entry.securityKeys
    ? Object.fromEntries(entry.securityKeys.map((key) => [`key ${key.credentialId}`, key.name]))
    : carried(true);
  const apps: Names = entry.authenticatorApps
    ? Object.fromEntries(entry.authenticatorApps.map((app) => [`app ${appId(who, app.secret)}`, app.label]))
    : carried(false);
  const told = { ...apps, ...keys };

  const isOwn = (row: AccountRef) => row.tenantId === who.tenantId && row.accountId === who.accountId;

  /** The id in `account.methods` of a listed method; null = the account does not list it. */
  async function methodId(name: string): Promise<string | null> {
    const value = name.slice('key '.length);
    const row = isKey(name) ? await securityKeys.findByCredential(value) : { ...who, id: value };
    return row && isOwn(row) && current?.methods.some(({ id }) => id === row.id) ? row.id : null;
  }

  const added: string[] = [];
  for (const name of without(told, before)) if ((await methodId(name)) === null) added.push(name);
  const removed = new Map<string, string>();
  for (const name of without(before, told)) {
    const id = await methodId(name);
    if (id !== null) removed.set(name, id);
  }
  const renamed = Object.keys(told).filter((name) => name in before && before[name] !== told[name]);

  /** Makes room where a set-up was cut off and left a credential that no account lists; takes over what is its own. */
  async function storeKey(key: NonNullable<AccountEntry['securityKeys']>[number]): Promise<EnrolledMethod> {
    const row = await securityKeys.findByCredential(key.credentialId);
    const facts = { model: key.aaguid?.toLowerCase() ?? null, synced: key.backupEligible ?? false };
    const method = { id: randomId(random), kind: 'security-key', addedAt: clock(), ...facts } as const;
    const found = (one: NonNullable<typeof row>) => ({
      ...method,
      id: one.id,
      model: one.aaguid?.toLowerCase() ?? null,
      synced: one.backupEligible,
    });
    if (row && isOwn(row)) return found(row);
    if (row && !(await accounts.findById(row.accountId))?.methods.some(({ id }) => id === row.id)) {
      await securityKeys.remove(row, row.id);
    }
    const { tenantId, accountId } = who;
    const stored = await securityKeys.insert({
      id: method.id,
      tenantId,
      accountId,
      name: key.name,
      credentialId: key.credentialId,
      publicKey: key.publicKey,
      counter: key.counter,
      backupEligible: key.backupEligible ?? false,
      backedUp: key.backedUp ?? false,
      userVerified: false,
      transports: key.transports ?? [],
      aaguid: key.aaguid ?? null,
      addedAt: method.addedAt,
      lastUsedAt: null,
    });
    if (stored) return method;
    const winner = await securityKeys.findByCredential(key.credentialId);
    if (winner && isOwn(winner)) return found(winner);
    throw new Error('a credential was taken by somebody else in this instant: apply the file again');
  }

  async function storeApp(
    app: NonNullable<AccountEntry['authenticatorApps']>[number],
  ): Promise<EnrolledMethod> {
    const method = { id: appId(who, app.secret), kind: 'authenticator-app', addedAt: clock() } as const;
    const { tenantId, accountId } = who;
    const row = { tenantId, accountId, id: method.id, name: app.label, addedAt: method.addedAt };
    // Taken = a run that was cut off has stored it already.
    await authenticatorApps.insert({ ...row, secret: app.secret, lastTimeStep: 0 });
    return method;
  }

  const count = (names: Iterable<string>) => {
    const all = [...names];
    const ofKeys = all.filter(isKey).length;
    return { keys: ofKeys, apps: all.length - ofKeys };
  };
  const shelf = (name: string) => (isKey(name) ? securityKeys : authenticatorApps);

  return {
    added: count(added),
    removed: count(removed.keys()),
    renamed: renamed.length,
    told,
    async store() {
      const kept = (current?.methods ?? []).filter(({ id }) => ![...removed.values()].includes(id));
      const fresh: EnrolledMethod[] = [];
      for (const key of entry.securityKeys ?? []) {
        if (added.includes(`key ${key.credentialId}`)) fresh.push(await storeKey(key));
      }
      for (const app of entry.authenticatorApps ?? []) {
        if (added.includes(`app ${appId(who, app.secret)}`)) fresh.push(await storeApp(app));
      }
      return [...kept, ...fresh];
    },
    async tidy() {
      for (const [name, id] of removed) await shelf(name).remove(who, id);
      for (const name of renamed) {
        const id = await methodId(name);
        if (id !== null) await shelf(name).rename(who, id, told[name] ?? '');
      }
    },
  };
}
