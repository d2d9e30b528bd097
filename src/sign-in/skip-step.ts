import type { Audit } from '../audit/audit.ts';
import { refOf, type AccountRef } from '../core/account-ref.ts';
import { DomainError } from '../core/errors.ts';
import type { SignInRequest, Visitor } from './sign-in.ts';
import type { SignIns, SignInStore } from './sign-ins.ts';

export interface SkipPorts {
  readonly store: SignInStore;
  readonly signIns: SignIns;
  readonly accounts: {
    /** Counts one skip of this sign-in, however often it is told; false = none is left. */
    countSkip(
      who: AccountRef,
      signInUid: string,
      limits: { readonly most: number | null; readonly until: Date | null },
    ): Promise<boolean>;
  };
  readonly audit: Audit;
}

export type Skip = (request: SignInRequest, visitor: Visitor) => Promise<void>;

/**
 * The person puts off setting up what the tenant requires. Counted on the account first, where one conditional
 * write decides; a process that dies right after it has the person asked again, and counts nothing twice.
 */
export function createSkip({ store, signIns, accounts, audit }: SkipPorts): Skip {
  return async (request, visitor) => {
    // Past the cache: a policy that was saved a moment ago decides already.
    const { signIn, step, account, tenant } = await signIns.situation(request, { fresh: true });
    if (step.kind === 'done') return; // the second click of a double click
    if (step.kind !== 'enrol' || !step.grace || !account || !tenant)
      throw new DomainError('step_out_of_order');
    const counted = await accounts.countSkip(account, request.uid, {
      most: tenant.policy.skips,
      until: step.grace.until,
    });
    // Another sign-in has used the last one: the next step asks for a method.
    if (!counted) return;
    if (!(await store.move(signIn, { skipped: true }))) return;
    await audit.record({
      event: 'second_factor_skipped',
      tenantId: account.tenantId,
      actor: refOf(account),
      subject: refOf(account),
      result: 'ok',
      details: { until: step.grace.until?.toISOString() ?? null, left: step.grace.left },
      reference: visitor.reference,
      source: visitor.source,
    });
  };
}
