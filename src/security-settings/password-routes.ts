import { asks, type AccountContext, type AccountRow, type Proven } from './account-routes.ts';
import { readChange } from './change-form.ts';
import { cardOf } from './confirm-routes.ts';
import { goTo } from '../http/go-to.ts';
import type { PasswordChange, PasswordProblems } from './password-change.ts';
import type { Renewal } from './renewal-routes.ts';
import type { Visit } from './visit.ts';

export interface PasswordRoutes {
  readonly passwordChange: PasswordChange;
  readonly sessions: Renewal;
}

const PATH = '/security/password';
const NONE: PasswordProblems = { current: null, next: null };

/** Change password. People who hold a second factor prove it first; the current password is asked of everybody. */
export function passwordRows({ passwordChange, sessions }: PasswordRoutes): AccountRow[] {
  const goal = ({ account }: Visit) => (account.methodCount === 0 ? null : ({ kind: 'password' } as const));

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

  async function choose({ visit, proof }: Proven, ctx: AccountContext): Promise<void> {
    const { form } = ctx.state;
    const { version } = readChange(form);
    const typed = { current: form.current ?? '', next: form.password ?? '' };
    const problems = await passwordChange.change({ visit, proof, version }, typed);
    if (problems === null) {
      await sessions.renew(ctx);
      return goTo(ctx, '/account/security?saved=password');
    }
    ctx.status = 422;
    return show(ctx, visit, problems);
  }

  return [
    asks(PATH, goal, (visit, ctx) => show(ctx, visit, NONE)),
    { method: 'post', path: PATH, goal, run: choose },
  ];
}
