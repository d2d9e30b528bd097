import type { Account } from '../accounts/account.ts';
import { DomainError } from '../core/errors.ts';
import type { EnrollableId } from '../core/method-ids.ts';
import type { CodeSlot } from '../second-factor/mailed-codes.ts';
import type { Whose } from '../set-up/ports.ts';
import type { ProvedMethod } from '../set-up/set-up.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { SignIn, SignInRequest } from './sign-in.ts';
import type { SignIns, SignInStore } from './sign-ins.ts';
import type { Situation } from './situation.ts';

/** A sign-in in which a method can be set up now. */
export interface SetUpSituation {
  readonly whose: Whose;
  readonly account: Account;
  readonly tenant: Tenant;
  readonly kinds: readonly EnrollableId[];
  readonly step: Extract<Situation['step'], { kind: 'enrol' | 'set-up-done' }>;
  readonly owed: Situation['owed'];
  /** Where the mailed code goes that is wanted first; null = nothing is missing. */
  readonly missing: CodeSlot | null;
}

export type SetUpStep = ReturnType<typeof createSetUpStep>;

/** Setting up a method as a step of a sign-in: what is owed, or a second method right after it. */
export function createSetUpStep({ store, signIns }: { store: SignInStore; signIns: SignIns }) {
  /** The sign-in will find its account changed, and must know that it was itself. */
  async function announce(signIn: SignIn, { method, amr }: ProvedMethod): Promise<void> {
    const expects = { kind: method.kind, id: method.id, amr };
    if (!(await store.move(signIn, { expects }))) throw new DomainError('changed_meanwhile');
  }

  const slotOf = (signIn: SignIn, account: Account): CodeSlot => ({
    uid: signIn.uid,
    account,
    code: signIn.enrolmentCode,
    put: async (enrolmentCode) => (await store.move(signIn, { enrolmentCode })) !== null,
    countTry: ({ sealed }) => store.countCodeTry(signIn.uid, sealed),
    async prove() {
      return (await store.move(signIn, { enrolmentCode: null, enrolmentProved: 'email' })) !== null;
    },
  });

  return {
    /** @returns null when the sign-in is at another step, or nothing can be set up in it */
    async situation(request: SignInRequest): Promise<SetUpSituation | null> {
      const { signIn, step, account, tenant, owed } = await signIns.situation(request);
      if (!account || !tenant || (step.kind !== 'enrol' && step.kind !== 'set-up-done')) return null;
      if (step.kinds.length === 0) return null;
      const proof = step.kind === 'enrol' ? step.proof : null;
      const missing = proof === 'email' ? slotOf(signIn, account) : null;
      const whose: Whose = {
        owner: { kind: 'sign-in', uid: request.uid },
        account,
        async aboutToCount(proved) {
          if (proof !== null) throw new DomainError('step_out_of_order');
          await announce(signIn, proved);
        },
      };
      return { whose, account, tenant, kinds: step.kinds, step, owed, missing };
    },
  };
}
