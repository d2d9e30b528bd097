import Router from '@koa/router';
import type { Middleware } from 'koa';
import type { AppState } from '../http/state.ts';
import { appFacts, type Journey, type JourneyContext } from './journey-routes.ts';
import type { SignIns } from './sign-ins.ts';
import { whoIs } from './who.ts';

export interface NoticeRoutes {
  readonly journey: Journey;
  readonly signIns: SignIns;
  readonly guard: Middleware[];
}

/** 5 - pages that tell something and have one next step */
export function noticeRoutes({ journey, signIns, guard }: NoticeRoutes) {
  const router = new Router<AppState>({ prefix: '/sign-in/:uid' });

  router.get('/recovery-used', async (context) => {
    const ctx = context as unknown as JourneyContext;
    const request = await journey.request(ctx);
    const { step, account, tenant } = await signIns.situation(request);
    if (step.kind !== 'recovery-used' || !account || !tenant) return journey.go(ctx);
    ctx.state.tenant = tenant;
    return ctx.state.render('sign-in/recovery-used.njk', {
      who: whoIs(account, request.uid),
      stepsDone: 2,
      stepsTotal: 2,
      codesLeft: step.codesLeft,
      appName: request.client.name,
      newCodesAction: `/sign-in/${request.uid}/new-codes/make`,
    });
  });

  router.post('/recovery-used', ...guard, async (context) => {
    const ctx = context as unknown as JourneyContext;
    const removes = ctx.state.form.action === 'remove';
    await signIns.acknowledge(await journey.request(ctx), { removes });
    return journey.go(ctx);
  });

  router.get('/ended', async (context) => {
    const ctx = context as unknown as JourneyContext;
    const request = await journey.request(ctx);
    const { step, tenant } = await signIns.situation(request);
    if (step.kind !== 'ended') return journey.go(ctx);
    if (tenant) ctx.state.tenant = tenant;
    return ctx.state.render('sign-in/ended.njk', {
      who: null,
      stepsDone: 1,
      stepsTotal: 2,
      restartHref: `/sign-in/${request.uid}/password`,
    });
  });

  /** The live session belongs to somebody whom this app does not take. */
  router.get('/switch', async (context) => {
    const ctx = context as unknown as JourneyContext;
    const { details, client } = await journey.interaction(ctx);
    if (!details.prompt.reasons.includes('wrong_tenant')) return journey.go(ctx);
    return ctx.state.render('sign-in/switch.njk', {
      who: null,
      stepsDone: 1,
      stepsTotal: 2,
      email: null,
      appName: appFacts(client).name,
      switchHref: `/sign-in/${details.uid}/password?switch=1`,
    });
  });

  return router;
}
