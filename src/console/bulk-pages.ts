import { z } from 'zod';
import type { Account } from '../accounts/account.ts';
import {
  bulkActionOf,
  countsEach,
  MOST_COUNTED,
  MOST_OF_LIST,
  type LeftOut,
  type Plan,
} from '../admin/bulk.ts';
import { refusalOf } from '../admin/permissions.ts';
import { DomainError } from '../core/errors.ts';
import { randomId } from '../core/random.ts';
import { goTo } from '../http/go-to.ts';
import { BULK_DEEDS, type BulkDeed } from '../security-settings/goal.ts';
import type { Visit } from '../security-settings/visit.ts';
import { personOf } from './about-agent.ts';
import { goalOf, hrefOf, readSelection, selectionFields, type Selection } from './bulk-selection.ts';
import { runPath } from './bulk-run-pages.ts';
import { countText } from './coverage-view.ts';
import type { Desk } from './desk.ts';
import type { ConsoleContext } from './door.ts';
import { isProved, show, type ConsolePage } from './page.ts';

/** Names that the question itself shows; the others follow when asked for. */
const NAMED = 20;

const bulkForm = z.object({
  /** People whom the page said it is done to. */
  shown: z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number),
  /** The same as it was typed. */
  count: z.string().max(64).default(''),
  reason: z.string().trim().max(500).default(''),
  /** Drawn for the page: a form that is sent again begins nothing twice. */
  once: z.string().regex(/^[\w-]{22}$/),
});
type BulkForm = z.output<typeof bulkForm>;

/** @returns what who asks may do to people at once */
export const bulkDeedsOf = ({ account }: Visit): BulkDeed[] =>
  BULK_DEEDS.filter((deed) => refusalOf(account, bulkActionOf(deed), null) === null);

const leftOutOf = ({ agent, why }: { agent: Account; why: LeftOut }) => ({ ...personOf(agent), why });

/** What ends sign-ins of many, or takes protection from them, is typed; one is as on their own page. */
const isTyped = (deed: BulkDeed, count: number) => count > 1 && deed !== 'enable';

interface Asked {
  readonly deed: BulkDeed;
  readonly selection: Selection;
  /** Null = the list holds more people than can be gone through. */
  readonly plan: Plan | null;
}

/** @returns how many it can be done to at once, where they are more; null = they are not */
function tooMany({ deed, selection, plan }: Asked): number | null {
  if (!plan) return MOST_OF_LIST;
  return selection.kind === 'list' && countsEach(deed) && plan.go.length > MOST_COUNTED ? MOST_COUNTED : null;
}

function showQuestion(
  desk: Desk,
  ctx: ConsoleContext,
  asked: Asked,
  again: { problem: 'number' | 'changed' | 'reason' | null; once?: string; reason?: string },
): void {
  const { deed, selection } = asked;
  const { go, leftOut } = asked.plan ?? { go: [], leftOut: [] };
  const most = tooMany(asked);
  const ofList = selection.kind === 'list';
  const data = {
    deed,
    ...{ problem: again.problem, once: again.once ?? randomId(), reason: again.reason ?? '' },
    fields: selectionFields(selection),
    count: most === null ? go.length : 0,
    tooMany: most === null ? null : countText(most),
    typed: isTyped(deed, go.length),
    approval: desk.visit.tenant.policy.resetApproval,
    named: go.slice(0, NAMED).map(personOf),
    more: ofList ? [] : go.slice(NAMED).map(personOf),
    list: ofList ? { href: hrefOf(selection), rest: countText(Math.max(0, go.length - NAMED)) } : null,
    leftOut: leftOut.slice(0, ofList ? NAMED : leftOut.length).map(leftOutOf),
    leftOutRest: ofList ? Math.max(0, leftOut.length - NAMED) : 0,
  };
  show(desk, ctx, { section: 'agents', view: 'agent/bulk', data });
}

const planOf = (desk: Desk, deed: BulkDeed, selection: Selection) =>
  selection.kind === 'list'
    ? desk.planList(deed, selection.filter)
    : desk.planBulk(deed, selection.accountIds);

async function ask(desk: Desk, ctx: ConsoleContext, deed: BulkDeed): Promise<void> {
  const selection = readSelection(ctx.query);
  const plan = await planOf(desk, deed, selection);
  const goal = goalOf(deed, selection);
  if (plan?.go.length !== 0 && !(await isProved(desk, ctx, goal))) return;
  const { reason = '' } = (await desk.typed(goal)) ?? {};
  showQuestion(desk, ctx, { deed, selection, plan }, { problem: null, reason });
}

/** @returns what keeps the form from being carried out; null = nothing */
function problemOf({ deed, plan }: Asked, { shown, count, reason }: BulkForm) {
  if (plan?.go.length !== shown) return 'changed';
  if (deed === 'reset' && reason === '') return 'reason';
  return isTyped(deed, shown) && count.trim() !== String(shown) ? 'number' : null;
}

async function run(desk: Desk, ctx: ConsoleContext, deed: BulkDeed): Promise<void> {
  const { data } = bulkForm.safeParse(ctx.state.form);
  const selection = readSelection(ctx.state.form);
  const none = selection.kind === 'ticked' && selection.accountIds.length === 0;
  if (!data || none) throw new DomainError('bad_request', { detail: 'who, shown or once' });
  if (!(await isProved(desk, ctx, goalOf(deed, selection), ['reason']))) return;
  const asked = { deed, selection, plan: await planOf(desk, deed, selection) };
  const problem = problemOf(asked, data);
  if (problem !== null || !asked.plan || tooMany(asked) !== null) {
    ctx.status = problem === 'changed' ? 409 : 422;
    return showQuestion(desk, ctx, asked, { ...data, problem });
  }
  const how = { reason: deed === 'reset' ? data.reason : null, once: data.once };
  if (selection.kind === 'list') return goTo(ctx, runPath(await desk.beginBulk(deed, asked.plan, how)));
  const outcomes = await desk.runBulk(deed, asked.plan, how);
  const done = outcomes.filter(({ why }) => why === null);
  const rest = outcomes.flatMap(({ agent, why }) => (why === null ? [] : [{ agent, why }]));
  const result = {
    deed,
    done: done.map(({ agent }) => personOf(agent)),
    leftOut: [...rest, ...asked.plan.leftOut].map(leftOutOf),
    maySeeLog: refusalOf(desk.visit.account, 'see-audit', null) === null,
  };
  show(desk, ctx, { section: 'agents', view: 'agent/bulk-done', data: result });
}

/** Something done to many at once: the question, and what became of it. */
export const bulkPages: readonly ConsolePage[] = BULK_DEEDS.flatMap((deed): ConsolePage[] => {
  const page = { path: `/selected-agents/${deed}`, action: bulkActionOf(deed) };
  return [
    { ...page, method: 'get', run: (desk, ctx) => ask(desk, ctx, deed) },
    { ...page, method: 'post', run: (desk, ctx) => run(desk, ctx, deed) },
  ];
});
