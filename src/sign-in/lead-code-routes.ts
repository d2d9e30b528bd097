import type { Row } from '../http/rows.ts';
import { goTo } from '../http/go-to.ts';
import { pageOfSignIn, type Journey, type JourneyContext } from './journey-routes.ts';
import type { LeadCodeStep } from './lead-code-step.ts';
import type { SignInRequest } from './sign-in.ts';
import { whoIs } from './who.ts';

const PATH = '/lead-code';

export interface LeadCodeRoutes {
  readonly journey: Journey;
  readonly leadCode: LeadCodeStep;
}

interface Refused {
  readonly refusal: string | null;
  readonly minutes: number | null;
}

/** Before a first method: the code that a lead read to the person. */
export function leadCodeRows({ journey, leadCode }: LeadCodeRoutes): Row<SignInRequest>[] {
  async function show(ctx: JourneyContext, request: SignInRequest, refused: Refused) {
    const found = await leadCode.asked(request);
    if (!found) return journey.go(ctx);
    const { account, tenant } = found;
    ctx.state.tenant = tenant;
    return ctx.state.render('second-factor/rescue-code/verify.njk', {
      who: whoIs(account, request.uid),
      stepsDone: 2,
      stepsTotal: 2,
      ...refused,
      setsUpAt: tenant.name,
      backHref: `/sign-in/${request.uid}/set-up`,
      waysHref: null,
      declineAction: null,
    });
  }

  async function answer(request: SignInRequest, ctx: JourneyContext) {
    const answer = await leadCode.answer(request, ctx.state.form, journey.visitor(ctx));
    if (answer.ok) return goTo(ctx, pageOfSignIn(request.uid, '/set-up'));
    if (answer.refusal !== 'too-many') {
      ctx.status = 422;
      return show(ctx, request, { refusal: answer.refusal, minutes: null });
    }
    ctx.status = 429;
    ctx.set('Retry-After', String(answer.retryAfterSeconds));
    return show(ctx, request, { refusal: 'too-many', minutes: Math.ceil(answer.retryAfterSeconds / 60) });
  }

  return [
    {
      method: 'get',
      path: PATH,
      run: (request, ctx) => show(ctx, request, { refusal: null, minutes: null }),
    },
    { method: 'post', path: PATH, run: answer },
  ];
}
