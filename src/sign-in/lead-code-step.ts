import type { Reservation } from '../attempts/attempts.ts';
import type { Audit } from '../audit/audit.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { DomainError } from '../core/errors.ts';
import type { Form, Refusal } from '../second-factor/method.ts';
import type { RescueCodes } from '../second-factor/methods.ts';
import { entryOf } from '../second-factor/set-up-ports.ts';
import type { WrongAnswers } from '../second-factor/wrong-answers.ts';
import { rescueUsed, type Notices } from './notices.ts';
import type { SignInRequest, Visitor } from './sign-in.ts';
import type { SignIns, SignInStore } from './sign-ins.ts';

export interface LeadCodePorts {
  readonly store: Pick<SignInStore, 'move'>;
  readonly signIns: Pick<SignIns, 'situation'>;
  readonly codes: Pick<RescueCodes, 'spend'>;
  /** Reserves one guess at a rescue code, wherever it is typed. */
  readonly guess: (who: AccountRef) => Promise<Reservation>;
  readonly notices: Pick<Notices, 'rescueCodeUsed'>;
  readonly wrongAnswer: WrongAnswers;
  readonly audit: Audit;
}

export type LeadCodeAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly refusal: Refusal }
  | { readonly ok: false; readonly refusal: 'too-many'; readonly retryAfterSeconds: number };

export type LeadCodeStep = ReturnType<typeof createLeadCodeStep>;

/** A code that a lead reads to somebody, before a first method is set up on a password alone (SECURITY DR-38). */
export function createLeadCodeStep(ports: LeadCodePorts) {
  const { store, signIns, codes, guess, notices, wrongAnswer, audit } = ports;

  /** @returns null when no code is asked for in the sign-in (any more) */
  async function asked(request: SignInRequest) {
    const { signIn, account, tenant, step } = await signIns.situation(request);
    if (step.kind !== 'enrol' || step.proof !== 'lead-code' || !account || !tenant) return null;
    return { signIn, account, tenant };
  }

  async function refused(account: AccountRef, reason: Refusal, visitor: Visitor): Promise<void> {
    const entry = { event: 'enrolment_code_refused', method: 'rescue-code', result: 'refused' } as const;
    await audit.record(entryOf(account, visitor, { ...entry, actor: null, reason }));
    await wrongAnswer(account, visitor);
  }

  return {
    asked,

    /** Judges a typed code, which opens the set-up of this one sign-in. @throws DomainError changed_meanwhile, busy */
    async answer(request: SignInRequest, form: Form, visitor: Visitor): Promise<LeadCodeAnswer> {
      const found = await asked(request);
      if (!found) return { ok: true };
      const { signIn, account } = found;
      // Counted before it is compared.
      const tried = await guess(account);
      if (!tried.ok) return { ok: false, refusal: 'too-many', retryAfterSeconds: tried.retryAfterSeconds };
      const verdict = await codes.spend(account, form);
      if (verdict.ok || !verdict.guess) await tried.succeed();
      if (!verdict.ok) {
        const { reason } = verdict;
        if (verdict.guess) await refused(account, reason, visitor);
        // The first click of a double click has used what the second one brings.
        if (reason === 'used' && !(await asked(request))) return { ok: true };
        return { ok: false, refusal: reason };
      }
      await audit.record(rescueUsed(account, verdict.rescueId ?? '', visitor, 'set-up'));
      await notices.rescueCodeUsed(account, verdict.owed, visitor);
      if (!(await store.move(signIn, { enrolmentProved: 'lead-code' })))
        throw new DomainError('changed_meanwhile');
      return { ok: true };
    },
  };
}
