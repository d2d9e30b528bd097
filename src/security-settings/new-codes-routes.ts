import Router from '@koa/router';
import { z } from 'zod';
import { DomainError } from '../core/errors.ts';
import { longDate } from '../http/long-date.ts';
import type { AppState } from '../http/state.ts';
import type { Sessions } from '../provider/sessions.ts';
import { codeFile } from '../second-factor/code-file.ts';
import type { ShownCodes } from '../second-factor/new-lists.ts';
import { readChange } from './change-form.ts';
import { cardOf } from './confirm-routes.ts';
import { goTo, type AccountContext, type Door } from './door-routes.ts';
import { confirmPath } from './goal.ts';
import type { NewCodes } from './new-codes.ts';
import type { Proofs } from './proofs.ts';
import type { Visit } from './visit.ts';

export interface NewCodesRoutes {
  readonly door: Door;
  readonly proofs: Proofs;
  readonly newCodes: NewCodes;
  readonly sessions: Pick<Sessions, 'renew'>;
  /** How people see a recovery code. */
  readonly showCode: (code: string) => string;
}

const GOAL = { kind: 'codes' } as const;
const HOME = '/account/security';
const HERE = `${HOME}/codes`;

const savedForm = z.object({ list: z.string().max(64).default(''), saved: z.literal('yes').optional() });

/** C5 - asks, makes a new list, shows it once. */
export function newCodesRoutes({ door, proofs, newCodes, sessions, showCode }: NewCodesRoutes) {
  const router = new Router<AppState>({ prefix: HERE });
  const madeOn = ({ account }: Visit, { madeAt }: ShownCodes) => longDate(madeAt, account.claims.zoneinfo);

  /** @returns the proof; null = the request is answered: it comes first, or there is nothing to replace */
  async function proofOf(ctx: AccountContext, visit: Visit) {
    if (visit.account.methodCount === 0) {
      goTo(ctx, HOME);
      return null;
    }
    const proof = await proofs.find(visit, GOAL);
    if (!proof) goTo(ctx, confirmPath(GOAL));
    return proof;
  }

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

  router.get('/', async (context) => {
    const ctx = context as unknown as AccountContext;
    const visit = await door.enter(ctx);
    if (!visit || !(await proofOf(ctx, visit))) return;
    const { account } = visit;
    ctx.state.render('security-settings/make-codes.njk', {
      ...cardOf(visit),
      codesLeft: account.recovery?.digests.length ?? 0,
      version: account.credVersion,
    });
  });

  router.post('/', ...door.guard, async (context) => {
    const ctx = context as unknown as AccountContext;
    const visit = door.visitOf(ctx);
    const { version } = readChange(ctx.state.form);
    const proof = await proofOf(ctx, visit);
    if (!proof) return;
    await newCodes.make({ visit, proof, version });
    await sessions.renew(ctx);
    goTo(ctx, `${HERE}/new`);
  });

  router.get('/new', async (context) => {
    const ctx = context as unknown as AccountContext;
    const visit = await door.enter(ctx);
    if (!visit) return;
    const shown = await newCodes.show(visit);
    if (shown) show(ctx, visit, shown, null);
    else goTo(ctx, HERE);
  });

  router.post('/new', ...door.guard, async (context) => {
    const ctx = context as unknown as AccountContext;
    const visit = door.visitOf(ctx);
    const { data: form } = savedForm.safeParse(ctx.state.form);
    if (!form) throw new DomainError('bad_request');
    if (form.saved === 'yes') {
      await newCodes.saved(visit, form.list);
      return goTo(ctx, `${HOME}?saved=codes`);
    }
    const shown = await newCodes.same(visit, form.list);
    if (!shown) return goTo(ctx, HERE);
    ctx.status = 422;
    return show(ctx, visit, shown, 'unticked');
  });

  router.get('/new/:list/file', async (context) => {
    const ctx = context as unknown as AccountContext;
    const visit = await door.enter(ctx);
    if (!visit) return;
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
  });

  return router;
}
