import { z } from 'zod';
import type { Account } from '../accounts/account.ts';
import type { Reset } from '../admin/reset.ts';
import { DomainError } from '../core/errors.ts';
import { randomId } from '../core/random.ts';
import { readInput } from '../http/read-input.ts';
import { goTo } from '../http/go-to.ts';
import { momentsOf } from '../security-settings/place-routes.ts';
import { aboutAgent, pathOf, personOf } from './about-agent.ts';
import type { Desk } from './desk.ts';
import type { ConsoleContext } from './door.ts';
import { show, type ConsolePage } from './page.ts';

const askForm = z.object({
  reason: z.string().trim().max(500),
  /** Drawn for the page: a form that is sent again asks for nothing twice. */
  once: z.string().regex(/^[\w-]{22}$/),
});

const resetPath = (agent: Account, { resetId }: Reset) => `${pathOf(agent)}/resets/${resetId}` as const;
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

/** Where one waits already, it is shown instead. */
async function toAsk(agent: Account, desk: Desk) {
  const waiting = await desk.people.openReset(agent);
  return waiting ? resetPath(agent, waiting) : goalOf(agent);
}

async function open(desk: Desk, ctx: ConsoleContext, agent: Account): Promise<void> {
  const { reason = '' } = (await desk.typed(goalOf(agent))) ?? {};
  showForm(desk, ctx, agent, { once: randomId(), problem: null, reason });
}

async function ask(desk: Desk, ctx: ConsoleContext, agent: Account): Promise<void> {
  const data = readInput(askForm, ctx.state.form);
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
  async (desk: Desk, ctx: ConsoleContext, agent: Account): Promise<void> =>
    goTo(ctx, resetPath(agent, await run(desk, agent, ctx.params.reset ?? '')));

/** @throws DomainError not_found for one of anybody else */
async function toStep(agent: Account, desk: Desk, ctx: ConsoleContext) {
  const { accountId, resetId } = await desk.people.reset(agent, ctx.params.reset ?? '');
  return { kind: 'agent-reset', accountId, resetId } as const;
}

const ASK = { path: '/agents/:agent/reset', action: 'reset-two-factor' } as const;
const PATH = '/agents/:agent/resets/:reset';

/** The two factors of somebody who cannot use them any more are taken away. */
export const resetPages: readonly ConsolePage[] = [
  aboutAgent({ ...ASK, method: 'get', goal: toAsk, run: open }),
  aboutAgent({ ...ASK, method: 'post', input: askForm, keeps: ['reason'], goal: goalOf, run: ask }),
  aboutAgent({ method: 'get', path: PATH, action: 'reset-two-factor', run: showReset }),
  aboutAgent({
    method: 'post',
    path: `${PATH}/approve`,
    action: 'approve-two-factor-reset',
    goal: toStep,
    run: step(({ people }, agent, resetId) => people.approveReset(agent, resetId)),
  }),
  aboutAgent({
    method: 'post',
    path: `${PATH}/cancel`,
    action: 'reset-two-factor',
    goal: toStep,
    run: step(({ people }, agent, resetId) => people.cancelReset(agent, resetId)),
  }),
];
