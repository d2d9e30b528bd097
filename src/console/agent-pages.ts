import type { Account } from '../accounts/account.ts';
import { kindsOf } from '../accounts/kinds.ts';
import { holdingOf } from '../admin/coverage.ts';
import { refusalOf } from '../admin/permissions.ts';
import {
  addressOf,
  agentFilterOf,
  filterLinksOf,
  isNarrowed,
  narrowingOf,
  readAgentQuery,
  readNarrowed,
} from './agent-query.ts';
import { bulkDeedsOf } from './bulk-pages.ts';
import { countText } from './coverage-view.ts';
import type { Desk } from './desk.ts';
import type { ConsoleContext } from './door.ts';
import { importingOf } from './import-pages.ts';
import { mayInvite } from './invite-pages.ts';
import { sendFile, show, type ConsolePage } from './page.ts';
import { dayOfSignIn } from './sign-in-day.ts';

/** Rows of one page. */
const PAGE = 50;

function rowOf(
  { accountId, name, email, state, methods, team = null }: Account,
  desk: Desk,
  lastSignIns: ReadonlyMap<string, Date>,
) {
  return {
    accountId,
    name,
    email,
    state,
    team,
    holding: holdingOf(desk.visit.tenant.policy, kindsOf(methods)),
    lastSignIn: dayOfSignIn(lastSignIns.get(accountId), desk),
  };
}

async function showAgents(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const { account } = desk.visit;
  const wish = readAgentQuery(ctx.query);
  const { q, team, after, before } = wish;
  const filter = await desk.settledAgents(agentFilterOf(wish));
  const [{ accounts, next, previous }, total, teams] = await Promise.all([
    desk.agents(filter, { after, before, limit: PAGE }),
    desk.countAgents(filter),
    desk.teams(),
  ]);
  const lastSignIns = await desk.lastSignIns(accounts.map(({ accountId }) => accountId));
  const from = previous === null ? 0 : wish.from;
  const to = from + accounts.length;
  const earlier = String(Math.max(0, from - PAGE));
  const data = {
    ...{ q, team, teams },
    filters: filterLinksOf(wish),
    // For the form, whose own fields are the search and the team.
    narrowing: narrowingOf({ ...wish, q: '', team: '' }),
    narrowed: narrowingOf(wish),
    filtered: isNarrowed(wish),
    agents: accounts.map((one) => rowOf(one, desk, lastSignIns)),
    range: { from: countText(from + 1), to: countText(to), total: countText(total) },
    firstHref: previous === null ? null : addressOf(wish),
    previousHref: previous === null ? null : addressOf(wish, { before: previous, from: earlier }),
    nextHref: next === null ? null : addressOf(wish, { after: next, from: String(to) }),
    mayInvite: mayInvite(desk),
    deeds: bulkDeedsOf(desk.visit),
    importing: mayInvite(desk) ? await importingOf(desk) : null,
    fileHref: refusalOf(account, 'export-agents', null) === null ? addressOf(wish, {}, '.csv') : null,
  };
  show(desk, ctx, { section: 'agents', view: 'agents', data });
}

/** The people of the tenant, found by what stands in the address. */
export const agentPages: readonly ConsolePage[] = [
  { method: 'get', path: '/agents', action: 'see-agents', run: showAgents },
  {
    method: 'get',
    path: '/agents.csv',
    action: 'export-agents',
    async run(desk, ctx) {
      const wish = agentFilterOf(readNarrowed(ctx.query));
      await sendFile(ctx, await desk.exportAgents(wish));
    },
  },
];
