import type Router from '@koa/router';
import { z } from 'zod';
import { normaliseEmail } from '../accounts/account.ts';
import type { Csrf } from '../http/csrf.ts';
import type { Devices } from '../http/devices.ts';
import { asTheyAre, formRow, mountRows, type Door, type PageContext } from '../http/rows.ts';
import type { AppState } from '../http/state.ts';
import { clientName } from '../notifications/client-name.ts';
import type { TenantHints } from '../tenants/find-tenant.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { LINK_MINUTES, type MailLinks } from './mail-links.ts';

export interface ForgotRoutes {
  readonly links: Pick<MailLinks, 'ask'>;
  readonly findTenant: (hints: TenantHints) => Promise<Tenant | null>;
  readonly devices: Devices;
  readonly csrf: Csrf;
}

const forgotForm = z.object({
  email: z.string().max(320).default(''),
  workspace: z.string().max(64).optional(),
});
const HERE = '/password/forgot';

/** Asks for a link; the answer is the same whoever asks, for whomever. */
export function forgotRoutes({ links, findTenant, devices, csrf }: ForgotRoutes): Router<AppState> {
  /** Nobody is known here: what keeps other sites out is where a request comes from. */
  const door: Door<true> = {
    prefix: HERE,
    enter(ctx) {
      ctx.state.csrfBinding = 'password-forgot';
      return Promise.resolve(true);
    },
    prove: asTheyAre,
  };

  const told = ({ query }: PageContext) =>
    typeof query.tenant === 'string' && query.tenant.length <= 64 ? query.tenant : null;

  async function tenantOf(ctx: PageContext, email: string, workspace: string | null) {
    return findTenant({
      clientTenantId: null,
      parameter: told(ctx),
      workspace,
      typedEmail: email,
      loginHint: null,
      lastTenantId: devices.read(ctx).tenantId,
    });
  }

  function show(ctx: PageContext, view: Record<string, unknown>): void {
    const base = { email: '', problem: null, workspace: null, stepsDone: 0 };
    ctx.state.render('password/forgot.njk', { ...base, ...view });
  }

  async function open(_anybody: true, ctx: PageContext): Promise<void> {
    const tenant = await tenantOf(ctx, '', null);
    if (tenant) ctx.state.tenant = tenant;
    show(ctx, {});
  }

  async function ask(_anybody: true, ctx: PageContext, data: z.output<typeof forgotForm>): Promise<void> {
    const email = data.email.trim();
    const tenant = await tenantOf(ctx, email, data.workspace ?? null);
    if (tenant) ctx.state.tenant = tenant;
    const workspace = data.workspace === undefined ? null : { value: data.workspace, unknown: !tenant };
    if (email === '' || !tenant) {
      ctx.status = 422;
      if (email === '') return show(ctx, { problem: 'empty', workspace });
      return show(ctx, {
        email,
        problem: 'workspace',
        workspace: workspace ?? { value: '', unknown: false },
      });
    }
    const { reference, source, sourceHost } = ctx.state;
    const by = { reference, source, sourceHost, device: clientName(ctx.get('user-agent')) };
    const { tenantId } = tenant;
    const known = devices.read(ctx).accounts.includes(`${tenantId}/${normaliseEmail(email)}`);
    await links.ask({ purpose: 'password-reset', tenantId, email, signInUid: null, known, by });
    const minutes = LINK_MINUTES['password-reset'];
    return ctx.state.render('password/sent.njk', { email, minutes, stepsDone: 0 });
  }

  const rows = [
    { method: 'get', path: '', run: open } as const,
    formRow({ path: '', input: forgotForm, run: ask }),
  ];
  return mountRows({ door, rows, csrf });
}
