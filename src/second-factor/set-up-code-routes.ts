import type Router from '@koa/router';
import { z } from 'zod';
import { DomainError } from '../core/errors.ts';
import { longDate } from '../http/long-date.ts';
import type { AppState } from '../http/state.ts';
import { codeFile } from './code-file.ts';
import type { CodeSheet } from './set-up-codes.ts';
import { goOn, goTo, type SetUpContext, type SetUpPages, type SetUpPlace } from './set-up-host-routes.ts';

const savedForm = z.object({ list: z.string().max(64).default(''), saved: z.literal('yes').optional() });

/** E1 - the recovery codes: page, sheet of paper, file. The numbers are the same in all of them. */
export function mountCodePages<P extends SetUpPlace>(
  router: Router<AppState>,
  { host, setUps, showCode }: SetUpPages<P>,
): void {
  const madeOn = ({ whose }: SetUpPlace, { madeAt }: CodeSheet) =>
    longDate(madeAt, whose.account.claims.zoneinfo);

  function show(ctx: SetUpContext, place: SetUpPlace, sheet: CodeSheet, problem: 'unticked' | null = null) {
    const { whose, base, who } = place;
    ctx.state.render('set-up/codes.njk', {
      who,
      stepsDone: 1,
      stepsTotal: 3,
      codes: sheet.codes.map((code) => showCode(code).split('-')),
      list: sheet.id,
      email: whose.account.email,
      madeOn: madeOn(place, sheet),
      again: sheet.again,
      problem,
      fileHref: `${base}/codes/${sheet.id}/file`,
    });
  }

  router.get('/codes', async (context) => {
    const ctx = context as unknown as SetUpContext;
    const place = await host.enter(ctx);
    if (!place) return;
    const sheet = await setUps.openCodes(place.whose, place.by);
    if (sheet) show(ctx, place, sheet);
    else goOn(ctx, place, await setUps.find(place.whose));
  });

  router.post('/codes', ...host.guard, async (context) => {
    const ctx = context as unknown as SetUpContext;
    const place = await host.enter(ctx);
    if (!place) return;
    const { data: form } = savedForm.safeParse(ctx.state.form);
    if (!form) throw new DomainError('bad_request');
    if (form.saved === 'yes') {
      const mine = await setUps.acknowledge(place.whose, form.list);
      goTo(ctx, place, mine ? '/method' : '/codes');
      return;
    }
    const sheet = await setUps.sameCodes(place.whose, form.list);
    if (!sheet) return goTo(ctx, place, '/codes');
    ctx.status = 422;
    show(ctx, place, sheet, 'unticked');
  });

  router.get('/codes/:list/file', async (context) => {
    const ctx = context as unknown as SetUpContext;
    const place = await host.enter(ctx);
    if (!place) return;
    const sheet = await setUps.sameCodes(place.whose, ctx.params.list ?? '');
    if (!sheet) throw new DomainError('not_found');
    ctx.attachment(`${place.tenant.tenantId}-recovery-codes.txt`);
    ctx.type = 'text/plain; charset=utf-8';
    ctx.body = codeFile(ctx.state.t, {
      tenantName: place.tenant.name,
      email: place.whose.account.email,
      madeOn: madeOn(place, sheet),
      codes: sheet.codes.map(showCode),
    });
  });
}
