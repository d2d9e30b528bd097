import type { Account } from '../accounts/account.ts';
import type { Audit } from '../audit/audit.ts';
import { refOf } from '../core/account-ref.ts';
import { epochSeconds, type Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import type { Form, Refusal, SecondFactorMethod, Verdict } from '../second-factor/method.ts';
import type { CodeUsed } from '../second-factor/code-used.ts';
import type { WrongAnswers } from '../second-factor/wrong-answers.ts';
import { asAllowed } from '../tenants/allowed.ts';
import { tooMany, type Reservation } from '../attempts/attempts.ts';
import { rescueUsed, type Notices } from './notices.ts';
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
  readonly audit: Audit;
  readonly notices: Pick<Notices, 'rescueCodeUsed'>;
  readonly wrongAnswer: WrongAnswers;
  readonly codeUsed: CodeUsed;
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
export function createSecondFactorStep({
  store,
  signIns,
  methods,
  limits,
  audit,
  notices,
  wrongAnswer,
  codeUsed,
  clock,
}: SecondFactorPorts) {
  /** The method named in the address, if the present step offers it; the address is anybody's to write. */
  function offered({ step, account, tenant }: Situation, methodId: string) {
    if (step.kind !== 'second-factor' || !account || !tenant) throw new DomainError('step_out_of_order');
    const method = methods.find((one) => one.id === methodId && step.methods.includes(one.id));
    if (!method) throw new DomainError('method_not_offered');
    // A key that the tenant does not allow is not asked for, and proves nothing.
    return { method, account: asAllowed(tenant.policy, account), step };
  }

  async function note(account: Account, method: SecondFactorMethod, verdict: Verdict, visitor: Visitor) {
    await audit.record({
      event: verdict.ok ? 'second_factor_accepted' : 'second_factor_refused',
      tenantId: account.tenantId,
      actor: verdict.ok ? refOf(account) : null,
      subject: refOf(account),
      result: verdict.ok ? 'ok' : 'refused',
      method: method.id,
      reason: verdict.ok ? null : verdict.reason,
      reference: visitor.reference,
      source: visitor.source,
    });
  }

  /** Adds the proof to the sign-in that it was made for; a sign-in that moved meanwhile takes none: null. */
  async function addProof(
    signIn: SignIn,
    method: SecondFactorMethod,
    verdict: Extract<Verdict, { ok: true }>,
  ) {
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
      const guess = await limits.reserve(account, method, visitor);
      if (!guess.ok) return tooMany(guess);
      const challenge = await store.takeTry(request.uid, method.id);
      if (!challenge && !(await store.countTry(request.uid))) {
        await guess.succeed();
        return { ok: true, situation: null };
      }

      const verdict: Verdict = challenge
        ? await method.verify(account, challenge.value, form)
        : { ok: false, reason: 'expired', guess: false };
      if (verdict.ok || verdict.guess) await note(account, method, verdict, visitor);
      if (!verdict.ok) {
        if (verdict.guess) await wrongAnswer(account, visitor);
        else await Promise.all([guess.succeed(), store.forgiveTry(request.uid)]);
        // The first click of a double click may have used the code that the second one brings.
        const twice = verdict.reason === 'used' || verdict.reason === 'expired';
        if (twice && (await signIns.situation(request)).step.kind !== 'second-factor')
          return { ok: true, situation: null };
        return { ok: false, refusal: verdict.reason, minutes: verdict.minutes ?? null };
      }

      if (verdict.rescueId !== undefined) {
        await audit.record(rescueUsed(account, verdict.rescueId, visitor, 'sign-in'));
        await notices.rescueCodeUsed(account, verdict.owed, visitor);
      }
      const { codesLeft: left, owed } = verdict;
      if (left !== undefined) await codeUsed(account, { left, owed }, visitor);
      const signIn = await addProof(before.signIn, method, verdict);
      const situation = signIn && signIns.after(request, signIn, before);
      // What completes a sign-in forgives every guess of the person (SECURITY DR-16), this one among them.
      if (situation?.step.kind !== 'done') await guess.succeed();
      if (!situation) throw new DomainError('changed_meanwhile');
      return { ok: true, situation };
    },
  };
}
