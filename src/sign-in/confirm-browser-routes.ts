import Router from '@koa/router';
import type { Middleware } from 'koa';
import { z } from 'zod';
import { DomainError } from '../core/errors.ts';
import type { Devices } from '../http/devices.ts';
import type { AppState } from '../http/state.ts';
import type { TenantHints } from '../tenants/find-tenant.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { goTo, type Journey, type JourneyContext } from './journey-routes.ts';
import { tenantHints } from './password-step.ts';
import type { Visitor } from './sign-in.ts';

export interface ConfirmBrowserRoutes {
  readonly journey: Journey;
  readonly findTenant: (hints: TenantHints) => Promise<Tenant | null>;
  readonly devices: Devices;
  /** Has a link mailed by which a browser becomes known; the same for people who do not exist. */
  readonly mailLink: (
    to: { tenantId: string; email: string; signInUid: string },
    visitor: Visitor,
  ) => Promise<void>;
  /** How long the link works; minutes. */
  readonly minutes: number;
  readonly guard: Middleware[];
}

const askForm = z.object({ email: z.string().min(1).max(320), workspace: z.string().max(64).optional() });

/** 3 - A10: the way on while strangers' guesses keep everybody waiting (SECURITY DR-14). It signs nobody in. */
export function confirmBrowserRoutes(ports: ConfirmBrowserRoutes): Router<AppState> {
  const { journey, findTenant, devices, mailLink, minutes, guard } = ports;
  const router = new Router<AppState>({ prefix: '/sign-in/:uid/confirm-browser' });

  router.post('/', ...guard, async (context) => {
    const ctx = context as unknown as JourneyContext;
    const request = await journey.request(ctx);
    const { data: form } = askForm.safeParse(ctx.state.form);
    if (!form) throw new DomainError('bad_request');
    const { email, workspace = null } = form;
    const deviceTenantId = devices.read(ctx).tenantId;
    const tenant = await findTenant(tenantHints(request, { email, workspace, deviceTenantId }));
    if (!tenant) return goTo(ctx, request.uid, '/password');
    ctx.state.tenant = tenant;
    await mailLink({ tenantId: tenant.tenantId, email, signInUid: request.uid }, journey.visitor(ctx));
    const backHref = `/sign-in/${request.uid}/password`;
    return ctx.state.render('password/sent.njk', { email, minutes, browser: true, backHref, stepsDone: 1 });
  });

  return router;
}
