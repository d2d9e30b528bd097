import { z } from 'zod';
import { kindsOf } from '../accounts/kinds.ts';
import { holdingOf } from '../admin/coverage.ts';
import type { Preview } from '../admin/policy-preview.ts';
import { DomainError } from '../core/errors.ts';
import { goTo } from '../security-settings/door-routes.ts';
import { confirmPath, REQUIREMENTS, type Goal, type Requirement } from '../security-settings/goal.ts';
import type { ConsoleContext } from './door.ts';
import { countText, coverageParts } from './coverage-view.ts';
import type { Desk } from './desk.ts';
import { show, type ConsolePage } from './page.ts';

/** Names that the policy page itself shows; the list of agents has them all. */
const NAMED = 5;

const digits = z.string().regex(/^\d{1,9}$/);
const saveForm = z.object({
  secondFactor: z.enum(REQUIREMENTS),
  /** Of the policy that was reviewed. */
  version: digits.transform(Number),
  /** People whom the page said are signed out. */
  shown: digits.transform(Number),
  /** The same number as it was typed; a page that signs nobody out does not ask for it. */
  count: z.string().max(64).default(''),
});

const savedNote = z
  .tuple([z.enum(REQUIREMENTS), digits])
  .transform(([secondFactor, signedOut]) => ({ secondFactor, signedOut: Number(signedOut) }));

const lacksMethod = ({ visit: { account, tenant } }: Desk) =>
  holdingOf(tenant.policy, kindsOf(account.methods)) === 'none';

const readRequirement = (text: unknown): Requirement | null =>
  REQUIREMENTS.find((one) => one === text) ?? null;

const numbersOf = ({ total, signedOut, signedInWithoutMethod: live, withoutMethod }: Preview) => ({
  total,
  signedOut,
  live,
  withoutMethod,
  rest: total - signedOut,
});

/** M6 - who has two-factor today, what the tenant asks, and what asking more would do. */
async function showPolicy(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const { policy } = desk.visit.tenant;
  const preview = await desk.previewPolicy(
    { secondFactor: 'required' },
    { holding: 'none', after: null, limit: NAMED },
  );
  const { data: saved } = savedNote.safeParse(String(ctx.query.saved).split('.'));
  show(desk, ctx, {
    section: 'policy',
    view: 'policy',
    data: {
      saved: saved ?? null,
      coverage: coverageParts(preview),
      chosen: readRequirement(ctx.query.secondFactor) ?? policy.secondFactor,
      now: policy.secondFactor,
      ...numbersOf(preview),
      lacksMethod: lacksMethod(desk),
      agents: preview.agents.map(({ account: { accountId, name, email }, signedIn }) => ({
        accountId,
        name,
        email,
        signedIn,
      })),
      all: countText(preview.withoutMethod),
    },
  });
}

/** M7 - what saving would do, in numbers, and the question. */
async function showReview(
  desk: Desk,
  ctx: ConsoleContext,
  { secondFactor, problem }: { secondFactor: Requirement; problem: 'number' | 'changed' | null },
): Promise<void> {
  const { policy } = desk.visit.tenant;
  const preview = await desk.previewPolicy({ secondFactor }, { holding: 'none', after: null, limit: 1 });
  show(desk, ctx, {
    section: 'policy',
    view: 'policy-review',
    data: { secondFactor, version: policy.version, ...numbersOf(preview), problem },
  });
}

/** @returns whether it was proved just now that it is them; otherwise the request is answered */
async function isProved(desk: Desk, ctx: ConsoleContext, goal: Goal): Promise<boolean> {
  if (await desk.isFresh(goal)) return true;
  goTo(ctx, confirmPath(goal));
  return false;
}

async function review(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const secondFactor = readRequirement(ctx.query.secondFactor);
  if (!secondFactor) throw new DomainError('bad_request', { detail: 'secondFactor' });
  const { policy } = desk.visit.tenant;
  if (secondFactor === policy.secondFactor || (secondFactor === 'required' && lacksMethod(desk)))
    return goTo(ctx, '/admin/policy');
  if (!(await isProved(desk, ctx, { kind: 'policy', secondFactor }))) return;
  await showReview(desk, ctx, { secondFactor, problem: null });
}

async function save(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const { data } = saveForm.safeParse(ctx.state.form);
  if (!data) throw new DomainError('bad_request', { detail: 'secondFactor, version or shown' });
  const { secondFactor, version, shown, count } = data;
  if (!(await isProved(desk, ctx, { kind: 'policy', secondFactor }))) return;
  if (shown > 0 && count.replaceAll(/[\s,.]/g, '') !== String(shown)) {
    ctx.status = 422;
    return showReview(desk, ctx, { secondFactor, problem: 'number' });
  }
  const saved = await desk.savePolicy({ version, changes: { secondFactor }, confirmSignedOut: shown });
  if (saved.ok) return goTo(ctx, `/admin/policy?saved=${secondFactor}.${saved.signedOut}`);
  ctx.status = 409;
  await showReview(desk, ctx, { secondFactor, problem: 'changed' });
}

export const policyPages: readonly ConsolePage[] = [
  { method: 'get', path: '/policy', action: 'see-policy', run: showPolicy },
  { method: 'get', path: '/policy/review', action: 'change-policy', run: review },
  { method: 'post', path: '/policy', action: 'change-policy', run: save },
];
