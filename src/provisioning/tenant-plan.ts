import { NO_BRANDING } from '../tenants/branding.ts';
import { createTenantCommit } from '../tenants/commit.ts';
import { logoOf } from '../tenants/logo-of.ts';
import type { Policy, Tenant } from '../tenants/tenant.ts';
import { settingsOf } from '../tenants/tenants.ts';
import type { PlanOptions, ProvisioningPorts, Step } from './plan.ts';
import { fieldText } from './report.ts';
import type { TenantEntry } from './schema.ts';
import { flatten, sameValues, type Values, valuesToSet, withChanges } from './values.ts';

const POLICY = 'policy.';
const LOGO = 'branding.logo';

const blank = (slug: string, policy: Policy): Tenant => ({
  tenantId: slug,
  name: slug,
  domains: [],
  policy,
  branding: NO_BRANDING,
  detailsVersion: 1,
});

/** A logo is one value: it is set, or taken away, as a whole. */
function flat({ branding, ...rest }: { readonly branding?: object | undefined }): Values {
  const { logo, ...words } = { logo: undefined as unknown, ...branding };
  return { ...flatten({ ...rest, branding: words }), ...(logo === undefined ? {} : { [LOGO]: logo }) };
}

/** Works out what the file changes of one tenant. */
export async function planTenant(
  { slug, branding: given, ...entry }: TenantEntry,
  ports: ProvisioningPorts,
  { overwrite }: PlanOptions,
): Promise<Step> {
  const { tenants, applied, newPolicy } = ports;
  const commit = createTenantCommit(ports);
  const key = `tenant ${slug}`;
  const current = await tenants.findFresh(slug);
  const last = await applied.find(key);
  const picture = given?.logo ?? null;
  const logo = picture ? { logo: logoOf(slug, picture) } : {};
  const listed = flat({ ...entry, branding: { ...given, ...logo } });
  const reference = overwrite || !current ? null : (last?.values ?? null);
  const changes = valuesToSet(listed, reference, flat(current ?? blank(slug, newPolicy)));
  const event = { tenantId: slug, actor: null, subject: null, result: 'ok' } as const;
  const remember = () => applied.save(key, { values: listed });
  /** Before the tenant points to it. @throws when its pictures of the last hour fill the place that there is */
  async function putLogo(tenant: Tenant): Promise<void> {
    if (!picture || !changes.some(({ field }) => field === LOGO)) return;
    if (!(await ports.logos.put(tenant, picture))) {
      throw new Error(`the logo of ${slug} was changed too often within an hour: apply the file again later`);
    }
  }
  const told = last !== null && sameValues(last.values, listed);

  if (!current) {
    return {
      change: { kind: 'tenant', action: 'add', name: slug, fields: [] },
      async write() {
        const tenant = withChanges(blank(slug, newPolicy), changes);
        await putLogo(tenant);
        const added = await commit({
          entries: [{ ...event, event: 'tenant_added', details: { by: 'provisioning' } }],
          write: ({ insert }) => insert(tenant),
        });
        if (!added) return false;
        await remember();
        return true;
      },
    };
  }
  const policyChanges = changes.filter(({ field }) => field.startsWith(POLICY));
  const otherChanges = changes.filter(({ field }) => !field.startsWith(POLICY));
  const fields = changes.map(fieldText);
  return {
    change: changes.length > 0 ? { kind: 'tenant', action: 'change', name: slug, fields } : null,
    async write() {
      if (otherChanges.length > 0) {
        await putLogo(current);
        const { name, domains, branding } = withChanges(current, otherChanges);
        const saved = await commit({
          entries: [{ ...event, event: 'tenant_changed', details: { by: 'provisioning', fields } }],
          write: ({ saveDetails }) => saveDetails(current, { name, domains, branding }),
        });
        if (!saved) return false;
      }
      if (policyChanges.length > 0) {
        const details = { by: 'provisioning', changes: policyChanges };
        const settings = settingsOf(withChanges(current.policy, policyChanges, POLICY));
        const saved = await commit({
          entries: [{ ...event, event: 'policy_changed', details }],
          write: ({ savePolicy }) => savePolicy(current, settings),
        });
        if (!saved) return false;
      }
      if (!told) await remember();
      return true;
    },
  };
}
