import type { BulkRun, RunOutcome } from '../admin/bulk-runs.ts';
import { refusalOf } from '../admin/permissions.ts';
import { countText } from './coverage-view.ts';
import type { Desk } from './desk.ts';
import type { ConsoleContext } from './door.ts';
import { show, type ConsolePage } from './page.ts';

/** People of a report who are named; the log has all. */
const NAMED = 100;

export const runPath = ({ runId }: Pick<BulkRun, 'runId'>): string => `/admin/selected-agents/runs/${runId}`;

async function showRun(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const { run, came } = await desk.bulkReport(ctx.params.run ?? '');
  const rest = came.filter(({ outcome }) => outcome !== 'done');
  const named = rest.slice(0, NAMED);
  const names = await desk.named(named.map(({ accountId }) => accountId));
  const reasons = Object.entries(Object.groupBy(rest, ({ outcome }) => outcome)) as [
    RunOutcome,
    readonly unknown[],
  ][];
  const data = {
    deed: run.deed,
    href: runPath(run),
    running: run.state === 'running',
    total: run.total,
    came: came.length,
    done: came.length - rest.length,
    reasons: reasons.map(([why, people]) => ({ why, count: countText(people.length) })),
    people: named.flatMap(({ accountId, outcome }) => {
      const one = names.get(accountId);
      return one ? [{ ...one, href: `/admin/agents/${accountId}`, why: outcome }] : [];
    }),
    maySeeLog: refusalOf(desk.visit.account, 'see-audit', null) === null,
  };
  show(desk, ctx, { section: 'agents', view: 'agent/bulk-run', data });
}

/** What becomes of something that is done to everybody of a list: for whoever began it. */
export const bulkRunPages: readonly ConsolePage[] = [
  { method: 'get', path: '/selected-agents/runs/:run', action: 'see-agents', run: showRun },
];
