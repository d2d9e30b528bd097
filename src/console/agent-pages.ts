import { z } from 'zod';
import type { Account } from '../accounts/account.ts';
import { kindsOf } from '../accounts/kinds.ts';
import type { RosterFilter } from '../accounts/roster.ts';
import { HOLDINGS, holdingOf, kindsOfHolding } from '../admin/coverage.ts';
import { refusalOf } from '../admin/permissions.ts';
import type { Policy } from '../tenants/tenant.ts';
import { bulkDeedsOf } from './bulk-pages.ts';
import { countText } from './coverage-view.ts';
import type { Desk } from './desk.ts';
import type { ConsoleContext } from './door.ts';
import { importingOf } from './import-pages.ts';
import { mayInvite } from './invite-pages.ts';
import { sendFile, show, type ConsolePage } from './page.ts';
import { dayOfSignIn } from './sign-in-day.ts';

/** UI 3.10. */
const PAGE = 50;

const STATES = ['active', 'invited', 'disabled'] as const;

/** The address of a list; what is not understood counts as not said. */
const query = z.object({
  q: z.string().trim().max(100).catch(''),
  has: z.enum(['', ...HOLDINGS]).catch(''),
  state: z.enum(['', ...STATES]).catch(''),
  after: z.string().min(1).max(400).nullable().catch(null),
  before: z.string().min(1).max(400).nullable().catch(null),
  /** How many stand before this page. */
  from: z
    .string()
    .regex(/^\d{1,7}$/)
    .transform(Number)
    .catch(0),
});
type Query = z.output<typeof query>;

const filterOf = ({ q, has, state }: Query, policy: Policy): RosterFilter => ({
  ...(q === '' ? {} : { email: q }),
  ...(has === '' ? {} : { kinds: kindsOfHolding(policy, has) }),
  ...(state === '' ? {} : { state }),
});

/** @param suffix behind `/admin/agents`, such as `.csv` */
function addressOf(
  { q, has, state }: Query,
  more: Readonly<Record<string, string>> = {},
  suffix = '',
): string {
  const given = Object.entries({ q, has, state, ...more }).filter(([, value]) => value !== '');
  const search = new URLSearchParams(given).toString();
  return `/admin/agents${suffix}${search === '' ? '' : `?${search}`}`;
}

/** Links to the same list by another filter, which say which one is on. */
function filtersOf(wish: Query) {
  const links = (kind: 'has' | 'state', values: readonly string[]) =>
    ['', ...values].map((value) => ({
      value,
      href: addressOf({ ...wish, [kind]: value }),
      current: wish[kind] === value,
    }));
  return { has: links('has', HOLDINGS), state: links('state', STATES) };
}

function rowOf(
  { accountId, name, email, state, methods }: Account,
  desk: Desk,
  lastSignIns: ReadonlyMap<string, Date>,
) {
  return {
    accountId,
    name,
    email,
    state,
    holding: holdingOf(desk.visit.tenant.policy, kindsOf(methods)),
    lastSignIn: dayOfSignIn(lastSignIns.get(accountId), desk),
  };
}

async function showAgents(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const { account, tenant } = desk.visit;
  const wish = query.parse({ after: null, before: null, ...ctx.query });
  const { q, has, state, after, before } = wish;
  const filter = await desk.settledAgents(filterOf(wish, tenant.policy));
  const [{ accounts, next, previous }, total] = await Promise.all([
    desk.agents(filter, { after, before, limit: PAGE }),
    desk.countAgents(filter),
  ]);
  const lastSignIns = await desk.lastSignIns(accounts.map(({ accountId }) => accountId));
  const from = previous === null ? 0 : wish.from;
  const to = from + accounts.length;
  const earlier = String(Math.max(0, from - PAGE));
  const data = {
    ...{ q, has, state },
    filters: filtersOf(wish),
    filtered: q !== '' || has !== '' || state !== '',
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

/** M2 - the people of the tenant, found by what stands in the address. */
export const agentPages: readonly ConsolePage[] = [
  { method: 'get', path: '/agents', action: 'see-agents', run: showAgents },
  {
    method: 'get',
    path: '/agents.csv',
    action: 'export-agents',
    async run(desk, ctx) {
      const { q, has, state } = query.parse({ after: null, before: null, ...ctx.query });
      const wish = {
        ...(q === '' ? {} : { email: q }),
        ...(has === '' ? {} : { holding: has }),
        ...(state === '' ? {} : { state }),
      };
      await sendFile(ctx, await desk.exportAgents(wish));
    },
  },
];
