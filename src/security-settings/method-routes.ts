import Router from '@koa/router';
import type { AppState } from '../http/state.ts';
import type { Sessions } from '../provider/sessions.ts';
import { readChange } from './change-form.ts';
import { cardOf } from './confirm-routes.ts';
import { goTo, type AccountContext, type Door } from './door-routes.ts';
import { confirmPath, type Goal } from './goal.ts';
import type { MethodChanges, Removal } from './method-changes.ts';
import type { OwnMethod } from './my-methods.ts';
import type { Proofs } from './proofs.ts';
import type { Visit } from './visit.ts';

export interface MethodRoutes {
  readonly door: Door;
  readonly proofs: Proofs;
  readonly changes: MethodChanges;
  readonly sessions: Pick<Sessions, 'renew'>;
}

const HOME = '/account/security';

/** C3, C4 - each page asks what will happen, and its form does it. */
export function methodRoutes({ door, proofs, changes, sessions }: MethodRoutes): Router<AppState> {
  const router = new Router<AppState>({ prefix: HOME });
  const idOf = ({ params }: AccountContext) => params.id ?? '';

  /** Every change stands on a proof. @returns null when it has to be given first: the request is answered */
  async function proofOf(ctx: AccountContext, visit: Visit, goal: Goal) {
    const proof = await proofs.find(visit, goal);
    if (!proof) goTo(ctx, confirmPath(goal));
    return proof;
  }

  /** An id that leaked before the change is worth nothing after it. */
  async function done(ctx: AccountContext, saved: string): Promise<void> {
    await sessions.renew(ctx);
    goTo(ctx, `${HOME}?saved=${saved}`);
  }

  function showRemoval(ctx: AccountContext, visit: Visit, method: OwnMethod, removal: Removal): void {
    const { kind, name } = method;
    const { tenant, account } = visit;
    const page = { ...cardOf(visit), kind, name, removal, tenantName: tenant.name };
    ctx.state.render('security-settings/remove.njk', { ...page, version: account.credVersion });
  }

  router.get('/methods/:id/remove', async (context) => {
    const ctx = context as unknown as AccountContext;
    const visit = await door.enter(ctx);
    if (!visit) return;
    const { method, removal } = await changes.look(visit, idOf(ctx));
    const proof = await proofOf(ctx, visit, { kind: 'remove', methodId: method.id });
    if (proof) showRemoval(ctx, visit, method, removal);
  });

  router.post('/methods/:id/remove', ...door.guard, async (context) => {
    const ctx = context as unknown as AccountContext;
    const visit = door.visitOf(ctx);
    const { version } = readChange(ctx.state.form);
    const { method } = await changes.look(visit, idOf(ctx));
    const proof = await proofOf(ctx, visit, { kind: 'remove', methodId: method.id });
    if (!proof) return;
    const removal = await changes.remove({ visit, proof, version }, method.id);
    if (removal !== 'enforced') return done(ctx, removal === 'last' ? 'off' : 'removed');
    ctx.status = 422;
    showRemoval(ctx, visit, method, removal);
  });

  function showName(ctx: AccountContext, visit: Visit, value: string, problem: 'empty' | null): void {
    const page = { ...cardOf(visit), value, problem, version: visit.account.credVersion };
    ctx.state.render('security-settings/rename.njk', page);
  }

  router.get('/methods/:id/rename', async (context) => {
    const ctx = context as unknown as AccountContext;
    const visit = await door.enter(ctx);
    if (!visit) return;
    const { method } = await changes.lookForName(visit, idOf(ctx));
    const proof = await proofOf(ctx, visit, { kind: 'rename', methodId: method.id });
    if (proof) showName(ctx, visit, method.name ?? '', null);
  });

  router.post('/methods/:id/rename', ...door.guard, async (context) => {
    const ctx = context as unknown as AccountContext;
    const visit = door.visitOf(ctx);
    const { version, name } = readChange(ctx.state.form);
    const { method } = await changes.lookForName(visit, idOf(ctx));
    const proof = await proofOf(ctx, visit, { kind: 'rename', methodId: method.id });
    if (!proof) return;
    if (await changes.rename({ visit, proof, version }, method.id, name)) return done(ctx, 'renamed');
    ctx.status = 422;
    showName(ctx, visit, '', 'empty');
  });

  function showTurnOff(ctx: AccountContext, visit: Visit, removal: Removal): void {
    const page = { ...cardOf(visit), removal, tenantName: visit.tenant.name };
    ctx.state.render('security-settings/turn-off.njk', { ...page, version: visit.account.credVersion });
  }

  router.get('/turn-off', async (context) => {
    const ctx = context as unknown as AccountContext;
    const visit = await door.enter(ctx);
    if (!visit) return;
    const removal = await changes.lookAtAll(visit);
    if (removal === null) return goTo(ctx, HOME);
    const proof = await proofOf(ctx, visit, { kind: 'turn-off' });
    if (proof) showTurnOff(ctx, visit, removal);
  });

  router.post('/turn-off', ...door.guard, async (context) => {
    const ctx = context as unknown as AccountContext;
    const visit = door.visitOf(ctx);
    const { version } = readChange(ctx.state.form);
    if ((await changes.lookAtAll(visit)) === null) return goTo(ctx, HOME);
    const proof = await proofOf(ctx, visit, { kind: 'turn-off' });
    if (!proof) return;
    const removal = await changes.turnOff({ visit, proof, version });
    if (removal !== 'enforced') return done(ctx, 'off');
    ctx.status = 422;
    showTurnOff(ctx, visit, removal);
  });

  return router;
}
