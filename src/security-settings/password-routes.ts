import Router from '@koa/router';
import type { AppState } from '../http/state.ts';
import type { Sessions } from '../provider/sessions.ts';
import { readChange } from './change-form.ts';
import { cardOf } from './confirm-routes.ts';
import { goTo, type AccountContext, type Door } from './door-routes.ts';
import { confirmPath } from './goal.ts';
import type { PasswordChange, PasswordProblems } from './password-change.ts';
import type { Proofs } from './proofs.ts';
import type { Visit } from './visit.ts';

export interface PasswordRoutes {
  readonly door: Door;
  readonly proofs: Pick<Proofs, 'find'>;
  readonly passwordChange: PasswordChange;
  readonly sessions: Pick<Sessions, 'renew'>;
}

const GOAL = { kind: 'password' } as const;
const HOME = '/account/security';
const NONE: PasswordProblems = { current: null, next: null };

/** C8 - change password. People who hold a second factor prove it first; the current password is asked of everybody. */
export function passwordRoutes({ door, proofs, passwordChange, sessions }: PasswordRoutes): Router<AppState> {
  const router = new Router<AppState>({ prefix: `${HOME}/password` });

  /** @returns undefined when a proof has to be given first: the request is answered. Null = none is needed */
  async function proofOf(ctx: AccountContext, visit: Visit) {
    if (visit.account.methodCount === 0) return null;
    const proof = await proofs.find(visit, GOAL);
    if (proof) return proof;
    goTo(ctx, confirmPath(GOAL));
    return undefined;
  }

  function show(ctx: AccountContext, visit: Visit, problems: PasswordProblems): void {
    const { account, tenant } = visit;
    ctx.state.render('security-settings/new-password.njk', {
      ...cardOf(visit),
      email: account.email,
      tenantName: tenant.name,
      leastLength: passwordChange.rules(visit).leastLength,
      problems,
      version: account.credVersion,
    });
  }

  router.get('/', async (context) => {
    const ctx = context as unknown as AccountContext;
    const visit = await door.enter(ctx);
    if (!visit) return;
    if ((await proofOf(ctx, visit)) !== undefined) show(ctx, visit, NONE);
  });

  router.post('/', ...door.guard, async (context) => {
    const ctx = context as unknown as AccountContext;
    const visit = door.visitOf(ctx);
    const { form } = ctx.state;
    const { version } = readChange(form);
    const proof = await proofOf(ctx, visit);
    if (proof === undefined) return;
    const typed = { current: form.current ?? '', next: form.password ?? '' };
    const problems = await passwordChange.change({ visit, proof, version }, typed);
    if (problems === null) {
      await sessions.renew(ctx);
      return goTo(ctx, `${HOME}?saved=password`);
    }
    ctx.status = 422;
    return show(ctx, visit, problems);
  });

  return router;
}
