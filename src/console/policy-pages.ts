import { refusalOf } from '../admin/permissions.ts';
import { kindsOf } from '../accounts/kinds.ts';
import { holdingOf } from '../admin/coverage.ts';
import type { Preview } from '../admin/policy-preview.ts';
import { DomainError } from '../core/errors.ts';
import { LISTED } from '../core/method-ids.ts';
import { goTo } from '../http/go-to.ts';
import { withPolicyChanges } from '../tenants/policy-changes.ts';
import type { ConsoleContext } from './door.ts';
import { countText, coverageParts } from './coverage-view.ts';
import { dayOfSignIn } from './sign-in-day.ts';
import type { Desk } from './desk.ts';
import { show, type ConsolePage } from './page.ts';
import { askedOf, fieldsOf, queryOf, readFields, type Asked, type PolicyFields } from './policy-form.ts';
import { isProved, numbersOf, readCount, saveNumbers, savedNote, savedQuery } from './policy-save-form.ts';
import { changeWords, graceWords } from './policy-words.ts';

/** Names that the policy page itself shows; the list of agents has them all. */
const NAMED = 5;

const lacksMethod = ({ visit: { account, tenant } }: Desk) =>
  holdingOf(tenant.policy, kindsOf(account.methods)) === 'none';

async function peopleOf(desk: Desk, { agents }: Preview) {
  const lastSignIns = await desk.lastSignIns(agents.map(({ account }) => account.accountId));
  return agents.map(({ account: { accountId, name, email }, signedIn }) => ({
    accountId,
    name,
    email,
    signedIn,
    lastSignIn: dayOfSignIn(lastSignIns.get(accountId), desk),
  }));
}

/** Which methods there may be, in short; what exactly is on their own page. */
function methodsOf({ visit: { tenant } }: Desk) {
  const { allowedMethods, keys } = tenant.policy;
  const models = keys.allowModels.length + keys.denyModels.length;
  // Whether there are rescue codes is told by who gives them.
  const allowed = LISTED.filter((id) => allowedMethods.includes(id));
  return { allowed, synced: keys.allowSynced, models: models > 0 };
}

async function topOf(desk: Desk, ctx: ConsoleContext, { changed, wrong }: Asked) {
  const note = savedNote(ctx.query.saved);
  const mailed = readCount(ctx.query.mailed);
  const grace = graceWords(desk.visit.tenant.policy, desk.now());
  return {
    wrong,
    saved: note,
    queued: note && note.signedOut > 0 ? await desk.logoutsWaiting() : 0,
    mailed,
    pending: changed.length > 0 && wrong.length === 0,
    scheduled: grace,
  };
}

/** Who has two-factor today, what the tenant asks, and what asking more would do. */
async function showPolicy(desk: Desk, ctx: ConsoleContext, given = readFields(ctx.query)): Promise<void> {
  const { policy } = desk.visit.tenant;
  const asked = askedOf(given, policy, desk.now());
  const changes = { ...(asked.wrong.length > 0 ? {} : asked.changes), secondFactor: 'required' as const };
  const [preview, invited] = await Promise.all([
    desk.previewPolicy(changes, { holding: 'none', after: null, limit: NAMED }),
    desk.countAgents({ state: 'invited' }),
  ]);
  const values = { ...fieldsOf(policy), ...given };
  if (asked.wrong.length > 0) ctx.status = 422;
  show(desk, ctx, {
    section: 'policy',
    view: 'policy',
    data: {
      ...(await topOf(desk, ctx, asked)),
      values,
      more: [...asked.changed, ...asked.wrong].some(
        (name) => !['secondFactor', 'from', 'skips'].includes(name),
      ),
      coverage: coverageParts(preview),
      now: policy.secondFactor,
      grace: graceWords({ ...policy, ...withPolicyChanges(policy, changes) }, desk.now()),
      ...numbersOf(preview),
      invited,
      lacksMethod: lacksMethod(desk),
      agents: await peopleOf(desk, preview),
      all: countText(preview.withoutMethod),
      methods: methodsOf(desk),
      fileHref:
        refusalOf(desk.visit.account, 'export-agents', null) === null
          ? '/admin/agents.csv?state=active'
          : null,
    },
  });
}

type Problem = 'number' | 'changed' | null;

/** What saving would do, in numbers, and the question. */
async function showReview(
  desk: Desk,
  ctx: ConsoleContext,
  { fields, asked, problem }: { fields: PolicyFields; asked: Asked; problem: Problem },
): Promise<void> {
  const { policy } = desk.visit.tenant;
  const preview = await desk.previewPolicy(asked.changes, { holding: 'none', after: null, limit: 1 });
  const query = queryOf(fields, asked.changed);
  show(desk, ctx, {
    section: 'policy',
    view: 'policy-review',
    data: {
      switches: asked.changes.secondFactor ?? null,
      version: policy.version,
      ...numbersOf(preview),
      grace: graceWords({ ...policy, ...withPolicyChanges(policy, asked.changes) }, desk.now()),
      changes: changeWords(policy, fields, asked.changed),
      hidden: [...new URLSearchParams(query)].map(([name, value]) => ({ name, value })),
      backHref: `/admin/policy?${query}`,
      problem,
    },
  });
}

/** What is asked for, once it can be done; null = the request is answered. */
async function readyToSave(desk: Desk, ctx: ConsoleContext, fields: PolicyFields): Promise<Asked | null> {
  const { policy } = desk.visit.tenant;
  const asked = askedOf(fields, policy, desk.now());
  const demands = asked.changes.secondFactor === 'required' && lacksMethod(desk);
  if (asked.wrong.length > 0) await showPolicy(desk, ctx, fields);
  else if (asked.changed.length === 0 || demands) goTo(ctx, '/admin/policy');
  else if (await isProved(desk, ctx, { page: 'review', query: queryOf(fields, asked.changed) })) return asked;
  return null;
}

async function review(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const fields = readFields(ctx.query);
  const asked = await readyToSave(desk, ctx, fields);
  if (asked) await showReview(desk, ctx, { fields, asked, problem: null });
}

async function save(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const { data } = saveNumbers.safeParse(ctx.state.form);
  const fields = readFields(ctx.state.form);
  if (!data) throw new DomainError('bad_request', { detail: 'version or shown' });
  const asked = await readyToSave(desk, ctx, fields);
  if (!asked) return;
  if (data.shown > 0 && data.count !== data.shown) {
    ctx.status = 422;
    return showReview(desk, ctx, { fields, asked, problem: 'number' });
  }
  const began = desk.now();
  const { version, shown } = data;
  const saved = await desk.savePolicy({ version, changes: asked.changes, confirmSignedOut: shown });
  if (saved.ok) return goTo(ctx, savedQuery(asked.changes.secondFactor ?? 'rules', saved, began, desk.now()));
  ctx.status = 409;
  await showReview(desk, ctx, { fields, asked, problem: 'changed' });
}

export const policyPages: readonly ConsolePage[] = [
  { method: 'get', path: '/policy', action: 'see-policy', run: (desk, ctx) => showPolicy(desk, ctx) },
  { method: 'get', path: '/policy/review', action: 'change-policy', run: review },
  { method: 'post', path: '/policy', action: 'change-policy', run: save },
];
