import type { Account } from '../accounts/account.ts';
import type { Level } from '../core/assurance.ts';
import type { Clock } from '../core/clock.ts';
import { longDate, timeOfDay } from '../http/long-date.ts';
import type { Row } from '../http/rows.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { Journey, JourneyContext } from './journey-routes.ts';
import type { Step } from './next-step.ts';
import type { SignInRequest } from './sign-in.ts';
import type { SignIns } from './sign-ins.ts';
import type { Skip } from './skip-step.ts';
import { whoIs } from './who.ts';

export interface OwedMethodRoutes {
  readonly journey: Journey;
  readonly signIns: SignIns;
  readonly skip: Skip;
  readonly clock: Clock;
}

interface Owed {
  readonly request: SignInRequest;
  readonly step: Extract<Step, { kind: 'enrol' }>;
  readonly account: Account;
  readonly tenant: Tenant;
  /** Whatever the app asks. */
  readonly owed: Level;
  readonly now: Date;
}

/** What the pages say of a time of grace: on its last day the hour, before that the date. */
function graceFacts({ step: { grace }, account, now }: Owed) {
  if (!grace) return null;
  const { until, left } = grace;
  const { zoneinfo } = account.claims;
  const today = until !== null && longDate(until, zoneinfo) === longDate(now, zoneinfo);
  return {
    date: until && !today ? longDate(until, zoneinfo) : null,
    time: until && today ? timeOfDay(until, zoneinfo) : null,
    left,
  };
}

/** What the start of a set-up and the page of people who can set up nothing show alike: who asks, and the ways on. */
export function owedView(asked: Owed) {
  const { request, step, account, tenant, owed } = asked;
  const byTenant = step.grace !== null || owed > 1;
  return {
    who: whoIs(account, request.uid),
    stepsDone: 2,
    stepsTotal: 2,
    tenantName: tenant.name,
    appName: request.client.name,
    reason: step.lacks === 'key' ? 'key' : byTenant ? 'tenant' : 'app',
    kinds: step.kinds,
    grace: graceFacts(asked),
    leaveAction: `/sign-in/${request.uid}/leave`,
    skipAction: step.grace ? `/sign-in/${request.uid}/skip` : null,
  };
}

/** A method is owed: nobody but an admin can help; the person puts it off; the person gives up. */
export function owedMethodRows({ journey, signIns, skip, clock }: OwedMethodRoutes): Row<SignInRequest>[] {
  async function tell(request: SignInRequest, ctx: JourneyContext) {
    const { step, account, tenant, owed } = await signIns.situation(request);
    if (step.kind !== 'enrol' || step.kinds.length > 0 || !account || !tenant) return journey.go(ctx);
    ctx.state.tenant = tenant;
    if (!step.grace) ctx.status = 403;
    const view = owedView({ request, step, account, tenant, owed, now: clock() });
    return ctx.state.render('sign-in/no-method.njk', view);
  }

  async function putOff(request: SignInRequest, ctx: JourneyContext) {
    await skip(request, journey.visitor(ctx));
    return journey.go(ctx);
  }

  const error = 'unmet_authentication_requirements';
  const reason = 'the person cannot reach the level that is owed';
  return [
    { method: 'get', path: '/no-method', run: tell },
    { method: 'post', path: '/skip', run: putOff },
    { method: 'post', path: '/leave', run: (_request, ctx) => journey.refuse(ctx, error, reason) },
  ];
}
