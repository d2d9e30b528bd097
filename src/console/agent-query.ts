import { z } from 'zod';
import { teamName } from '../accounts/account-schema.ts';
import { ROLES } from '../accounts/account.ts';
import { CARES, type AgentFilter } from '../admin/agent-list.ts';
import { HOLDINGS } from '../admin/coverage.ts';

const STATES = ['active', 'invited', 'disabled'] as const;

/** Which agents, as the address of a list says; what is not understood counts as not said. */
const narrowed = z.object({
  q: z.string().trim().max(100).catch(''),
  has: z.enum(['', ...HOLDINGS]).catch(''),
  state: z.enum(['', ...STATES]).catch(''),
  role: z.enum(['', ...ROLES]).catch(''),
  team: z.union([z.literal(''), teamName]).catch(''),
  care: z.enum(['', ...CARES]).catch(''),
  live: z.enum(['', 'now']).catch(''),
});
export type Narrowed = z.output<typeof narrowed>;

const query = narrowed.extend({
  after: z.string().min(1).max(400).nullable().catch(null),
  before: z.string().min(1).max(400).nullable().catch(null),
  /** How many stand before this page. */
  from: z
    .string()
    .regex(/^\d{1,7}$/)
    .transform(Number)
    .catch(0),
});

/** @param given the query of an address, or fields of a form */
export const readNarrowed = (given: object): Narrowed => narrowed.parse(given);
export const readAgentQuery = (given: object) => query.parse({ after: null, before: null, ...given });

/** What narrows the list, in the order of the page. */
const FIELDS = ['q', 'has', 'state', 'role', 'team', 'care', 'live'] as const;

/** Names and values that narrow the list, without those that say nothing. */
export const narrowingOf = (wish: Narrowed) =>
  FIELDS.flatMap((name) => (wish[name] === '' ? [] : [{ name, value: wish[name] }]));

export const isNarrowed = (wish: Narrowed): boolean => narrowingOf(wish).length > 0;

export const agentFilterOf = ({ q, has, state, role, team, care, live }: Narrowed): AgentFilter => ({
  ...(q === '' ? {} : { email: q }),
  ...(has === '' ? {} : { holding: has }),
  ...(state === '' ? {} : { state }),
  ...(role === '' ? {} : { role }),
  ...(team === '' ? {} : { team }),
  ...(care === '' ? {} : { care }),
  ...(live === '' ? {} : { signedIn: true }),
});

/** @param suffix behind `/admin/agents`, such as `.csv` */
export function addressOf(wish: Narrowed, more: Readonly<Record<string, string>> = {}, suffix = ''): string {
  const given = [...narrowingOf(wish).map(({ name, value }) => [name, value]), ...Object.entries(more)];
  const search = new URLSearchParams(given).toString();
  return `/admin/agents${suffix}${search === '' ? '' : `?${search}`}`;
}

/** Links to the same list by another filter, which say which one is on. */
export function filterLinksOf(wish: Narrowed) {
  const links = (kind: keyof Narrowed, values: readonly string[]) =>
    ['', ...values].map((value) => ({
      value,
      href: addressOf({ ...wish, [kind]: value }),
      current: wish[kind] === value,
    }));
  return {
    has: links('has', HOLDINGS),
    live: links('live', ['now']),
    care: links('care', CARES),
    role: links('role', ROLES),
    state: links('state', STATES),
  };
}
