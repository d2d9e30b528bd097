import type { Account } from '../accounts/account.ts';
import { DomainError } from '../core/errors.ts';
import type { EnrollableId } from '../core/method-ids.ts';
import { owing } from '../notifications/owed-mails.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { type Enrolment, type EnrolmentRefusal, tidyName, type View } from '../second-factor/enrolment.ts';
import type { Form } from '../second-factor/method.ts';
import { entryOf, type Actor } from '../accounts/actor.ts';
import type { SetUpPorts, Whose } from './ports.ts';
import { stageOf, type ProvedMethod, type SetUp } from './set-up.ts';

/** A method that counts from now on, and the account that lists it. */
export interface Added {
  readonly account: Account;
  readonly proved: ProvedMethod;
}

/** What comes back from the page that shows how to add a method. */
export interface GivenAnswer {
  readonly tenant: Tenant;
  readonly kind: EnrollableId;
  readonly form: Form;
  readonly by: Actor;
}

export type SetUpAnswer =
  /** `added` null: proved, and wants a name before it counts. */
  | { readonly ok: true; readonly added: Added | null }
  | {
      readonly ok: false;
      readonly reason: EnrolmentRefusal;
      readonly minutes: number | null;
      /** For the next try: the same challenge where it can be answered again, else a new one. */
      readonly view: View;
    };

/** The end of a set-up: a method is proved, named where it has a name, and written to the account. */
export function setUpMethod(ports: SetUpPorts, find: (whose: Whose) => Promise<SetUp | null>) {
  const { store, accounts, commit, enrolments, clock } = ports;

  function enrolmentOf(kind: EnrollableId): Enrolment {
    const enrolment = enrolments.find(({ id }) => id === kind);
    if (!enrolment) throw new DomainError('method_not_offered');
    return enrolment;
  }

  /** @throws DomainError step_out_of_order when the codes come first, or there is nothing */
  async function findReady(whose: Whose): Promise<SetUp> {
    const setUp = await find(whose);
    if (!setUp || stageOf(setUp) === 'codes') throw new DomainError('step_out_of_order');
    return setUp;
  }

  /** A method that will not count leaves nothing behind; one that counts all the same is not touched. */
  async function giveUp(account: Account, { method }: ProvedMethod): Promise<void> {
    const now = await accounts.find(account);
    if (now?.methods.some(({ id }) => id === method.id)) return;
    await enrolmentOf(method.kind).discard(account, method.id);
  }

  /** The write that decides. @throws DomainError changed_meanwhile */
  async function makeLive(setUp: SetUp, whose: Whose, proved: ProvedMethod, by: Actor): Promise<Added> {
    const { account } = whose;
    const { method } = proved;
    const codes = setUp.codes && { recovery: setUp.codes.set };
    const entries = [
      entryOf(account, by, { event: 'method_added', method: method.kind, details: { id: method.id } }),
      ...(codes
        ? [
            entryOf(account, by, { event: 'recovery_codes_made' }),
            entryOf(account, by, { event: 'two_factor_turned_on', method: method.kind }),
          ]
        : []),
    ];
    const { device } = by;
    const mail = {
      kind: 'method-added',
      method: method.kind,
      name: proved.name,
      at: clock(),
      device,
    } as const;
    let saved: Account | null = null;
    try {
      saved = await commit({
        who: account,
        entries,
        mails: [owing(mail)],
        async write({ save }) {
          await whose.aboutToCount?.(proved);
          const held = await enrolmentOf(method.kind).hold?.(account, method.id);
          return held !== false && save(account, { methods: [...account.methods, method], ...codes });
        },
      });
    } finally {
      if (!saved) await giveUp(account, proved);
    }
    if (!saved) throw new DomainError('changed_meanwhile');
    await store.remove(setUp);
    return { account: saved, proved };
  }

  async function openChallenge(setUp: SetUp, account: Account, tenant: Tenant, kind: EnrollableId) {
    const { challenge, view } = await enrolmentOf(kind).begin(account, tenant);
    const put = await store.putChallenge(setUp, { kind, value: challenge });
    if (!put) throw new DomainError('step_out_of_order');
    return view;
  }

  return {
    /** Shows how to add a method. One that was proved and not named yet is given up. */
    async open(whose: Whose, tenant: Tenant, kind: EnrollableId): Promise<View> {
      const setUp = await findReady(whose);
      const left = setUp.proved && (await store.takeProved(setUp));
      if (left) await giveUp(whose.account, left);
      return openChallenge(setUp, whose.account, tenant, kind);
    },

    /** Judges what the browser or the person answers. @throws DomainError changed_meanwhile */
    async answer(whose: Whose, { tenant, kind, form, by }: GivenAnswer): Promise<SetUpAnswer> {
      const { account } = whose;
      const setUp = await findReady(whose);
      const enrolment = enrolmentOf(kind);
      const taken = await store.takeChallenge(setUp, kind);
      if (!taken) {
        const view = await openChallenge(setUp, account, tenant, kind);
        return { ok: false, reason: 'expired', minutes: null, view };
      }
      const verdict = await enrolment.finish(account, tenant, taken.value, form);
      if (!verdict.ok) {
        const { reason, minutes = null } = verdict;
        const again = await enrolment.viewAgain?.(account, tenant, taken.value);
        if (again) await store.giveBack(setUp, taken);
        return {
          ok: false,
          reason,
          minutes,
          view: again ?? (await openChallenge(setUp, account, tenant, kind)),
        };
      }
      const { method, amr, name } = verdict;
      const proved: ProvedMethod = { method, amr, name };
      if (!enrolment.asksName) return { ok: true, added: await makeLive(setUp, whose, proved, by) };
      if (await store.prove(setUp, proved)) return { ok: true, added: null };
      await giveUp(account, proved);
      throw new DomainError('changed_meanwhile');
    },

    /**
     * Ends a set-up whose method is proved and now has its name.
     * @returns null when there is none, or somebody else ends it
     * @throws DomainError changed_meanwhile
     */
    async finish(whose: Whose, name: string | undefined, by: Actor): Promise<Added | null> {
      const setUp = await find(whose);
      const proved = setUp && stageOf(setUp) === 'name' ? await store.takeProved(setUp) : null;
      if (!setUp || !proved) return null;
      const { kind, id } = proved.method;
      const called = tidyName(name, proved.name);
      if (called !== proved.name) await enrolmentOf(kind).rename(whose.account, id, called);
      return makeLive(setUp, whose, { ...proved, name: called }, by);
    },
  };
}
