import Router from '@koa/router';
import type { Middleware } from 'koa';
import { z } from 'zod';
import { DomainError } from '../core/errors.ts';
import type { AppState } from '../http/state.ts';
import type { TenantHints } from '../tenants/find-tenant.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { Devices } from '../http/devices.ts';
import type { Journey, JourneyContext } from './journey-routes.ts';
import { tenantHints, type PasswordAnswer, type PassPassword } from './password-step.ts';
import type { SignInRequest } from './sign-in.ts';

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
  /** Parses the form and refuses foreign requests. */
  readonly guard: Middleware[];
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

/** 3 - account and password */
export function passwordRoutes({ journey, passPassword, findTenant, devices, guard }: PasswordRoutes) {
  const router = new Router<AppState>({ prefix: '/sign-in/:uid/password' });

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

  router.get('/', async (context) => {
    const ctx = context as unknown as JourneyContext;
    const request = await journey.request(ctx);
    await show(ctx, request, 'switch' in ctx.query ? { email: '' } : {}, none);
  });

  router.post('/', ...guard, async (context) => {
    const ctx = context as unknown as JourneyContext;
    const request = await journey.request(ctx);
    const parsed = passwordForm.safeParse(ctx.state.form);
    if (!parsed.success) throw new DomainError('bad_request', { detail: 'A field is too long.' });
    const form = parsed.data;
    const missing = { email: form.email.trim() === '', password: form.password === '' };
    if (missing.email || missing.password) {
      ctx.status = 422;
      return show(ctx, request, form, { ...none, problem: 'empty', missing });
    }

    const answer = await passPassword(
      request,
      {
        email: form.email,
        password: form.password,
        workspace: form.workspace ?? null,
        deviceTenantId: devices.read(ctx).tenantId,
      },
      journey.visitor(ctx),
    ).catch(whenBusy);
    if (answer === 'busy') {
      ctx.status = 503;
      ctx.set('Retry-After', '2');
      return show(ctx, request, form, { ...none, problem: 'busy' });
    }
    if (answer.ok) return journey.go(ctx, answer.situation);
    return show(ctx, request, form, { ...none, ...refuse(ctx, answer) });
  });

  return router;
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
