import { z } from 'zod';
import type { Account } from '../accounts/account.ts';
import type { Reset } from '../admin/reset.ts';
import { DomainError } from '../core/errors.ts';
import { randomId } from '../core/random.ts';
import { goTo } from '../security-settings/door-routes.ts';
import { momentsOf } from '../security-settings/place-routes.ts';
import { aboutAgent, pathOf, personOf } from './about-agent.ts';
import type { Desk } from './desk.ts';
import type { ConsoleContext } from './door.ts';
import { isProved, show, type ConsolePage } from './page.ts';

const askForm = z.object({
  reason: z.string().trim().max(500),
  /** Drawn for the page: a form that is sent again asks for nothing twice. */
  once: z.string().regex(/^[\w-]{22}$/),
});

const resetPath = (agent: Account, { resetId }: Reset) => `${pathOf(agent)}/resets/${resetId}`;
const goalOf = ({ accountId }: Account) => ({ kind: 'agent', deed: 'reset', accountId }) as const;

function showForm(
  desk: Desk,
  ctx: ConsoleContext,
  agent: Account,
  { once, problem, reason = '' }: { once: string; problem: 'empty' | null; reason?: string },
): void {
  const { resetApproval, enrolmentProof } = desk.visit.tenant.policy;
  const data = {
    agent: personOf(agent),
    ...{ once, problem, reason, approval: resetApproval },
    byMail: enrolmentProof !== 'lead-code',
  };
  show(desk, ctx, { section: 'agents', view: 'agent/reset', data });
}

async function open(desk: Desk, ctx: ConsoleContext, agent: Account): Promise<void> {
  const waiting = await desk.people.openReset(agent);
  if (waiting) return goTo(ctx, resetPath(agent, waiting));
  if (!(await isProved(desk, ctx, goalOf(agent)))) return;
  const { reason = '' } = (await desk.typed(goalOf(agent))) ?? {};
  showForm(desk, ctx, agent, { once: randomId(), problem: null, reason });
}

async function ask(desk: Desk, ctx: ConsoleContext, agent: Account): Promise<void> {
  const { data } = askForm.safeParse(ctx.state.form);
  if (!data) throw new DomainError('bad_request', { detail: 'reason or once' });
  if (!(await isProved(desk, ctx, goalOf(agent), ['reason']))) return;
  if (data.reason === '') {
    ctx.status = 422;
    return showForm(desk, ctx, agent, { once: data.once, problem: 'empty' });
  }
  try {
    goTo(ctx, resetPath(agent, await desk.people.askReset(agent, data)));
  } catch (error) {
    // Somebody else asked in the same moment: theirs is the one.
    const waiting = await desk.people.openReset(agent);
    if (!(error instanceof DomainError) || error.detail !== 'reset_waiting' || !waiting) throw error;
    goTo(ctx, resetPath(agent, waiting));
  }
}

async function showReset(desk: Desk, ctx: ConsoleContext, agent: Account): Promise<void> {
  const { visit, people } = desk;
  const reset = await people.reset(agent, ctx.params.reset ?? '');
  const { state, askedBy, reason, effectiveAt } = reset;
  const mine = askedBy === visit.account.accountId;
  const waits = state === 'waiting';
  const data = {
    agent: personOf(agent),
    href: resetPath(agent, reset),
    ...{ state, reason, mine },
    askedBy: (await desk.named([askedBy])).get(askedBy)?.name ?? askedBy,
    until: effectiveAt && momentsOf(visit)(effectiveAt),
    mayApprove:
      waits && effectiveAt === null && !mine && people.refusal('approve-two-factor-reset', agent) === null,
  };
  show(desk, ctx, { section: 'agents', view: 'agent/reset-state', data });
}

/** Does one step of a reset and shows how it stands then. */
const step =
  (run: (desk: Desk, agent: Account, resetId: string) => Promise<Reset>) =>
  async (desk: Desk, ctx: ConsoleContext, agent: Account): Promise<void> => {
    const reset = await desk.people.reset(agent, ctx.params.reset ?? '');
    const { accountId, resetId } = reset;
    if (!(await isProved(desk, ctx, { kind: 'agent-reset', accountId, resetId }))) return;
    goTo(ctx, resetPath(agent, await run(desk, agent, resetId)));
  };

const PATH = '/agents/:agent/resets/:reset';

/** The two factors of somebody who cannot use them any more are taken away. */
export const resetPages: readonly ConsolePage[] = [
  aboutAgent({ method: 'get', path: '/agents/:agent/reset', action: 'reset-two-factor', run: open }),
  aboutAgent({ method: 'post', path: '/agents/:agent/reset', action: 'reset-two-factor', run: ask }),
  aboutAgent({ method: 'get', path: PATH, action: 'reset-two-factor', run: showReset }),
  aboutAgent({
    method: 'post',
    path: `${PATH}/approve`,
    action: 'approve-two-factor-reset',
    run: step(({ people }, agent, resetId) => people.approveReset(agent, resetId)),
  }),
  aboutAgent({
    method: 'post',
    path: `${PATH}/cancel`,
    action: 'reset-two-factor',
    run: step(({ people }, agent, resetId) => people.cancelReset(agent, resetId)),
  }),
];
