import { z } from 'zod';
import { DomainError } from '../core/errors.ts';
import { formRow, type Row } from '../http/rows.ts';
import type { TenantHints } from '../tenants/find-tenant.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { Devices } from '../http/devices.ts';
import type { Journey, JourneyContext } from './journey-routes.ts';
import { tenantHints, type PasswordAnswer, type PassPassword } from './password-step.ts';
import type { SignInRequest } from './sign-in.ts';

const PATH = '/password';
const LONGEST = 1024;
const passwordForm = z.object({
  email: z.string().max(320).default(''),
  password: z.string().max(LONGEST).default(''),
  workspace: z.string().max(64).optional(),
});
type PasswordForm = z.infer<typeof passwordForm>;

export interface PasswordRoutes {
  readonly journey: Journey;
  readonly passPassword: PassPassword;
  readonly findTenant: (hints: TenantHints) => Promise<Tenant | null>;
  readonly devices: Devices;
}

/** What the page shows besides the empty form. */
interface Problem {
  readonly problem: null | 'wrong' | 'empty' | 'too-many' | 'suspended' | 'busy' | 'workspace';
  readonly missing: { readonly email: boolean; readonly password: boolean };
  readonly minutes: number | null;
  /** A mailed link is a way on. */
  readonly confirmable: boolean;
}

const none: Problem = {
  problem: null,
  missing: { email: false, password: false },
  minutes: null,
  confirmable: false,
};

/** Account and password */
export function passwordRows(ports: PasswordRoutes): Row<SignInRequest>[] {
  const { journey, passPassword, findTenant, devices } = ports;

  async function show(
    ctx: JourneyContext,
    request: SignInRequest,
    form: Partial<PasswordForm>,
    what: Problem,
  ) {
    const hints = tenantHints(request, {
      email: form.email ?? '',
      workspace: form.workspace ?? null,
      deviceTenantId: devices.read(ctx).tenantId,
    });
    const tenant = await findTenant(hints);
    if (tenant) ctx.state.tenant = tenant;
    const asksWorkspace = what.problem === 'workspace' || form.workspace !== undefined;
    ctx.state.render('sign-in/password.njk', {
      appName: request.client.name,
      email: form.email ?? (typeof request.params.login_hint === 'string' ? request.params.login_hint : ''),
      tenantId: tenant?.tenantId ?? null,
      confirmAction: `/sign-in/${request.uid}/confirm-browser`,
      ...what,
      workspace: asksWorkspace
        ? { value: form.workspace ?? '', unknown: Boolean(form.workspace) && !tenant }
        : null,
      who: null,
      stepsDone: 1,
      stepsTotal: 2,
    });
  }

  async function answer(request: SignInRequest, ctx: JourneyContext, form: PasswordForm) {
    const missing = { email: form.email.trim() === '', password: form.password === '' };
    if (missing.email || missing.password) {
      ctx.status = 422;
      return show(ctx, request, form, { ...none, problem: 'empty', missing });
    }
    const { email, password, workspace = null } = form;
    const typed = { email, password, workspace, deviceTenantId: devices.read(ctx).tenantId };
    const answer = await passPassword(request, typed, journey.visitor(ctx)).catch(whenBusy);
    if (answer === 'busy') {
      ctx.status = 503;
      ctx.set('Retry-After', '2');
      return show(ctx, request, form, { ...none, problem: 'busy' });
    }
    if (answer.ok) return journey.go(ctx, answer.situation);
    return show(ctx, request, form, { ...none, ...refuse(ctx, answer) });
  }

  return [
    {
      method: 'get',
      path: PATH,
      run: (request, ctx) => show(ctx, request, 'switch' in ctx.query ? { email: '' } : {}, none),
    },
    formRow({ path: PATH, input: passwordForm, run: answer }),
  ];
}

function whenBusy(error: unknown): 'busy' {
  if (error instanceof DomainError && error.code === 'busy') return 'busy';
  throw error;
}

function refuse(
  ctx: JourneyContext,
  answer: Extract<PasswordAnswer, { ok: false }>,
): Pick<Problem, 'problem'> & Partial<Problem> {
  if (!('confirmable' in answer)) {
    ctx.status = 422;
    return { problem: answer.problem };
  }
  const { problem, retryAfterSeconds, confirmable } = answer;
  ctx.status = 429;
  ctx.set('Retry-After', String(retryAfterSeconds));
  return { problem, confirmable, minutes: Math.ceil(retryAfterSeconds / 60) };
}
