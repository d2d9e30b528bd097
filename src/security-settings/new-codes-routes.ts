import { z } from 'zod';
import { DomainError } from '../core/errors.ts';
import { longDate } from '../http/long-date.ts';
import { formRow } from '../http/rows.ts';
import { codeFile } from '../second-factor/code-file.ts';
import type { ShownCodes } from '../second-factor/new-lists.ts';
import { asks, changes, shows, type AccountContext, type AccountRow, type Proven } from './account-routes.ts';
import { cardOf } from './confirm-routes.ts';
import { goTo } from '../http/go-to.ts';
import type { NewCodes } from './new-codes.ts';
import type { Renewal } from './renewal-routes.ts';
import type { Visit } from './visit.ts';

export interface NewCodesRoutes {
  readonly newCodes: NewCodes;
  readonly sessions: Renewal;
  /** How people see a recovery code. */
  readonly showCode: (code: string) => string;
}

const HOME = '/account/security';
const PATH = '/security/codes';
const HERE = `${HOME}/codes`;

const savedForm = z.object({ list: z.string().max(64).default(''), saved: z.literal('yes').optional() });

/** Asks, makes a new list, shows it once. */
export function newCodesRows({ newCodes, sessions, showCode }: NewCodesRoutes): AccountRow[] {
  const madeOn = ({ account }: Visit, { madeAt }: ShownCodes) => longDate(madeAt, account.claims.zoneinfo);

  /** Where there is nothing to replace, nothing is asked. */
  const goal = ({ account }: Visit) => (account.methodCount === 0 ? HOME : ({ kind: 'codes' } as const));

  function show(ctx: AccountContext, visit: Visit, shown: ShownCodes, problem: 'unticked' | null): void {
    ctx.state.render('set-up/codes.njk', {
      ...cardOf(visit),
      cancelHref: null,
      codes: shown.codes.map((code) => showCode(code).split('-')),
      list: shown.id,
      email: visit.account.email,
      madeOn: madeOn(visit, shown),
      again: false,
      problem,
      fileHref: `${HERE}/new/${shown.id}/file`,
    });
  }

  async function goOn({ visit }: Proven, ctx: AccountContext, form: z.output<typeof savedForm>) {
    if (form.saved === 'yes') {
      await newCodes.saved(visit, form.list);
      return goTo(ctx, `${HOME}?saved=codes`);
    }
    const shown = await newCodes.same(visit, form.list);
    if (!shown) return goTo(ctx, HERE);
    ctx.status = 422;
    return show(ctx, visit, shown, 'unticked');
  }

  async function file(visit: Visit, ctx: AccountContext): Promise<void> {
    const shown = await newCodes.same(visit, ctx.params.list ?? '');
    if (!shown) throw new DomainError('not_found');
    ctx.attachment(`${visit.tenant.tenantId}-recovery-codes.txt`);
    ctx.type = 'text/plain; charset=utf-8';
    ctx.body = codeFile(ctx.state.t, {
      tenantName: visit.tenant.name,
      email: visit.account.email,
      madeOn: madeOn(visit, shown),
      codes: shown.codes.map(showCode),
    });
  }

  return [
    asks(PATH, goal, (visit, ctx) => {
      const { recovery, credVersion: version } = visit.account;
      const codesLeft = recovery?.digests.length ?? 0;
      ctx.state.render('security-settings/make-codes.njk', { ...cardOf(visit), codesLeft, version });
    }),
    changes(PATH, goal, async (change, ctx) => {
      await newCodes.make(change);
      await sessions.renew(ctx);
      goTo(ctx, `${HERE}/new`);
    }),
    shows(`${PATH}/new`, async (visit, ctx) => {
      const shown = await newCodes.show(visit);
      if (shown) show(ctx, visit, shown, null);
      else goTo(ctx, HERE);
    }),
    formRow({ path: `${PATH}/new`, input: savedForm, run: goOn }),
    shows(`${PATH}/new/:list/file`, file),
  ];
}
