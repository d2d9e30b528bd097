import { z } from 'zod';
import type { Account } from '../accounts/account.ts';
import { kindsOf } from '../accounts/kinds.ts';
import type { RosterFilter } from '../accounts/roster.ts';
import { HOLDINGS, holdingOf, kindsOfHolding } from '../admin/coverage.ts';
import type { Policy } from '../tenants/tenant.ts';
import { countText } from './coverage-view.ts';
import { show, type ConsolePage } from './page.ts';

/** UI 3.10. */
const PAGE = 50;

const STATES = ['active', 'invited', 'disabled'] as const;

/** The address of a list; what is not understood counts as not said. */
const query = z.object({
  q: z.string().trim().max(100).catch(''),
  has: z.enum(['', ...HOLDINGS]).catch(''),
  state: z.enum(['', ...STATES]).catch(''),
  after: z.string().min(1).max(400).nullable().catch(null),
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

function addressOf({ q, has, state }: Query, more: Readonly<Record<string, string>> = {}): string {
  const given = Object.entries({ q, has, state, ...more }).filter(([, value]) => value !== '');
  const search = new URLSearchParams(given).toString();
  return search === '' ? '/admin/agents' : `/admin/agents?${search}`;
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

const rowOf = ({ accountId, name, email, state, methods }: Account, policy: Policy) => ({
  accountId,
  name,
  email,
  state,
  holding: holdingOf(policy, kindsOf(methods)),
});

/** M2 - the people of the tenant, found by what stands in the address. */
export const agentPages: readonly ConsolePage[] = [
  {
    method: 'get',
    path: '/agents',
    action: 'see-agents',
    async run(desk, ctx) {
      const { policy } = desk.visit.tenant;
      const wish = query.parse({ after: null, ...ctx.query });
      const filter = filterOf(wish, policy);
      const [{ accounts, next }, total] = await Promise.all([
        desk.agents(filter, { after: wish.after, limit: PAGE }),
        desk.countAgents(filter),
      ]);
      const from = wish.after === null ? 0 : wish.from;
      const to = from + accounts.length;
      const data = {
        q: wish.q,
        has: wish.has,
        state: wish.state,
        filters: filtersOf(wish),
        filtered: wish.q !== '' || wish.has !== '' || wish.state !== '',
        agents: accounts.map((account) => rowOf(account, policy)),
        range: { from: countText(from + 1), to: countText(to), total: countText(total) },
        firstHref: wish.after === null ? null : addressOf(wish),
        nextHref: next === null ? null : addressOf(wish, { after: next, from: String(to) }),
      };
      show(desk, ctx, { section: 'agents', view: 'agents', data });
    },
  },
];
