import type { Account } from '../accounts/account.ts';
import type { Level } from '../core/assurance.ts';
import type { SecondFactorMethod } from '../second-factor/method.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { demandOf, type Demand } from '../core/demand.ts';
import { meansOf, NO_MEANS } from './means.ts';
import { nextStep, type Step } from './next-step.ts';
import type { OpenChallenge, SignIn, SignInRequest } from './sign-in.ts';

/** A sign-in with everything that decides its next step. */
export interface Situation {
  readonly signIn: SignIn;
  /** Both null until the password is proved. */
  readonly account: Account | null;
  readonly tenant: Tenant | null;
  readonly demand: Demand;
  /** What the person owes whatever the app asks. */
  readonly owed: Level;
  readonly step: Step;
}

/** Pure; everything was read by the caller. @param who null until the password is proved */
export function situate(
  request: SignInRequest,
  signIn: SignIn,
  who: { readonly account: Account; readonly tenant: Tenant } | null,
  { methods, now }: { readonly methods: readonly SecondFactorMethod[]; readonly now: Date },
): Situation {
  const means = who ? meansOf(request, signIn, who, { methods, now }) : NO_MEANS;
  const demand = demandOf({
    params: request.params,
    clientMinimumAcr: request.client.minimumAcr,
    clientDefaultAcrs: request.client.defaultAcrs,
    owed: means.owed,
  });
  const step = nextStep({ ...signIn, ...means }, means, demand);
  return {
    signIn,
    account: who?.account ?? null,
    tenant: who?.tenant ?? null,
    demand,
    owed: means.owed,
    step,
  };
}

/**
 * What is asked next, when it is a code that people type. Such a code has no challenge of its own, so that it may wait
 * before its page is shown, and costs no write then.
 */
export function typedNext({ step }: Situation, methods: readonly SecondFactorMethod[]): OpenChallenge | null {
  const first = step.kind === 'second-factor' ? step.methods[0] : undefined;
  const method = methods.find(({ id, budget }) => id === first && budget !== null);
  return method ? { method: method.id, value: null } : null;
}
