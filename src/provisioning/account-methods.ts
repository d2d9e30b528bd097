import type { Account, EnrolledMethod } from '../accounts/account.ts';
import type { AccountRef } from '../core/account-ref.ts';
import type { Provisioner } from '../second-factor/provisioner.ts';
import type { Applied } from './applied.ts';
import { sectionOf, type AccountEntry } from './schema.ts';

/** What tells listed methods apart, with their names: `key` or `app`, and what the method itself tells them by. */
type Names = Readonly<Record<string, string>>;

/** How many there are of a kind. */
export interface Counted {
  /** Of the method's provisioner, such as `key`. */
  readonly noun: string;
  readonly count: number;
}

export interface MethodsPlan {
  /** Methods to add and to take away, by kind; none of both = the account's methods stay. */
  readonly added: readonly Counted[];
  readonly removed: readonly Counted[];
  readonly renamed: number;
  /** Stores what proves the added ones, and gives the account's new list. They count once the account lists them. */
  store(): Promise<EnrolledMethod[]>;
  /** Renames, and deletes what proves the removed ones, once the account no longer lists them. */
  tidy(): Promise<void>;
  readonly told: Names;
}

const nameOf = ({ noun }: Provisioner, key: string) => `${noun} ${key}`;

/** What of `names` is not in `others`. */
const without = (names: Names, others: Names): string[] =>
  Object.keys(names).filter((name) => !(name in others));

/** What the file lists of somebody; of a kind that it does not list at all, what it listed last time. */
function toldOf(entry: AccountEntry, who: AccountRef, before: Names, provisioners: readonly Provisioner[]) {
  const names = provisioners.map((one): Names => {
    const listed = sectionOf(entry, one);
    if (!listed)
      return Object.fromEntries(Object.entries(before).filter(([name]) => name.startsWith(nameOf(one, ''))));
    const told = listed.map((item) => one.told(who, item));
    return Object.fromEntries(told.map(({ key, label }) => [nameOf(one, key), label]));
  });
  return Object.assign({}, ...names) as Names;
}

/**
 * Compares the listed methods with those listed last time. What people added themselves stays; what they removed
 * themselves does not come back while the file says the same. A kind that is not listed at all is left alone.
 */
export async function planMethods(
  entry: AccountEntry,
  who: AccountRef,
  current: Account | null,
  { last, provisioners }: { last: Applied | null; provisioners: readonly Provisioner[] },
): Promise<MethodsPlan> {
  const kindOf = (name: string) => provisioners.find((one) => name.startsWith(nameOf(one, '')));
  // What was listed of a kind that there is no more counts for nothing.
  const before: Names = Object.fromEntries(
    Object.entries(last?.methods ?? {}).filter(([name]) => kindOf(name)),
  );
  const told = toldOf(entry, who, before, provisioners);
  const isOwn = (row: AccountRef) => row.tenantId === who.tenantId && row.accountId === who.accountId;

  function shelf(name: string): Provisioner {
    const found = kindOf(name);
    if (!found) throw new Error(`no kind of method has the name ${name}`);
    return found;
  }

  /** The id in `account.methods` of a listed method; null = the account does not list it. */
  async function methodId(name: string): Promise<string | null> {
    const one = shelf(name);
    const row = await one.find(who, name.slice(nameOf(one, '').length));
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
  const count = (names: Iterable<string>): Counted[] => {
    const all = [...names].map(shelf);
    return provisioners.map((one) => ({ noun: one.noun, count: all.filter((kind) => kind === one).length }));
  };

  return {
    added: count(added),
    removed: count(removed.keys()),
    renamed: renamed.length,
    told,
    async store() {
      const gone = [...removed.values()];
      const kept = (current?.methods ?? []).filter(({ id }) => !gone.includes(id));
      const fresh: EnrolledMethod[] = [];
      for (const one of provisioners) {
        for (const item of sectionOf(entry, one) ?? []) {
          if (added.includes(nameOf(one, one.told(who, item).key))) fresh.push(await one.store(who, item));
        }
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
