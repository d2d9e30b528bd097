import { DomainError } from '../core/errors.ts';
import { LISTED } from '../core/method-ids.ts';
import { goTo } from '../http/go-to.ts';
import { holdsAllowed } from '../tenants/allowed.ts';
import { withPolicyChanges } from '../tenants/policy-changes.ts';
import { allowsTheSame, settingsOf } from '../tenants/tenants.ts';
import type { ConsoleContext } from './door.ts';
import type { Desk } from './desk.ts';
import {
  methodFieldsOf,
  methodsAskedOf,
  modelsInUse,
  readMethodFields,
  type MethodFields,
  type MethodProblem,
  type MethodsAsked,
} from './method-form.ts';
import { show, type ConsolePage } from './page.ts';
import { isProved, numbersOf, saveNumbers, savedQuery } from './policy-save-form.ts';

/** People whom the page of what would happen names. */
const NAMED = 50;

interface Refused {
  readonly wrong: readonly (MethodProblem | 'self')[];
  readonly unknown: readonly string[];
}

/** Which methods there may be. */
async function showMethods(
  desk: Desk,
  ctx: ConsoleContext,
  fields = methodFieldsOf(desk.visit.tenant.policy, desk.models),
  { wrong, unknown }: Refused = { wrong: [], unknown: [] },
): Promise<void> {
  if (wrong.length > 0) ctx.status = 422;
  show(desk, ctx, {
    section: 'policy',
    view: 'methods',
    data: {
      methods: LISTED.map((id) => ({ id, checked: fields[id] === 'yes' })),
      separate: fields.separate === 'yes',
      allowModels: fields.allowModels,
      denyModels: fields.denyModels,
      inUse: modelsInUse(await desk.kinds(), desk.models),
      names: desk.models.names.join(', '),
      wrong,
      unknown: unknown.join(', '),
    },
  });
}

/** What is about to hold, in words. */
function summaryOf({ changes: { allowedMethods = [], keys } }: MethodsAsked, desk: Desk) {
  const named = (models: readonly string[] = []) => desk.models.show(models).join(', ');
  return {
    methods: LISTED.filter((id) => allowedMethods.includes(id)),
    separate: keys?.allowSynced === false,
    allow: named(keys?.allowModels),
    deny: named(keys?.denyModels),
  };
}

interface Wish {
  readonly fields: MethodFields;
  readonly asked: MethodsAsked;
}

/** What saving would do: who is left without a method. */
async function showReview(
  desk: Desk,
  ctx: ConsoleContext,
  { fields, asked, problem }: Wish & { problem: 'number' | 'changed' | null },
): Promise<void> {
  const { policy } = desk.visit.tenant;
  const preview = await desk.previewPolicy(asked.changes, {
    holding: 'left-without',
    after: null,
    limit: NAMED,
  });
  show(desk, ctx, {
    section: 'policy',
    view: 'methods-review',
    data: {
      ...numbersOf(preview),
      leftWithout: preview.leftWithout,
      required: policy.secondFactor === 'required',
      summary: summaryOf(asked, desk),
      agents: preview.agents.map(({ account: { accountId, name, email }, signedIn }) => ({
        accountId,
        name,
        email,
        signedIn,
      })),
      notNamed: preview.leftWithout - preview.agents.length,
      version: policy.version,
      hidden: Object.entries(fields).flatMap(([name, value]) => (value ? [{ name, value }] : [])),
      problem,
    },
  });
}

/** What is asked for, once it can be done; null = the request is answered. */
async function readyToSave(desk: Desk, ctx: ConsoleContext): Promise<Wish | null> {
  if (!(await isProved(desk, ctx, { page: 'methods', query: '' }))) return null;
  const { policy } = desk.visit.tenant;
  const fields = readMethodFields(ctx.state.form);
  const asked = methodsAskedOf(fields, policy, desk.models);
  const after = withPolicyChanges(policy, asked.changes);
  const self = holdsAllowed(after, desk.visit.account.methods) ? [] : (['self'] as const);
  const wrong = asked.wrong.length > 0 ? asked.wrong : self;
  if (wrong.length > 0) await showMethods(desk, ctx, fields, { wrong, unknown: asked.unknown });
  else if (allowsTheSame(settingsOf(policy), after)) goTo(ctx, '/admin/policy');
  else return { fields, asked };
  return null;
}

async function save(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const { data } = saveNumbers.safeParse(ctx.state.form);
  if (!data) throw new DomainError('bad_request', { detail: 'version or shown' });
  const wish = await readyToSave(desk, ctx);
  if (!wish) return;
  const { version, shown, count } = data;
  if (shown > 0 && count !== shown) {
    ctx.status = 422;
    return showReview(desk, ctx, { ...wish, problem: 'number' });
  }
  const began = desk.now();
  const saved = await desk.savePolicy({ version, changes: wish.asked.changes, confirmSignedOut: shown });
  if (saved.ok) return goTo(ctx, savedQuery('methods', saved, began, desk.now()));
  ctx.status = 409;
  await showReview(desk, ctx, { ...wish, problem: 'changed' });
}

export const methodPages: readonly ConsolePage[] = [
  {
    method: 'get',
    path: '/policy/methods',
    action: 'change-policy',
    async run(desk, ctx) {
      if (await isProved(desk, ctx, { page: 'methods', query: '' })) await showMethods(desk, ctx);
    },
  },
  {
    method: 'post',
    path: '/policy/methods/review',
    action: 'change-policy',
    async run(desk, ctx) {
      const wish = await readyToSave(desk, ctx);
      if (wish) await showReview(desk, ctx, { ...wish, problem: null });
    },
  },
  { method: 'post', path: '/policy/methods', action: 'change-policy', run: save },
];
