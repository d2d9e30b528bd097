import type { Connection } from 'mongoose';
import { accountCollection, toAccount, type AccountRow } from './account-store.ts';
import { normaliseEmail } from './account.ts';
import type { Kinds } from './kinds.ts';
import type { PageWish, Roster, RosterFilter, Standing } from './roster.ts';

const standingFields = {
  tenantId: 1,
  email: 1,
  state: 1,
  methodCount: 1,
  firstMethodAt: 1,
  skips: 1,
  validFrom: 1,
  keptSessionUid: 1,
} as const;

type StandingRow = Omit<Standing, 'accountId'> & { readonly _id: string; readonly email: string };

function toStanding({ _id, email, ...rest }: StandingRow): Standing {
  void email;
  return { accountId: _id, ...rest };
}

/** Behind every text that begins with the prefix in front of it. */
const LAST = '\u{10ffff}';

/** @param after null = from the start */
function emails(prefix: string | undefined, after: string | null) {
  const begin = prefix === undefined ? null : normaliseEmail(prefix);
  const range = {
    ...(begin === null ? {} : { $gte: begin, $lt: begin + LAST }),
    ...(after === null ? {} : { $gt: after }),
  };
  return Object.keys(range).length === 0 ? {} : { email: range };
}

const filterOf = (tenantId: string, { state, kinds, email }: RosterFilter, after: string | null = null) => ({
  tenantId,
  ...(state === undefined ? {} : { state }),
  ...(kinds === undefined ? {} : { kinds: { $in: [...kinds] } }),
  ...emails(email, after),
});

/** @returns the page of `rows`, one of which was read beyond it to see whether there is more */
function cut<Row>(rows: readonly Row[], limit: number, key: (row: Row) => string) {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, next: rows.length > limit && last !== undefined ? key(last) : null };
}

/** Lists of accounts in MongoDB; writes nothing. */
export function rosterStore(connection: Connection): Roster {
  const rows = connection.collection<AccountRow>(accountCollection.name);
  const byEmail = (tenantId: string, filter: RosterFilter, { after, limit }: PageWish) =>
    rows.find(filterOf(tenantId, filter, after), { sort: { email: 1 }, limit: limit + 1 });

  return {
    async countByKinds(tenantId) {
      const groups = rows.aggregate<{ _id: Kinds; count: number }>([
        { $match: { tenantId, state: 'active' } },
        { $group: { _id: '$kinds', count: { $sum: 1 } } },
      ]);
      return new Map((await groups.toArray()).map(({ _id, count }) => [_id, count]));
    },

    count: (tenantId, filter) => rows.countDocuments(filterOf(tenantId, filter)),

    async page(tenantId, filter, wish) {
      const found = await byEmail(tenantId, filter, wish).toArray();
      const { page, next } = cut(found, wish.limit, ({ email }) => email);
      return { accounts: page.map(toAccount), next };
    },

    async standings(tenantId, filter, wish) {
      const found = await byEmail(tenantId, filter, wish).project<StandingRow>(standingFields).toArray();
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
