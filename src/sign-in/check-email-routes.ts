import Router from '@koa/router';
import type { Middleware } from 'koa';
import type { AppState } from '../http/state.ts';
import type { CodeAnswer, EnrolmentCodeStep } from './enrolment-code-step.ts';
import { goTo, type Journey, type JourneyContext } from './journey-routes.ts';
import type { SignInRequest } from './sign-in.ts';
import { whoIs } from './who.ts';

export interface CheckEmailRoutes {
  readonly journey: Journey;
  readonly enrolmentCode: EnrolmentCodeStep;
  readonly guard: Middleware[];
}

interface Shown {
  readonly problem: Extract<CodeAnswer, { ok: false }>['problem'] | null;
  readonly minutes: number | null;
  readonly resent: boolean;
}

/** Enough to know the own address by. @returns such as `a...@northwind.example` */
const masked = (email: string) => email.replace(/^(.)[^@]*/u, '$1...');

/** 5 - A9: the mailed code before a first method. */
export function checkEmailRoutes({ journey, enrolmentCode, guard }: CheckEmailRoutes): Router<AppState> {
  const router = new Router<AppState>({ prefix: '/sign-in/:uid/check-email' });

  async function show(ctx: JourneyContext, request: SignInRequest, shown: Shown) {
    const found = await enrolmentCode.asked(request);
    if (!found) return journey.go(ctx);
    const { account, tenant, signIn } = found;
    ctx.state.tenantName = tenant.name;
    const sent = enrolmentCode.isSent(signIn);
    return ctx.state.render('sign-in/check-email.njk', {
      who: whoIs(account, request.uid),
      stepsDone: 2,
      stepsTotal: 2,
      email: masked(account.email),
      ...shown,
      problem: shown.problem ?? (sent ? null : 'expired'),
      againAction: `/sign-in/${request.uid}/check-email/again`,
    });
  }

  function tooMany(ctx: JourneyContext, request: SignInRequest, seconds: number) {
    ctx.status = 429;
    ctx.set('Retry-After', String(seconds));
    return show(ctx, request, { problem: 'too-many', minutes: Math.ceil(seconds / 60), resent: false });
  }

  router.get('/', async (context) => {
    const ctx = context as unknown as JourneyContext;
    const resent = ctx.query.sent !== undefined;
    return show(ctx, await journey.request(ctx), { problem: null, minutes: null, resent });
  });

  router.post('/', ...guard, async (context) => {
    const ctx = context as unknown as JourneyContext;
    const request = await journey.request(ctx);
    const answer = await enrolmentCode.answer(request, ctx.state.form.code ?? '', journey.visitor(ctx));
    if (answer.ok) return goTo(ctx, request.uid, '/set-up');
    if (answer.problem === 'too-many') return tooMany(ctx, request, answer.retryAfterSeconds);
    ctx.status = 422;
    return show(ctx, request, { problem: answer.problem, minutes: null, resent: false });
  });

  router.post('/again', ...guard, async (context) => {
    const ctx = context as unknown as JourneyContext;
    const request = await journey.request(ctx);
    const wait = await enrolmentCode.again(request, journey.visitor(ctx));
    if (wait > 0) return tooMany(ctx, request, wait);
    return goTo(ctx, request.uid, '/check-email?sent');
  });

  return router;
}
