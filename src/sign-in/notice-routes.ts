import type { Row } from '../http/rows.ts';
import { appFacts, type Interaction, type Journey, type JourneyContext } from './journey-routes.ts';
import type { SignInRequest } from './sign-in.ts';
import type { SignIns } from './sign-ins.ts';
import { whoIs } from './who.ts';

export interface NoticeRoutes {
  readonly journey: Journey;
  readonly signIns: SignIns;
}

/** Pages that tell something and have one next step */
export function noticeRows({ journey, signIns }: NoticeRoutes): Row<SignInRequest>[] {
  async function recoveryUsed(request: SignInRequest, ctx: JourneyContext) {
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
  }

  async function goOn(request: SignInRequest, ctx: JourneyContext) {
    await signIns.acknowledge(request, { removes: ctx.state.form.action === 'remove' });
    return journey.go(ctx);
  }

  async function ended(request: SignInRequest, ctx: JourneyContext) {
    const { step, tenant } = await signIns.situation(request);
    if (step.kind !== 'ended') return journey.go(ctx);
    if (tenant) ctx.state.tenant = tenant;
    return ctx.state.render('sign-in/ended.njk', {
      who: null,
      stepsDone: 1,
      stepsTotal: 2,
      restartHref: `/sign-in/${request.uid}/password`,
    });
  }

  return [
    { method: 'get', path: '/recovery-used', run: recoveryUsed },
    { method: 'post', path: '/recovery-used', run: goOn },
    { method: 'get', path: '/ended', run: ended },
  ];
}

/** The live session belongs to somebody whom this app does not take. */
export const switchRows = (journey: Journey): Row<Interaction>[] => [
  {
    method: 'get',
    path: '/switch',
    async run({ details, client }, ctx) {
      if (!details.prompt.reasons.includes('wrong_tenant')) return journey.go(ctx);
      ctx.state.render('sign-in/switch.njk', {
        who: null,
        stepsDone: 1,
        stepsTotal: 2,
        email: null,
        appName: appFacts(client).name,
        switchHref: `/sign-in/${details.uid}/password?switch=1`,
      });
    },
  },
];
