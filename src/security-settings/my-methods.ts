import type { Account } from '../accounts/account.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { ENROLLABLE, type EnrollableId } from '../core/method-ids.ts';
import type { StoredFacts } from '../second-factor/running-factor.ts';

/** What a method's own store knows of one that somebody set up. */
export type MethodFacts = StoredFacts;

/** Where each kind of method is kept. */
export type Inventory = Readonly<Record<EnrollableId, (who: AccountRef) => Promise<readonly MethodFacts[]>>>;

/** One method of the account; `name` null = its store does not know it, and it can only be removed. */
export type OwnMethod = Omit<MethodFacts, 'name'> & {
  readonly kind: EnrollableId;
  readonly name: string | null;
};

/** @returns what the account lists, safest kind first, oldest first within a kind; what it does not list is nobody's */
export async function ownMethods(account: Account, inventory: Inventory): Promise<OwnMethod[]> {
  const kinds = ENROLLABLE.filter((kind) => account.methods.some((method) => method.kind === kind));
  const known = (await Promise.all(kinds.map((kind) => inventory[kind](account)))).flat();
  return kinds.flatMap((kind) =>
    account.methods
      .filter((method) => method.kind === kind)
      .sort((a, b) => a.addedAt.getTime() - b.addedAt.getTime())
      .map(({ id, addedAt }) => {
        const { name = null, lastUsedAt = null } = known.find((one) => one.id === id) ?? {};
        return { id, kind, addedAt, name, lastUsedAt };
      }),
  );
}
