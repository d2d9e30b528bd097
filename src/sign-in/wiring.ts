import type { Config } from '../config.ts';
import { accountKey, refOf } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { createJudge } from '../second-factor/judge.ts';
import { createWrongAnswers } from '../second-factor/wrong-answers.ts';
import type { JourneyPorts } from './journey-routes.ts';
import { createLeadCodeStep } from './lead-code-step.ts';
import { createLimits } from './limits.ts';
import { createNotices } from './notices.ts';
import { createPasswordStep } from './password-step.ts';
import { createSecondFactorStep } from './second-factor-step.ts';
import { createSetUpStep } from './set-up-step.ts';
import { provesSomething } from './sign-in.ts';
import { createSignIns } from './sign-ins.ts';
import { createSkip } from './skip-step.ts';
import type { Stores } from '../stores.ts';
import { findTenant, type TenantHints } from '../tenants/find-tenant.ts';

/** Wires the steps of a sign-in, without its pages. */
export function createSignInParts({
  stores,
  config,
  clock,
}: {
  readonly stores: Stores;
  readonly config: Pick<Config, 'signInSeconds'>;
  readonly clock: Clock;
}) {
  const { accounts, tenants, methods, operations } = stores;
  const { audit } = operations;
  const limits = createLimits(stores.attempts);
  const find = (hints: TenantHints) => findTenant(tenants, hints);

  const wrongAnswer = createWrongAnswers({
    async count(who) {
      const counted = await stores.attempts.reserve('second-step-failures', accountKey(who));
      return counted.ok ? counted.failures + 1 : null;
    },
    notifications: operations.notifications,
    clock,
  });
  const judge = createJudge({ audit, notifications: operations.notifications, wrongAnswer });
  const notices = createNotices({ notifications: operations.notifications, clock });

  const signIns = createSignIns({
    store: stores.signIns,
    accounts,
    tenants,
    methods,
    clock,
    lifetimeSeconds: config.signInSeconds,
  });
  const passPassword = createPasswordStep({
    signIns,
    accounts,
    passwords: stores.passwords,
    findTenant: find,
    limits: limits.password,
    audit,
  });
  const secondFactor = createSecondFactorStep({
    store: stores.signIns,
    signIns,
    methods,
    limits: limits.secondFactor,
    judge,
    clock,
  });

  const setUpStep = createSetUpStep({ store: stores.signIns, signIns });
  const leadCode = createLeadCodeStep({
    store: stores.signIns,
    signIns,
    codes: stores.rescues,
    guess: (who) => stores.attempts.reserve('rescue', accountKey(who)),
    judge,
  });
  const skip = createSkip({ store: stores.signIns, signIns, accounts, audit });

  const finished: JourneyPorts['finished'] = async (visitor, request, { account, signIn }) => {
    if (!account) return;
    const proved = provesSomething(request, signIn);
    // A session that somebody has taken must not win guesses by itself (rule forgiveness).
    if (proved) await limits.completed(account, visitor);
    const method = proved ? (signIn.proofs.at(-1)?.method ?? 'password') : null;
    await audit.record({
      event: 'sign_in_completed',
      tenantId: account.tenantId,
      actor: refOf(account),
      subject: refOf(account),
      result: 'ok',
      method,
      details: { client: request.client.clientId, prompt: request.prompt },
      reference: visitor.reference,
      source: visitor.source,
    });
    const known = visitor.knownAccounts.includes(`${account.tenantId}/${account.email}`);
    if (!known) await notices.newBrowser(account, request.uid, visitor);
  };

  return {
    find,
    limits,
    judge,
    signIns,
    passPassword,
    secondFactor,
    setUpStep,
    leadCode,
    skip,
    finished,
  };
}
