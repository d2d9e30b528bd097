import { initialsOf } from '../accounts/initials.ts';
import { waitOnPage } from '../http/wait-on-page.ts';
import { DomainError } from '../core/errors.ts';
import type { Devices } from '../http/devices.ts';
import { renderErrorPage } from '../http/error-pages.ts';
import { shows, type AccountContext, type AccountRow, type Proven } from './account-routes.ts';
import { goTo } from '../http/go-to.ts';
import type { Door } from './door-routes.ts';
import { backPath, confirmPath, goalPath, isAboutOthers, readGoal, type Goal } from './goal.ts';
import type { ProofAnswer, Proofs } from './proofs.ts';
import type { Renewal } from './renewal-routes.ts';
import type { Visit } from './visit.ts';

const PATH = '/confirm/:goal';

export interface ConfirmRoutes {
  readonly door: Pick<Door, 'signInAnew' | 'isOver'>;
  readonly proofs: Proofs;
  readonly devices: Devices;
  readonly sessions: Renewal;
}

interface Refused {
  readonly refusal: string | null;
  readonly minutes: number | null;
}

/** What cards about oneself show: who it is, and the way back. */
export const cardOf = ({ account: { email, name } }: Visit) => ({
  who: { email, initials: initialsOf(name), switchHref: null },
  stepsDone: 0,
  cancelHref: '/account/security',
});

/** Confirm it is you: by the strongest that one has, or another way. */
export function confirmRows({ door, proofs, devices, sessions }: ConfirmRoutes): AccountRow[] {
  function browserOf(ctx: AccountContext) {
    const { accounts: knownAccounts, ids: deviceIds } = devices.read(ctx);
    return { knownAccounts, deviceIds, sourceHost: ctx.state.sourceHost };
  }

  function goalOf({ params }: AccountContext): Goal {
    const goal = readGoal(params.goal);
    if (!goal) throw new DomainError('not_found');
    return goal;
  }

  async function show(ctx: AccountContext, visit: Visit, goal: Goal, way: string, refused: Refused) {
    const card = {
      ...cardOf(visit),
      cancelHref: backPath(goal),
      confirms: true,
      others: isAboutOthers(goal),
      ...refused,
    };
    if (way === 'password') {
      const { email } = visit.account;
      ctx.state.render('security-settings/password.njk', { ...card, confirms: false, email });
      return;
    }
    const view = await proofs.open(visit, goal, way);
    ctx.state.render(`second-factor/${way}/verify.njk`, {
      ...card,
      ...view,
      waysHref: `${confirmPath(goal)}/ways`,
      refreshHref: `${confirmPath(goal)}/${way}/options`,
      declineAction: null,
    });
  }

  async function begin(visit: Visit, ctx: AccountContext): Promise<void> {
    const goal = goalOf(ctx);
    if (await proofs.find(visit, goal)) return goTo(ctx, goalPath(goal));
    const [best] = await proofs.ways(visit, goal, browserOf(ctx));
    // There is nothing any more that could be changed, as when another tab has just turned it off.
    if (!best && visit.account.methodCount === 0) return goTo(ctx, '/account/security');
    // All that they hold is forbidden meanwhile: a new sign-in leads to another method (ADR 13).
    if (!best) return renderErrorPage(ctx, 'own-method-missing', { backHref: door.signInAnew() });
    goTo(ctx, `${confirmPath(goal)}/${best.id}`);
  }

  async function ways(visit: Visit, ctx: AccountContext): Promise<void> {
    const goal = goalOf(ctx);
    const ways = await proofs.ways(visit, goal, browserOf(ctx));
    ctx.state.render('sign-in/ways.njk', {
      ...cardOf(visit),
      cancelHref: backPath(goal),
      confirms: true,
      others: isAboutOthers(goal),
      tenantName: visit.tenant.name,
      ways: ways.map(({ id, waitSeconds }) => ({
        id,
        href: waitSeconds > 0 ? null : `${confirmPath(goal)}/${id}`,
        ...waitOnPage(waitSeconds),
      })),
    });
  }

  async function open(visit: Visit, ctx: AccountContext): Promise<void> {
    const goal = goalOf(ctx);
    const way = ctx.params.way ?? '';
    const ways = await proofs.ways(visit, goal, browserOf(ctx));
    if (!ways.some(({ id }) => id === way)) throw new DomainError('method_not_offered');
    await show(ctx, visit, goal, way, { refusal: null, minutes: null });
  }

  /** Fresh options for a page that was read for longer than its challenge lives. */
  async function refresh(visit: Visit, ctx: AccountContext): Promise<void> {
    const goal = goalOf(ctx);
    const { options } = await proofs.open(visit, goal, ctx.params.way ?? '');
    ctx.type = 'application/json';
    ctx.body = typeof options === 'string' ? options : '{}';
  }

  async function answer({ visit }: Proven, ctx: AccountContext): Promise<void> {
    const goal = goalOf(ctx);
    const way = ctx.params.way ?? '';
    const renew = () => sessions.renew(ctx);
    const answer = await proofs.answer(visit, goal, way, { form: ctx.state.form, renew, ...browserOf(ctx) });
    if (answer.ok) return goTo(ctx, goalPath(goal));
    // The session got a new id meanwhile, as by the first of two clicks: the browser that has it goes on by that.
    if (!('retryAfterSeconds' in answer) && (await door.isOver(ctx))) return goTo(ctx, confirmPath(goal));
    await show(ctx, visit, goal, way, refuse(ctx, answer));
  }

  return [
    shows(PATH, begin),
    shows(`${PATH}/ways`, ways),
    shows(`${PATH}/:way`, open),
    shows(`${PATH}/:way/options`, refresh),
    { method: 'post', path: `${PATH}/:way`, run: answer },
  ];
}

function refuse(ctx: AccountContext, answer: Extract<ProofAnswer, { ok: false }>): Refused {
  if (!('retryAfterSeconds' in answer)) {
    ctx.status = 422;
    return { refusal: answer.refusal, minutes: answer.minutes };
  }
  ctx.status = 429;
  ctx.set('Retry-After', String(answer.retryAfterSeconds));
  return { refusal: answer.refusal, minutes: Math.ceil(answer.retryAfterSeconds / 60) };
}
