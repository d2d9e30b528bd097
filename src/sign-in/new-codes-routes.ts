import Router from '@koa/router';
import type { Middleware } from 'koa';
import { z } from 'zod';
import { DomainError } from '../core/errors.ts';
import { longDate } from '../http/long-date.ts';
import type { AppState } from '../http/state.ts';
import { clientName } from '../notifications/client-name.ts';
import { codeFile } from '../second-factor/code-file.ts';
import type { ShownCodes } from '../second-factor/new-lists.ts';
import { goTo, type Journey, type JourneyContext } from './journey-routes.ts';
import type { NewCodesStep } from './new-codes-step.ts';
import type { SignIns } from './sign-ins.ts';
import type { Situation } from './situation.ts';
import { whoIs } from './who.ts';

export interface NewCodesRoutes {
  readonly journey: Journey;
  readonly signIns: SignIns;
  readonly newCodes: NewCodesStep;
  readonly guard: Middleware[];
  /** How people see a recovery code. */
  readonly showCode: (code: string) => string;
}

const savedForm = z.object({ list: z.string().max(64).default(''), saved: z.literal('yes').optional() });

/** 5 - A6: a new list of recovery codes before the person goes on, shown once. */
export function newCodesRoutes({ journey, signIns, newCodes, guard, showCode }: NewCodesRoutes) {
  const router = new Router<AppState>({ prefix: '/sign-in/:uid/new-codes' });

  function show(ctx: JourneyContext, situation: Situation, list: ShownCodes, problem: 'unticked' | null) {
    const { account, tenant, signIn } = situation;
    if (!account || !tenant) throw new DomainError('step_out_of_order');
    ctx.state.tenant = tenant;
    ctx.state.render('set-up/codes.njk', {
      who: whoIs(account, signIn.uid),
      stepsDone: 0,
      codes: list.codes.map((code) => showCode(code).split('-')),
      list: list.id,
      email: account.email,
      madeOn: longDate(list.madeAt, account.claims.zoneinfo),
      again: false,
      problem,
      fileHref: `/sign-in/${signIn.uid}/new-codes/${list.id}/file`,
    });
  }

  router.post('/make', ...guard, async (context) => {
    const ctx = context as unknown as JourneyContext;
    const request = await journey.request(ctx);
    const { reference, source } = ctx.state;
    const by = { reference, source, device: clientName(ctx.get('user-agent')) };
    if (!(await newCodes.make(request, by))) return journey.go(ctx);
    return goTo(ctx, request.uid, '/new-codes');
  });

  router.get('/', async (context) => {
    const ctx = context as unknown as JourneyContext;
    const situation = await signIns.situation(await journey.request(ctx));
    const list = await newCodes.show(situation);
    if (!list) return journey.go(ctx);
    return show(ctx, situation, list, null);
  });

  router.post('/', ...guard, async (context) => {
    const ctx = context as unknown as JourneyContext;
    const situation = await signIns.situation(await journey.request(ctx));
    const { data: form } = savedForm.safeParse(ctx.state.form);
    if (!form) throw new DomainError('bad_request');
    if (form.saved === 'yes') {
      await newCodes.saved(situation, form.list);
      return journey.go(ctx);
    }
    const list = await newCodes.same(situation, form.list);
    if (!list) return journey.go(ctx);
    ctx.status = 422;
    return show(ctx, situation, list, 'unticked');
  });

  router.get('/:list/file', async (context) => {
    const ctx = context as unknown as JourneyContext;
    const situation = await signIns.situation(await journey.request(ctx));
    const { account, tenant } = situation;
    const list = await newCodes.same(situation, ctx.params.list ?? '');
    if (!list || !account || !tenant) throw new DomainError('not_found');
    ctx.attachment(`${tenant.tenantId}-recovery-codes.txt`);
    ctx.type = 'text/plain; charset=utf-8';
    ctx.body = codeFile(ctx.state.t, {
      tenantName: tenant.name,
      email: account.email,
      madeOn: longDate(list.madeAt, account.claims.zoneinfo),
      codes: list.codes.map(showCode),
    });
  });

  return router;
}
