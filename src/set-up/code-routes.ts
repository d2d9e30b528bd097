import { z } from 'zod';
import { DomainError } from '../core/errors.ts';
import { longDate } from '../http/long-date.ts';
import { formRow, type Row } from '../http/rows.ts';
import { codeFile } from '../second-factor/code-file.ts';
import type { CodeSheet } from './set-up-codes.ts';
import { goTo } from '../http/go-to.ts';
import { goOn, type SetUpContext, type SetUpPages, type SetUpPlace } from './host-routes.ts';

const savedForm = z.object({ list: z.string().max(64).default(''), saved: z.literal('yes').optional() });

/** The recovery codes: page, sheet of paper, file. The numbers are the same in all of them. */
export function codeRows<Known, P extends SetUpPlace>(pages: SetUpPages<Known, P>): Row<P>[] {
  const { setUps, showCode } = pages;
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

  async function open(place: P, ctx: SetUpContext): Promise<void> {
    const sheet = await setUps.openCodes(place.whose, place.by);
    if (sheet) show(ctx, place, sheet);
    else goOn(ctx, place, await setUps.find(place.whose));
  }

  async function goOnFrom(place: P, ctx: SetUpContext, form: z.output<typeof savedForm>): Promise<void> {
    if (form.saved === 'yes') {
      const mine = await setUps.acknowledge(place.whose, form.list);
      return goTo(ctx, `${place.base}${mine ? '/method' : '/codes'}`);
    }
    const sheet = await setUps.sameCodes(place.whose, form.list);
    if (!sheet) return goTo(ctx, `${place.base}/codes`);
    ctx.status = 422;
    show(ctx, place, sheet, 'unticked');
  }

  async function file(place: P, ctx: SetUpContext): Promise<void> {
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
  }

  return [
    { method: 'get', path: '/codes', run: open },
    formRow({ path: '/codes', input: savedForm, run: goOnFrom }),
    { method: 'get', path: '/codes/:list/file', run: file },
  ];
}
