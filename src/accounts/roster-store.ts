import type { Connection } from 'mongoose';
import { accountCollection, toAccount, type AccountRow } from './account-store.ts';
import { ACCOUNT_STATES, normaliseEmail } from './account.ts';
import { type Kinds } from './kinds.ts';
import type { Found, PageWish, Roster, RosterFilter, RosterPage, RosterWish, Standing } from './roster.ts';

const standingFields = {
  tenantId: 1,
  email: 1,
  state: 1,
  methods: 1,
  methodCount: 1,
  firstMethodAt: 1,
  owesMethod: 1,
  skips: 1,
  graceUntil: 1,
  validFrom: 1,
  keptSessionUid: 1,
} as const;

type StandingRow = Omit<Standing, 'accountId'> & { readonly _id: string; readonly email: string };

const toStanding = (row: StandingRow): Standing => ({
  accountId: row._id,
  tenantId: row.tenantId,
  state: row.state,
  methods: row.methods,
  methodCount: row.methodCount,
  firstMethodAt: row.firstMethodAt,
  ...(row.owesMethod === undefined ? {} : { owesMethod: row.owesMethod }),
  skips: row.skips,
  ...(row.graceUntil === undefined ? {} : { graceUntil: row.graceUntil }),
  validFrom: row.validFrom,
  keptSessionUid: row.keptSessionUid,
});

/** Behind every text that begins with the prefix in front of it. */
const LAST = '\u{10ffff}';

/** One side of a list at an email, which itself is not in it. */
type Bound = { readonly $gt: string } | { readonly $lt: string };

/** @param bound null = the whole list */
function emails(prefix: string | undefined, bound: Bound | null) {
  if (prefix === undefined) return bound === null ? {} : { email: bound };
  const begin = normaliseEmail(prefix);
  const end = begin + LAST;
  // A place behind the last one of that prefix is an address that somebody made up.
  const before = bound && '$lt' in bound && bound.$lt < end ? bound.$lt : end;
  const after = bound && '$gt' in bound ? { $gt: bound.$gt } : {};
  return { email: { $gte: begin, $lt: before, ...after } };
}

/** Ids of one question. */
const BATCH = 1000;

/** Said of both or of neither: so one index finds and sorts (`{ tenantId, state, kinds, email }`). */
const standing = (state: RosterFilter['state'], kinds: readonly Kinds[] | undefined) =>
  kinds === undefined ? {} : { state: state ?? { $in: [...ACCOUNT_STATES] }, kinds: { $in: [...kinds] } };

const further = ({ role, team, codesLeft }: RosterFilter) => ({
  ...(role === undefined ? {} : { roles: role }),
  ...(team === undefined ? {} : { team }),
  ...(codesLeft === undefined ? {} : { codesLeft: { $in: [...codesLeft] } }),
});

const narrowedFields = { kinds: 1, roles: 1, team: 1, codesLeft: 1 } as const;
type NarrowedRow = StandingRow & Pick<AccountRow, 'kinds' | 'roles' | 'team' | 'codesLeft'>;

/** The same as `query`, of somebody who was found by their id: no other index is walked for them. */
const fits =
  ({ state, kinds, email, role, team, codesLeft }: RosterFilter) =>
  (row: NarrowedRow): boolean =>
    (state ?? row.state) === row.state &&
    (typeof kinds === 'function' ? kinds(row.kinds) : (kinds?.includes(row.kinds) ?? true)) &&
    (email === undefined || row.email.startsWith(normaliseEmail(email))) &&
    (role === undefined || row.roles.includes(role)) &&
    (team ?? row.team) === row.team &&
    (codesLeft?.includes(row.codesLeft) ?? true);

/** @returns the page of `rows`, one of which was read beyond it to see whether there is more */
function cut<Row>(rows: readonly Row[], limit: number, key: (row: Row) => string) {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, next: rows.length > limit && last !== undefined ? key(last) : null };
}

