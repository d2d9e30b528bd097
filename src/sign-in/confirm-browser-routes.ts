import { z } from 'zod';
import type { Devices } from '../http/devices.ts';
import { formRow, type Row } from '../http/rows.ts';
import type { TenantHints } from '../tenants/find-tenant.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { goTo } from '../http/go-to.ts';
import { pageOfSignIn, type Journey } from './journey-routes.ts';
import { tenantHints } from './password-step.ts';
import type { SignInRequest, Visitor } from './sign-in.ts';

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
}

const askForm = z.object({ email: z.string().min(1).max(320), workspace: z.string().max(64).optional() });

/** The way on while strangers' guesses keep everybody waiting (rule known-browsers). It signs nobody in. */
export function confirmBrowserRows(ports: ConfirmBrowserRoutes): Row<SignInRequest>[] {
  const { journey, findTenant, devices, mailLink, minutes } = ports;
  return [
    formRow({
      path: '/confirm-browser',
      input: askForm,
      async run(request: SignInRequest, ctx, { email, workspace = null }) {
        const deviceTenantId = devices.read(ctx).tenantId;
        const tenant = await findTenant(tenantHints(request, { email, workspace, deviceTenantId }));
        if (!tenant) return goTo(ctx, pageOfSignIn(request.uid, '/password'));
        ctx.state.tenant = tenant;
        await mailLink({ tenantId: tenant.tenantId, email, signInUid: request.uid }, journey.visitor(ctx));
        const backHref = `/sign-in/${request.uid}/password`;
        ctx.state.render('password/sent.njk', { email, minutes, browser: true, backHref, stepsDone: 1 });
      },
    }),
  ];
}
