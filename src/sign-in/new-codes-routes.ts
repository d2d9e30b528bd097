import { z } from 'zod';
import { DomainError } from '../core/errors.ts';
import { longDate } from '../http/long-date.ts';
import { formRow, type Row } from '../http/rows.ts';
import { clientName } from '../notifications/client-name.ts';
import { codeFile } from '../second-factor/code-file.ts';
import type { ShownCodes } from '../second-factor/new-lists.ts';
import { goTo } from '../http/go-to.ts';
import { pageOfSignIn, type Journey, type JourneyContext } from './journey-routes.ts';
import type { NewCodesStep } from './new-codes-step.ts';
import type { SignInRequest } from './sign-in.ts';
import type { SignIns } from './sign-ins.ts';
import type { Situation } from './situation.ts';
import { whoIs } from './who.ts';

export interface NewCodesRoutes {
  readonly journey: Journey;
  readonly signIns: SignIns;
  readonly newCodes: NewCodesStep;
  /** How people see a recovery code. */
  readonly showCode: (code: string) => string;
}

const PATH = '/new-codes';
const savedForm = z.object({ list: z.string().max(64).default(''), saved: z.literal('yes').optional() });

/** A new list of recovery codes before the person goes on, shown once. */
export function newCodesRows(ports: NewCodesRoutes): Row<SignInRequest>[] {
  const { journey, signIns, newCodes, showCode } = ports;

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

  async function make(request: SignInRequest, ctx: JourneyContext) {
    const { reference, source } = ctx.state;
    const by = { reference, source, device: clientName(ctx.get('user-agent')) };
    if (!(await newCodes.make(request, by))) return journey.go(ctx);
    return goTo(ctx, pageOfSignIn(request.uid, '/new-codes'));
  }

  async function open(request: SignInRequest, ctx: JourneyContext) {
    const situation = await signIns.situation(request);
    const list = await newCodes.show(situation);
    return list ? show(ctx, situation, list, null) : journey.go(ctx);
  }

  async function goOn(request: SignInRequest, ctx: JourneyContext, form: z.output<typeof savedForm>) {
    const situation = await signIns.situation(request);
    if (form.saved === 'yes') {
      await newCodes.saved(situation, form.list);
      return journey.go(ctx);
    }
    const list = await newCodes.same(situation, form.list);
    if (!list) return journey.go(ctx);
    ctx.status = 422;
    return show(ctx, situation, list, 'unticked');
  }

  async function file(request: SignInRequest, ctx: JourneyContext) {
    const situation = await signIns.situation(request);
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
  }

  return [
    { method: 'post', path: `${PATH}/make`, run: make },
    { method: 'get', path: PATH, run: open },
    formRow({ path: PATH, input: savedForm, run: goOn }),
    { method: 'get', path: `${PATH}/:list/file`, run: file },
  ];
}
