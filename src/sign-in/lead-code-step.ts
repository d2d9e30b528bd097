import type { Reservation } from '../attempts/attempts.ts';
import type { AuditEntry } from '../audit/audit.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { DomainError } from '../core/errors.ts';
import type { Judge } from '../second-factor/judge.ts';
import type { Form, Refusal, Verdict } from '../second-factor/method.ts';
import type { RescueCodes } from '../second-factor/methods.ts';
import { entryOf } from '../accounts/actor.ts';
import type { SignInRequest, Visitor } from './sign-in.ts';
import type { SignIns, SignInStore } from './sign-ins.ts';

export interface LeadCodePorts {
  readonly store: Pick<SignInStore, 'move'>;
  readonly signIns: Pick<SignIns, 'situation'>;
  readonly codes: Pick<RescueCodes, 'spend'>;
  /** Reserves one guess at a rescue code, wherever it is typed. */
  readonly guess: (who: AccountRef) => Promise<Reservation>;
  readonly judge: Judge;
}

export type LeadCodeAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly refusal: Refusal }
  | { readonly ok: false; readonly refusal: 'too-many'; readonly retryAfterSeconds: number };

export type LeadCodeStep = ReturnType<typeof createLeadCodeStep>;

/** A code that a lead reads to somebody, before a first method is set up on a password alone (rule first-method). */
export function createLeadCodeStep(ports: LeadCodePorts) {
  const { store, signIns, codes, guess, judge } = ports;

  /** @returns null when no code is asked for in the sign-in (any more) */
  async function asked(request: SignInRequest) {
    const { signIn, account, tenant, step } = await signIns.situation(request);
    if (step.kind !== 'enrol' || step.proof !== 'lead-code' || !account || !tenant) return null;
    return { signIn, account, tenant };
  }

  /** A right code is logged as used, and as nothing else. */
  function entry(account: AccountRef, verdict: Verdict, visitor: Visitor): AuditEntry | null {
    if (verdict.ok) return null;
    const refused = { event: 'enrolment_code_refused', method: 'rescue-code', result: 'refused' } as const;
    return entryOf(account, visitor, { ...refused, actor: null, reason: verdict.reason });
  }

  return {
    asked,

    /** Judges a typed code, which opens the set-up of this one sign-in. @throws DomainError changed_meanwhile, busy */
    async answer(request: SignInRequest, form: Form, visitor: Visitor): Promise<LeadCodeAnswer> {
      const found = await asked(request);
      if (!found) return { ok: true };
      const { signIn, account } = found;
      const judged = await judge({
        who: account,
        by: visitor,
        reserve: () => guess(account),
        keeper: {
          take: async () => ({ challenge: null }),
          isProved: async () => (await asked(request)) === null,
        },
        verify: () => codes.spend(account, form),
        entry: (verdict) => entry(account, verdict, visitor),
        purpose: 'set-up',
      });
      if (judged.kind === 'over') return { ok: true };
      if (judged.kind === 'wrong') return { ok: false, refusal: judged.verdict.reason };
      if (judged.kind === 'refused')
        return { ok: false, refusal: 'too-many', retryAfterSeconds: judged.refused.retryAfterSeconds };
      await judged.forgive();
      if (!(await store.move(signIn, { enrolmentProved: 'lead-code' })))
        throw new DomainError('changed_meanwhile');
      return { ok: true };
    },
  };
}
