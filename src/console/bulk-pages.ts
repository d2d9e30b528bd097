import { z } from 'zod';
import type { Account } from '../accounts/account.ts';
import { bulkActionOf, type LeftOut, type Plan } from '../admin/bulk.ts';
import { refusalOf } from '../admin/permissions.ts';
import { DomainError } from '../core/errors.ts';
import { BULK_DEEDS, BULK_MOST, ID, type BulkDeed } from '../security-settings/agent-goal.ts';
import type { Visit } from '../security-settings/visit.ts';
import { personOf } from './about-agent.ts';
import type { Desk } from './desk.ts';
import type { ConsoleContext } from './door.ts';
import { isProved, show, type ConsolePage } from './page.ts';

/** Names that the question itself shows; the others follow when asked for. */
const NAMED = 20;

/** Ids as ticks send them, one each, or joined as in a form of ours. */
const ticked = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => [value].flat().flatMap((one) => one.split('~')))
  .transform((ids) => [...new Set(ids.filter((id) => id !== ''))])
  .pipe(z.array(z.string().regex(ID)).max(BULK_MOST));

const bulkForm = z.object({
  who: ticked,
  /** People whom the page said it is done to. */
  shown: z
    .string()
    .regex(/^\d{1,3}$/)
    .transform(Number),
  /** The same as it was typed. */
  count: z.string().max(64).default(''),
});

/** @returns what who asks may do to people at once */
export const bulkDeedsOf = ({ account }: Visit): BulkDeed[] =>
  BULK_DEEDS.filter((deed) => refusalOf(account, bulkActionOf(deed), null) === null);

const leftOutOf = ({ agent, why }: { agent: Account; why: LeftOut }) => ({ ...personOf(agent), why });

function showQuestion(
  desk: Desk,
  ctx: ConsoleContext,
  { go, leftOut }: Plan,
  { deed, problem }: { deed: BulkDeed; problem: 'number' | 'changed' | null },
): void {
  const data = {
    ...{ deed, problem },
    // Those left out too: the page with the result tells of them.
    who: [...go, ...leftOut.map(({ agent }) => agent)].map(({ accountId }) => accountId).join('~'),
    count: go.length,
    // What ends sign-ins of many is typed; one is as on their own page.
    typed: go.length > 1 && deed !== 'enable',
    named: go.slice(0, NAMED).map(personOf),
    more: go.slice(NAMED).map(personOf),
    leftOut: leftOut.map(leftOutOf),
  };
  show(desk, ctx, { section: 'agents', view: 'agent/bulk', data });
}

async function ask(desk: Desk, ctx: ConsoleContext, deed: BulkDeed): Promise<void> {
  const { data: accountIds } = ticked.safeParse(ctx.query.who ?? '');
  if (!accountIds) throw new DomainError('bad_request', { detail: 'who' });
  const plan = await desk.planBulk(deed, accountIds);
  const goal = { kind: 'agents', deed, accountIds } as const;
  if (plan.go.length === 0 || (await isProved(desk, ctx, goal)))
    showQuestion(desk, ctx, plan, { deed, problem: null });
}

async function run(desk: Desk, ctx: ConsoleContext, deed: BulkDeed): Promise<void> {
  const { data } = bulkForm.safeParse(ctx.state.form);
  if (!data || data.who.length === 0) throw new DomainError('bad_request', { detail: 'who or shown' });
  const { who: accountIds, shown, count } = data;
  if (!(await isProved(desk, ctx, { kind: 'agents', deed, accountIds }))) return;
  const plan = await desk.planBulk(deed, accountIds);
  if (plan.go.length !== shown) {
    ctx.status = 409;
    return showQuestion(desk, ctx, plan, { deed, problem: 'changed' });
  }
  if (shown > 1 && deed !== 'enable' && count.trim() !== String(shown)) {
    ctx.status = 422;
    return showQuestion(desk, ctx, plan, { deed, problem: 'number' });
  }
  const outcomes = await desk.runBulk(deed, plan);
  const done = outcomes.filter(({ why }) => why === null);
  const rest = outcomes.flatMap(({ agent, why }) => (why === null ? [] : [{ agent, why }]));
  const result = {
    deed,
    done: done.map(({ agent }) => personOf(agent)),
    leftOut: [...rest, ...plan.leftOut].map(leftOutOf),
    maySeeLog: refusalOf(desk.visit.account, 'see-audit', null) === null,
  };
  show(desk, ctx, { section: 'agents', view: 'agent/bulk-done', data: result });
}

/** M2 - something done to many at once: the question, and what became of it. */
export const bulkPages: readonly ConsolePage[] = BULK_DEEDS.flatMap((deed): ConsolePage[] => {
  const page = { path: `/selected-agents/${deed}`, action: bulkActionOf(deed) };
  return [
    { ...page, method: 'get', run: (desk, ctx) => ask(desk, ctx, deed) },
    { ...page, method: 'post', run: (desk, ctx) => run(desk, ctx, deed) },
  ];
});
