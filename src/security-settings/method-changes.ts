import type { Account, EnrolledMethod } from '../accounts/account.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import type { EnrollableId } from '../core/method-ids.ts';
import { tidyName, type Enrolment } from '../second-factor/enrolment.ts';
import { holdsAllowed } from '../tenants/allowed.ts';
import { levelOwedByPolicy } from '../tenants/standing.ts';
import type { Policy, Tenant } from '../tenants/tenant.ts';
import type { Change, Commit } from './changes.ts';
import { ownMethods, type Inventory, type OwnMethod } from './my-methods.ts';
import type { Visit } from './visit.ts';

export interface MethodChangePorts {
  readonly commit: Commit;
  readonly enrolments: readonly Enrolment[];
  readonly inventory: Inventory;
  readonly tenants: { findFresh(tenantId: string): Promise<Tenant | null> };
  readonly clock: Clock;
}

/** What a removal means: nothing more, the end of two-factor, or that it cannot be. */
export type Removal = 'usual' | 'last' | 'enforced';

/** Whether the tenant demands a method of this person, so that one must stay. */
export function mustKeepOne(policy: Policy, account: Account, now: Date): boolean {
  return levelOwedByPolicy(policy, account, now) > 1;
}

/** What it means to be left with `rest`. A method that the tenant does not allow signs nobody in, so it is none. */
export function removalOf(
  policy: Policy,
  account: Account,
  rest: readonly EnrolledMethod[],
  now: Date,
): Removal {
  if (!holdsAllowed(policy, rest) && mustKeepOne(policy, account, now)) return 'enforced';
  return rest.length === 0 ? 'last' : 'usual';
}

export type MethodChanges = ReturnType<typeof createMethodChanges>;

/** Taking methods away, and giving them other names. */
export function createMethodChanges(ports: MethodChangePorts) {
  const { commit, enrolments, inventory, tenants, clock } = ports;

  function enrolmentOf(kind: EnrollableId): Enrolment {
    const enrolment = enrolments.find(({ id }) => id === kind);
    if (!enrolment) throw new DomainError('method_not_offered');
    return enrolment;
  }

  async function named({ account }: Visit, id: string): Promise<OwnMethod> {
    const method = (await ownMethods(account, inventory)).find((one) => one.id === id);
    if (!method) throw new DomainError('not_found');
    return method;
  }

  /** Past every cache: a policy that was saved a moment ago decides already. */
  async function meaning({ account }: Visit, rest: readonly EnrolledMethod[]): Promise<Removal> {
    const tenant = await tenants.findFresh(account.tenantId);
    if (!tenant) throw new DomainError('not_found');
    return removalOf(tenant.policy, account, rest, clock());
  }

  const without = ({ account }: Visit, id: string) => account.methods.filter((one) => one.id !== id);

  /** Takes `gone` away; with the last method the codes die and two-factor is off. */
  async function take(change: Change, gone: readonly OwnMethod[], off: boolean): Promise<void> {
    const { account, by } = change.visit;
    const ids = new Set(gone.map(({ id }) => id));
    const done = { at: clock(), device: by.device };
    const removed = gone.map(({ id, kind }) => {
      return { event: 'method_removed', method: kind, details: { id } } as const;
    });
    await commit(change, {
      changes: {
        methods: account.methods.filter(({ id }) => !ids.has(id)),
        ...(off ? { recovery: null } : {}),
      },
      entries: [...removed, ...(off ? [{ event: 'two_factor_turned_off' } as const] : [])],
      mails: off
        ? [{ kind: 'two-factor-off', ...done }]
        : gone.map(({ kind, name }) => ({ kind: 'method-removed', method: kind, name: name ?? '', ...done })),
      ends: 'others',
    });
    await Promise.all(gone.map(({ id, kind }) => enrolmentOf(kind).discard(account, id)));
  }

  return {
    /** One method, and what it would mean to remove it. @throws DomainError not_found */
    async look(visit: Visit, id: string): Promise<{ method: OwnMethod; removal: Removal }> {
      const method = await named(visit, id);
      return { method, removal: await meaning(visit, without(visit, id)) };
    },

    /** One method that people tell from others by its name. @throws DomainError not_found */
    async lookForName(visit: Visit, id: string): Promise<{ method: OwnMethod }> {
      const method = await named(visit, id);
      if (!enrolmentOf(method.kind).asksName) throw new DomainError('not_found');
      return { method };
    },

    /** What it would mean to turn two-factor off; null = it is off. */
    async lookAtAll(visit: Visit): Promise<Removal | null> {
      return visit.account.methodCount === 0 ? null : meaning(visit, []);
    },

    /**
     * Removes one method. @returns what it meant; `enforced` = nothing was done
     * @throws DomainError not_found, changed_meanwhile
     */
    async remove(change: Change, id: string): Promise<Removal> {
      const method = await named(change.visit, id);
      const removal = await meaning(change.visit, without(change.visit, id));
      if (removal !== 'enforced') await take(change, [method], removal === 'last');
      return removal;
    },

    /** Removes all methods and the codes. @returns as `remove`; null = it is off already */
    async turnOff(change: Change): Promise<Removal | null> {
      const { account } = change.visit;
      if (account.methodCount === 0) return null;
      const removal = await meaning(change.visit, []);
      if (removal !== 'enforced') await take(change, await ownMethods(account, inventory), true);
      return removal;
    },

    /**
     * Gives a method another name. The account's write, which changes nothing else, decides the order: a name is
     * never given to what is gone.
     * @returns false when there is no name in it
     * @throws DomainError not_found, changed_meanwhile
     */
    async rename(change: Change, id: string, name: string): Promise<boolean> {
      const { account, by } = change.visit;
      const { kind, name: before } = await named(change.visit, id);
      const enrolment = enrolmentOf(kind);
      if (!enrolment.asksName) throw new DomainError('not_found');
      const called = tidyName(name, '');
      if (called === '') return false;
      if (called === before) return true;
      const done = { at: clock(), device: by.device };
      await commit(change, {
        changes: { methods: account.methods },
        entries: [{ event: 'method_renamed', method: kind, details: { id } }],
        mails: [{ kind: 'method-renamed', method: kind, name: called, oldName: before ?? '', ...done }],
        ends: null,
      });
      await enrolment.rename(account, id, called);
      return true;
    },
  };
}
