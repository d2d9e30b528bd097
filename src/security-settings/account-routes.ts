import type { Door, PageContext, Row } from '../http/rows.ts';
import { readChange } from './change-form.ts';
import type { Change } from './changes.ts';
import { goTo } from '../http/go-to.ts';
import type { FreshProof } from './fresh-proof.ts';
import { confirmPath, type Goal } from './goal.ts';
import type { Visit } from './visit.ts';

export type AccountContext = PageContext;

/** Somebody on their own pages, and what they proved just now; null = the row wants no proof. */
export interface Proven {
  readonly visit: Visit;
  readonly proof: FreshProof | null;
}

/** A goal that has to be proved; a path to go to when there is nothing to do here; null = no proof is wanted. */
type Wanted = Goal | `/${string}` | null;
type GoalOf = (visit: Visit, ctx: AccountContext) => Wanted | Promise<Wanted>;

/** A page or form about oneself. */
export interface AccountRow extends Row<Proven> {
  /** What has to be proved before it runs; absent = nothing. @throws DomainError not_found */
  readonly goal?: GoalOf;
}

/** A page that only shows. */
export const shows = (
  path: string,
  run: (visit: Visit, ctx: AccountContext) => Promise<void> | void,
): AccountRow => ({ method: 'get', path, run: ({ visit }, ctx) => run(visit, ctx) });

/** The page before a change: nobody is asked what they cannot do, so the proof comes first here too. */
export const asks = (
  path: string,
  goal: GoalOf,
  run: (visit: Visit, ctx: AccountContext) => Promise<void> | void,
): AccountRow => ({ ...shows(path, run), goal });

/** A form that changes something about the sign-in, from a page that told the version of the account. */
export const changes = (
  path: string,
  goal: GoalOf,
  run: (change: Change, ctx: AccountContext, name: string) => Promise<void> | void,
): AccountRow => ({
  method: 'post',
  path,
  goal,
  run({ visit, proof }, ctx) {
    const { version, name } = readChange(ctx.state.form);
    if (!proof) throw new Error(`${path} changes something without a proof`);
    return run({ visit, proof, version }, ctx, name);
  },
});

/** Lets in whoever has a session that counts, and wants the proof that the row wants. */
export const accountDoor = ({
  enter,
  proofs,
}: {
  readonly enter: (ctx: AccountContext) => Promise<Visit | null>;
  readonly proofs: { find(visit: Visit, goal: Goal): Promise<FreshProof | null> };
}): Door<Visit, Proven, AccountRow> => ({
  prefix: '/account',
  enter,

  async prove(visit, { goal }, ctx) {
    const wanted = goal ? await goal(visit, ctx) : null;
    if (wanted === null) return { visit, proof: null };
    const proof = typeof wanted === 'string' ? null : await proofs.find(visit, wanted);
    if (proof) return { visit, proof };
    goTo(ctx, typeof wanted === 'string' ? wanted : confirmPath(wanted));
    return null;
  },
});
