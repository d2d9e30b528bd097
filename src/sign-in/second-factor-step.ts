import type { Account } from '../accounts/account.ts';
import type { AuditEntry } from '../audit/audit.ts';
import { refOf } from '../core/account-ref.ts';
import { epochSeconds, type Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { refusalOf, type Judge, type Keeper, type Right } from '../second-factor/judge.ts';
import type { Form, Refusal, SecondFactorMethod, Verdict } from '../second-factor/method.ts';
import { asAllowed } from '../tenants/allowed.ts';
import type { Reservation } from '../attempts/attempts.ts';
import type { SignIn, SignInRequest, Visitor } from './sign-in.ts';
import type { SignIns, SignInStore } from './sign-ins.ts';
import type { Situation } from './situation.ts';

export interface SecondFactorPorts {
  readonly store: SignInStore;
  readonly signIns: SignIns;
  readonly methods: readonly SecondFactorMethod[];
  readonly limits: {
    /** Reserves one guess of the method's budget. Methods without a budget always get one. */
    reserve(who: Account, method: SecondFactorMethod, visitor: Visitor): Promise<Reservation>;
    /** @returns seconds until a guess is possible again; 0 = now */
    waitOf(who: Account, method: SecondFactorMethod, visitor: Visitor): Promise<number>;
  };
  readonly judge: Judge;
  readonly clock: Clock;
}

export interface ShownChallenge {
  readonly method: SecondFactorMethod;
  readonly account: Account;
  readonly view: Readonly<Record<string, unknown>>;
  /** The other methods that bring the person on. */
  readonly otherWays: number;
  /** It was only asked for: the person may go on without. */
  readonly mayDecline: boolean;
}

export type Answer =
  /** Right. */
  | { readonly ok: true; readonly situation: Situation }
  /** Not asked any more (a second tab, a double click): the next step tells. */
  | { readonly ok: true; readonly situation: null }
  | { readonly ok: false; readonly refusal: Refusal; readonly minutes: number | null }
  | { readonly ok: false; readonly refusal: 'too-many' | 'suspended'; readonly retryAfterSeconds: number };

export interface Way {
  readonly method: SecondFactorMethod;
  /** Seconds until its guess budget has room again; 0 = now, Infinity = no waiting helps. */
  readonly waitSeconds: number;
}

export type SecondFactorStep = ReturnType<typeof createSecondFactorStep>;

/** Step 2: choose a method, show its challenge, judge the answer. */
export function createSecondFactorStep(ports: SecondFactorPorts) {
  const { store, signIns, methods, limits, judge, clock } = ports;

  /** The method named in the address, if the present step offers it; the address is anybody's to write. */
  function offered({ step, account, tenant }: Situation, methodId: string) {
    if (step.kind !== 'second-factor' || !account || !tenant) throw new DomainError('step_out_of_order');
    const method = methods.find((one) => one.id === methodId && step.methods.includes(one.id));
    if (!method) throw new DomainError('method_not_offered');
    // A key that the tenant does not allow is not asked for, and proves nothing.
    return { method, account: asAllowed(tenant.policy, account), step };
  }

  const entryOf = (
    account: Account,
    method: SecondFactorMethod,
    verdict: Verdict,
    { reference, source }: Visitor,
  ): AuditEntry => ({
    event: verdict.ok ? 'second_factor_accepted' : 'second_factor_refused',
    tenantId: account.tenantId,
    actor: verdict.ok ? refOf(account) : null,
    subject: refOf(account),
    result: verdict.ok ? 'ok' : 'refused',
    method: method.id,
    reason: verdict.ok ? null : verdict.reason,
    reference,
    source,
  });

  /** Where a sign-in keeps its challenge. */
  const keeperOf = (request: SignInRequest, method: SecondFactorMethod): Keeper => ({
    async take() {
      const challenge = await store.takeTry(request.uid, method.id);
      if (challenge) return { challenge: challenge.value };
      return (await store.countTry(request.uid)) ? 'expired' : 'over';
    },
    forgive: () => store.forgiveTry(request.uid),
    isProved: async () => (await signIns.situation(request)).step.kind !== 'second-factor',
  });

  /** Adds the proof to the sign-in that it was made for; a sign-in that moved meanwhile takes none: null. */
  async function addProof(signIn: SignIn, method: SecondFactorMethod, verdict: Right) {
    const { amr, credentialId, codesLeft } = verdict;
    return store.move(signIn, {
      proofs: [...signIn.proofs, { method: method.id, amr, credentialId, carried: false }],
      tries: 0,
      ...(codesLeft === undefined ? {} : { untoldCodesLeft: codesLeft, codeUsedAt: epochSeconds(clock()) }),
    });
  }

  return {
    /** The ways that the present step offers, best first, with what keeps each from being used now. */
    async ways({ step, account }: Situation, visitor: Visitor): Promise<Way[]> {
      if (step.kind !== 'second-factor' || !account) throw new DomainError('step_out_of_order');
      const offeredNow = methods.filter((method) => step.methods.includes(method.id));
      return Promise.all(
        offeredNow.map(async (method) => ({
          method,
          waitSeconds: await limits.waitOf(account, method, visitor),
        })),
      );
    },

    /** Opens a challenge of one method and keeps it with the sign-in. */
    async openChallenge(situation: Situation, methodId: string): Promise<ShownChallenge> {
      const { method, account, step } = offered(situation, methodId);
      const { challenge, view } = await method.begin(account);
      const { uid, challenge: open } = situation.signIn;
      const waits = challenge === null && open?.method === method.id && open.value === null;
      if (!waits) await store.putChallenge(uid, { method: method.id, value: challenge });
      return { method, account, view, otherWays: step.methods.length - 1, mayDecline: step.mayDecline };
    },

    /**
     * Judges an answer. The guess is counted, on the account and on the sign-in, before anything is compared; what
     * turns out right, or no guess at all, is given back.
     */
    async answer(request: SignInRequest, methodId: string, form: Form, visitor: Visitor): Promise<Answer> {
      const before = await signIns.situation(request);
      if (before.step.kind !== 'second-factor') return { ok: true, situation: null };
      const { method, account } = offered(before, methodId);
      const judged = await judge({
        who: account,
        by: visitor,
        reserve: () => limits.reserve(account, method, visitor),
        keeper: keeperOf(request, method),
        verify: (challenge) => method.verify(account, challenge, form),
        entry: (verdict) => entryOf(account, method, verdict, visitor),
        purpose: 'sign-in',
      });
      if (judged.kind === 'over') return { ok: true, situation: null };
      if (judged.kind !== 'right') return refusalOf(judged);
      const signIn = await addProof(before.signIn, method, judged.verdict);
      const situation = signIn && signIns.after(request, signIn, before);
      // What completes a sign-in forgives every guess of the person, this one among them.
      if (situation?.step.kind !== 'done') await judged.forgive();
      if (!situation) throw new DomainError('changed_meanwhile');
      return { ok: true, situation };
    },
  };
}
