import { waitOnPage } from '../http/wait-on-page.ts';
import { DomainError } from '../core/errors.ts';
import type { Row } from '../http/rows.ts';
import type { Journey, JourneyContext } from './journey-routes.ts';
import type { SecondFactorStep } from './second-factor-step.ts';
import type { SignInRequest } from './sign-in.ts';
import type { SignIns } from './sign-ins.ts';
import type { Situation } from './situation.ts';
import { whoIs } from './who.ts';

export interface SecondFactorRoutes {
  readonly journey: Journey;
  readonly signIns: SignIns;
  readonly secondFactor: SecondFactorStep;
}

interface Refused {
  readonly refusal: string | null;
  readonly minutes: number | null;
}

/** Choose a method, answer it */
export function secondFactorRows(ports: SecondFactorRoutes): Row<SignInRequest>[] {
  const { journey, signIns, secondFactor } = ports;

  /** The layout's values of a page after the password. */
  function frame(ctx: JourneyContext, { account, tenant, signIn }: Situation) {
    if (!account || !tenant) throw new DomainError('step_out_of_order');
    ctx.state.tenant = tenant;
    return { who: whoIs(account, signIn.uid), stepsDone: 2, stepsTotal: 2 };
  }

  async function show(ctx: JourneyContext, situation: Situation, methodId: string, refused: Refused) {
    const { method, view, otherWays, mayDecline } = await secondFactor.openChallenge(situation, methodId);
    const { uid } = situation.signIn;
    ctx.state.render(`second-factor/${method.id}/verify.njk`, {
      ...frame(ctx, situation),
      ...view,
      ...refused,
      waysHref: `/sign-in/${uid}/ways`,
      onlyWay: otherWays === 0,
      declineAction: mayDecline ? `/sign-in/${uid}/decline` : null,
    });
  }

  async function open(request: SignInRequest, ctx: JourneyContext) {
    const situation = await signIns.situation(request);
    if (situation.step.kind !== 'second-factor') return journey.go(ctx);
    return show(ctx, situation, ctx.params.method ?? '', { refusal: null, minutes: null });
  }

  /** Fresh options for a page that was read for longer than its challenge lives. */
  async function refresh(request: SignInRequest, ctx: JourneyContext) {
    const situation = await signIns.situation(request);
    const { view } = await secondFactor.openChallenge(situation, ctx.params.method ?? '');
    ctx.type = 'application/json';
    ctx.body = typeof view.options === 'string' ? view.options : '{}';
  }

  async function answer(request: SignInRequest, ctx: JourneyContext) {
    const methodId = ctx.params.method ?? '';
    const answer = await secondFactor.answer(request, methodId, ctx.state.form, journey.visitor(ctx));
    if (answer.ok) return journey.go(ctx, answer.situation ?? undefined);
    const situation = await signIns.situation(request);
    if (situation.step.kind !== 'second-factor') return journey.go(ctx);

    const tooMany = 'retryAfterSeconds' in answer;
    ctx.status = tooMany ? 429 : 422;
    if (tooMany) ctx.set('Retry-After', String(answer.retryAfterSeconds));
    const minutes = tooMany ? Math.ceil(answer.retryAfterSeconds / 60) : answer.minutes;
    return show(ctx, situation, methodId, { refusal: answer.refusal, minutes });
  }

  async function ways(request: SignInRequest, ctx: JourneyContext) {
    const situation = await signIns.situation(request);
    if (situation.step.kind !== 'second-factor') return journey.go(ctx);
    const ways = await secondFactor.ways(situation, journey.visitor(ctx));
    return ctx.state.render('sign-in/ways.njk', {
      ...frame(ctx, situation),
      tenantName: situation.tenant?.name ?? null,
      ways: ways.map(({ method, waitSeconds }) => ({
        id: method.id,
        href: waitSeconds > 0 ? null : `/sign-in/${request.uid}/second-factor/${method.id}`,
        ...waitOnPage(waitSeconds),
      })),
    });
  }

  async function decline(request: SignInRequest, ctx: JourneyContext) {
    await signIns.decline(request);
    return journey.go(ctx);
  }

  return [
    { method: 'get', path: '/second-factor/:method', run: open },
    { method: 'get', path: '/second-factor/:method/options', run: refresh },
    { method: 'post', path: '/second-factor/:method', run: answer },
    { method: 'get', path: '/ways', run: ways },
    { method: 'post', path: '/decline', run: decline },
  ];
}
