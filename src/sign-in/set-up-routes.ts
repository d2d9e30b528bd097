import type { Row } from '../http/rows.ts';
import { clientName } from '../notifications/client-name.ts';
import type { SetUpHost, SetUpPlace } from '../set-up/host-routes.ts';
import type { Clock } from '../core/clock.ts';
import { goTo } from '../http/go-to.ts';
import { pageOfSignIn, type Journey, type JourneyContext } from './journey-routes.ts';
import { owedView } from './owed-method-routes.ts';
import type { SetUpSituation, SetUpStep } from './set-up-step.ts';
import type { SignInRequest } from './sign-in.ts';
import type { SignIns } from './sign-ins.ts';
import { whoIs } from './who.ts';

export interface SignInSetUp {
  readonly journey: Journey;
  readonly step: SetUpStep;
  readonly signIns: SignIns;
  readonly clock: Clock;
}

const PREFIX = '/sign-in/:uid/set-up';

interface Place extends SetUpPlace {
  readonly request: SignInRequest;
  readonly step: SetUpSituation['step'];
  readonly owed: SetUpSituation['owed'];
}

/** The pages of a set-up inside a sign-in: its end is the app. */
export function signInSetUp({ journey, step, clock }: SignInSetUp): SetUpHost<SignInRequest, Place> {
  async function prove(request: SignInRequest, _row: unknown, ctx: JourneyContext): Promise<Place | null> {
    const found = await step.situation(request);
    if (!found) {
      await journey.go(ctx);
      return null;
    }
    const isStart = ctx.method === 'GET' && ctx.path === `/sign-in/${request.uid}/set-up`;
    if (found.step.kind === 'enrol' && found.step.proof === 'lead-code' && !isStart) {
      goTo(ctx, pageOfSignIn(request.uid, '/lead-code'));
      return null;
    }
    const { reference, source } = ctx.state;
    ctx.state.tenant = found.tenant;
    return {
      ...found,
      request,
      base: `/sign-in/${request.uid}/set-up`,
      who: whoIs(found.account, request.uid),
      line: { stepsDone: 2, stepsTotal: 2 },
      by: { reference, source, device: clientName(ctx.get('user-agent')) },
    };
  }

  return {
    prefix: PREFIX,
    enter: journey.request,
    prove,

    showStart(ctx, place) {
      const { request, step, tenant, whose, owed } = place;
      if (step.kind !== 'enrol') return goTo(ctx, `${place.base}/done`);
      const view = owedView({ request, step, account: whose.account, tenant, owed, now: clock() });
      ctx.state.render('set-up/start.njk', view);
    },

    end: (ctx, place) => goTo(ctx, `${place.base}/done`),
  };
}

/** What was set up, how to add to it, and on to the app. */
export function setUpDoneRows({ journey, step, signIns }: SignInSetUp): Row<SignInRequest>[] {
  async function tell(request: SignInRequest, ctx: JourneyContext) {
    const { step: now, account, tenant } = await signIns.situation(request);
    if (now.kind !== 'set-up-done' || !account || !tenant) return journey.go(ctx);
    ctx.state.tenant = tenant;
    const mayAdd = account.methodCount === 1 && (await step.situation(request)) !== null;
    return ctx.state.render('set-up/done.njk', {
      who: whoIs(account, request.uid),
      stepsDone: 3,
      stepsTotal: 3,
      method: now.method,
      appName: request.client.name,
      addAction: mayAdd ? `/sign-in/${request.uid}/set-up` : null,
    });
  }

  async function goOn(request: SignInRequest, ctx: JourneyContext) {
    await signIns.acknowledgeSetUp(request);
    return journey.go(ctx);
  }

  return [
    { method: 'get', path: '/set-up/done', run: tell },
    { method: 'post', path: '/set-up/done', run: goOn },
  ];
}
