import { z } from 'zod';
import { settingsSchema, type createTenantSettings, type SettingsSaved } from '../admin/tenant-settings.ts';
import { DomainError } from '../core/errors.ts';
import { drawLogo } from '../tenants/logo.ts';
import type { Logos } from '../tenants/logos.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import { ApiProblem } from './problems.ts';
import { logoDocument, problem, settingsDocument } from './schemas.ts';

export interface SettingsPorts {
  readonly tenants: { findFresh(tenantId: string): Promise<Tenant | null> };
  readonly logos: Pick<Logos, 'find'>;
  readonly saveSettings: ReturnType<typeof createTenantSettings>;
}

/** Characters of a file in base64 that are read at all: more than a logo may have, so that its true size can be told. */
const MOST_BASE64 = 60_000;

const logoBody = z.strictObject({
  base64: z.base64().max(MOST_BASE64).meta({ description: 'An SVG or a PNG file, of up to 20 kB' }),
});

const answerWith = ({ name, branding, detailsVersion }: Tenant) => ({
  status: 200,
  body: { version: detailsVersion, name, ...branding },
  version: detailsVersion,
});

/** @throws DomainError changed_meanwhile */
function answerTo(saved: SettingsSaved) {
  if (!saved.ok) throw new DomainError('changed_meanwhile');
  return answerWith(saved.tenant);
}

const SAVED = {
  200: { description: 'The settings as they are now', schema: settingsDocument },
  409: { description: '`changed_meanwhile`: nothing was saved', schema: problem },
};

export function settingsEndpoints({ tenants, logos, saveSettings }: SettingsPorts): Endpoint[] {
  async function read(tenantId: string): Promise<Tenant> {
    const tenant = await tenants.findFresh(tenantId);
    if (!tenant) throw new DomainError('not_found');
    return tenant;
  }
  return [
    endpoint({
      method: 'get',
      path: '/settings',
      summary: 'How the pages of the tenant look, and whom they name for help',
      action: 'see-settings',
      answers: {
        200: { description: 'The settings, with their version as ETag', schema: settingsDocument },
      },
      run: async ({ tenantId }) => answerWith(await read(tenantId)),
    }),

    endpoint({
      method: 'put',
      path: '/settings',
      summary: 'Saves settings; what the body leaves out stays. The logo has an address of its own',
      action: 'change-settings',
      versioned: true,
      body: settingsSchema,
      answers: SAVED,
      run: async ({ tenantId, body: changes, version, occasion }) =>
        answerTo(await saveSettings({ tenantId, version, changes }, occasion)),
    }),

    endpoint({
      method: 'get',
      path: '/settings/logo',
      summary: 'The logo, as it is served',
      action: 'see-settings',
      answers: { 200: { description: 'The logo; 404 without one', schema: logoDocument } },
      async run({ tenantId }) {
        const { branding, detailsVersion } = await read(tenantId);
        const found = branding.logo && (await logos.find(tenantId, branding.logo.id));
        if (!found) throw new DomainError('not_found');
        const body = { ...branding.logo, base64: found.bytes.toString('base64') };
        return { status: 200, body, version: detailsVersion };
      },
    }),

    endpoint({
      method: 'put',
      path: '/settings/logo',
      summary: 'Takes a picture as the logo. It is drawn anew: nothing is kept but what can be seen',
      action: 'change-settings',
      versioned: true,
      body: logoBody,
      answers: {
        ...SAVED,
        422: { description: '`refused`: no picture that we take; `refusal` tells why', schema: problem },
      },
      async run({ tenantId, body: { base64 }, version, occasion }) {
        const drawn = drawLogo(Buffer.from(base64, 'base64'));
        if (!drawn.ok) {
          const { ok, ...refusal } = drawn;
          void ok;
          throw new ApiProblem(422, 'refused', { members: { detail: 'logo', refusal } });
        }
        const wish = { tenantId, version, changes: {}, logo: drawn.picture };
        return answerTo(await saveSettings(wish, occasion));
      },
    }),

    endpoint({
      method: 'delete',
      path: '/settings/logo',
      summary: 'Takes the logo away',
      action: 'change-settings',
      versioned: true,
      answers: SAVED,
      run: async ({ tenantId, version, occasion }) =>
        answerTo(await saveSettings({ tenantId, version, changes: {}, logo: null }, occasion)),
    }),
  ];
}