/** Lists of accounts in MongoDB; writes nothing. */
export function rosterStore(connection: Connection): Roster {
  const rows = connection.collection<AccountRow>(accountCollection.name);

  async function countKinds(tenantId: string, state: RosterFilter['state']) {
    const groups = rows.aggregate<{ _id: Kinds; count: number }>([
      { $match: { tenantId, ...(state === undefined ? {} : { state }) } },
      { $group: { _id: '$kinds', count: { $sum: 1 } } },
    ]);
    return new Map((await groups.toArray()).map(({ _id, count }) => [_id, count]));
  }

  /** The kinds that there are, in the place of a question about them: an index knows no questions. */
  async function kindsIn(tenantId: string, { state, kinds, codesLeft }: RosterFilter) {
    if (kinds !== undefined && typeof kinds !== 'function') return kinds;
    if (state === undefined && kinds === undefined && codesLeft === undefined) return undefined;
    const found = [...(await countKinds(tenantId, state)).keys()];
    return kinds ? found.filter(kinds) : found;
  }

  async function query(tenantId: string, filter: RosterFilter, bound: Bound | null = null) {
    const kinds = await kindsIn(tenantId, filter);
    const more = { ...further(filter), ...emails(filter.email, bound) };
    return { tenantId, ...standing(filter.state, kinds), ...more };
  }

  async function byEmail(tenantId: string, filter: RosterFilter, { after, limit }: PageWish) {
    const wanted = await query(tenantId, filter, after === null ? null : { $gt: after });
    return rows.find(wanted, { sort: { email: 1 }, limit: limit + 1 });
  }

  async function page(tenantId: string, filter: RosterFilter, wish: RosterWish): Promise<RosterPage> {
    if (filter.found) return pageOf(tenantId, filter.found, wish);
    if (typeof wish.before === 'string') return pageBefore(tenantId, filter, wish.before, wish.limit);
    const found = await (await byEmail(tenantId, filter, wish)).toArray();
    const { page: cutRows, next } = cut(found, wish.limit, ({ email }) => email);
    const [first] = cutRows;
    return { accounts: cutRows.map(toAccount), next, previous: (wish.after && first?.email) || null };
  }

  /** The accounts of one page of people who are known already. */
  async function pageOf(tenantId: string, found: readonly Found[], wish: RosterWish): Promise<RosterPage> {
    const { before, after, limit } = wish;
    const end = typeof before === 'string' ? found.findIndex(({ email }) => email >= before) : null;
    const behind = after === null ? 0 : found.findIndex(({ email }) => email > after);
    const last = end === null ? null : end === -1 ? found.length : end;
    const from = Math.max(0, last === null ? (behind === -1 ? found.length : behind) : last - limit);
    const wanted = found.slice(from, from + limit);
    const ids = wanted.map(({ accountId }) => accountId);
    const accounts = await rows.find({ tenantId, _id: { $in: ids } }).toArray();
    const byId = new Map(accounts.map((row) => [row._id, toAccount(row)]));
    return {
      accounts: ids.flatMap((id) => byId.get(id) ?? []),
      next: from + limit < found.length ? (wanted.at(-1)?.email ?? null) : null,
      previous: from > 0 ? (wanted[0]?.email ?? null) : null,
    };
  }

  /** The first page is always a full one. */
  async function pageBefore(
    tenantId: string,
    filter: RosterFilter,
    before: string,
    limit: number,
  ): Promise<RosterPage> {
    const backwards = { sort: { email: -1 }, limit: limit + 1 } as const;
    const found = await rows.find(await query(tenantId, filter, { $lt: before }), backwards).toArray();
    if (found.length <= limit) return page(tenantId, filter, { after: null, limit });
    const accounts = found.slice(0, limit).reverse().map(toAccount);
    return { accounts, next: accounts.at(-1)?.email ?? null, previous: accounts[0]?.email ?? null };
  }

  return {
    countByKinds: (tenantId) => countKinds(tenantId, 'active'),

    count: async (tenantId, filter) =>
      filter.found?.length ?? rows.countDocuments(await query(tenantId, filter)),

    async settled(tenantId, filter) {
      const kinds = await kindsIn(tenantId, filter);
      return kinds === undefined ? filter : { ...filter, kinds };
    },

    page,

    async among(tenantId, accountIds, filter) {
      const parts = Array.from({ length: Math.ceil(accountIds.length / BATCH) }, (_, at) =>
        accountIds.slice(at * BATCH, (at + 1) * BATCH),
      );
      const found = await Promise.all(
        parts.map((ids) =>
          rows
            .find({ tenantId, _id: { $in: ids } })
            .project<NarrowedRow>({ ...standingFields, ...narrowedFields })
            .toArray(),
        ),
      );
      return found
        .flat()
        .filter(fits(filter))
        .map((row) => ({ ...toStanding(row), email: row.email }));
    },

    async teams(tenantId) {
      const found = await rows.distinct('team', { tenantId });
      return found.filter((team) => typeof team === 'string').sort((one, other) => one.localeCompare(other));
    },

    async holders(tenantId, roles) {
      const found = await rows
        .find(
          { tenantId, state: 'active', roles: { $in: [...roles] } },
          { projection: { credVersion: 1, methods: 1 } },
        )
        .toArray();
      return found.map(({ _id: accountId, credVersion, methods }) => ({ accountId, credVersion, methods }));
    },

    async named(tenantId, accountIds) {
      if (accountIds.length === 0) return new Map();
      const found = await rows
        .find({ tenantId, _id: { $in: [...accountIds] } }, { projection: { name: 1, email: 1 } })
        .toArray();
      return new Map(found.map(({ _id: accountId, name, email }) => [accountId, { accountId, name, email }]));
    },

    async takenEmails(tenantId, wanted) {
      if (wanted.length === 0) return new Set();
      const found = rows.find(
        { tenantId, email: { $in: [...wanted] } },
        { projection: { email: 1, _id: 0 } },
      );
      return new Set((await found.toArray()).map(({ email }) => email));
    },

    async standings(tenantId, filter, wish) {
      const cursor = await byEmail(tenantId, filter, wish);
      const found = await cursor.project<StandingRow>(standingFields).toArray();
      const { page, next } = cut(found, wish.limit, ({ email }) => email);
      return { people: page.map(toStanding), next };
    },

    async everybody(tenantId, { after, limit }) {
      const filter = { tenantId, ...(after === null ? {} : { _id: { $gt: after } }) };
      const found = await rows
        .find(filter, { sort: { _id: 1 }, limit: limit + 1 })
        .project<StandingRow>(standingFields)
        .toArray();
      const { page, next } = cut(found, limit, ({ _id }) => _id);
      return { people: page.map(toStanding), next };
    },
  };
}
