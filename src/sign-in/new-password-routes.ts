import type { PasswordRefusal } from '../accounts/password-rules.ts';
import type { Row } from '../http/rows.ts';
import { clientName } from '../notifications/client-name.ts';
import { goTo } from '../http/go-to.ts';
import { pageOfSignIn, type Journey, type JourneyContext } from './journey-routes.ts';
import type { NewPasswordSituation, NewPasswordStep } from './new-password-step.ts';
import type { SignInRequest } from './sign-in.ts';
import type { SignIns } from './sign-ins.ts';
import { whoIs } from './who.ts';

const PATH = '/new-password';

export interface NewPasswordRoutes {
  readonly journey: Journey;
  readonly signIns: SignIns;
  readonly newPassword: NewPasswordStep;
}

/** A new password, and then the sign-in from its start. */
export function newPasswordRows(ports: NewPasswordRoutes): Row<SignInRequest>[] {
  const { journey, signIns, newPassword } = ports;

  function show(
    ctx: JourneyContext,
    { uid }: SignInRequest,
    { account, tenant, rules }: NewPasswordSituation,
    problem: PasswordRefusal | 'same' | null,
  ) {
    ctx.state.tenant = tenant;
    ctx.state.render('sign-in/new-password.njk', {
      who: whoIs(account, uid),
      stepsDone: 0,
      email: account.email,
      leastLength: rules.leastLength,
      problem,
    });
  }

  async function open(request: SignInRequest, ctx: JourneyContext) {
    const found = await newPassword.situation(request);
    return found ? show(ctx, request, found, null) : journey.go(ctx);
  }

  async function choose(request: SignInRequest, ctx: JourneyContext) {
    const found = await newPassword.situation(request);
    if (!found) return journey.go(ctx);
    const { reference, source } = ctx.state;
    const by = { reference, source, device: clientName(ctx.get('user-agent')) };
    const { refusal } = await newPassword.choose(request, by, ctx.state.form.password ?? '');
    if (refusal === null) {
      return goTo(
        ctx,
        pageOfSignIn(request.uid, `${PATH}/done${found.account.methodCount > 0 ? '?second' : ''}`),
      );
    }
    ctx.status = 422;
    return show(ctx, request, found, refusal);
  }

  async function chosen(request: SignInRequest, ctx: JourneyContext) {
    const { step, signIn } = await signIns.situation(request);
    if (step.kind !== 'password') return journey.go(ctx);
    return ctx.state.render('sign-in/new-password-done.njk', {
      who: null,
      stepsDone: 0,
      second: ctx.query.second !== undefined,
      signInHref: `/sign-in/${signIn.uid}/password`,
    });
  }

  return [
    { method: 'get', path: PATH, run: open },
    { method: 'post', path: PATH, run: choose },
    { method: 'get', path: `${PATH}/done`, run: chosen },
  ];
}
