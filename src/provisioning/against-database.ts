import type { Problem } from './document.ts';
import type { ProvisioningPorts } from './plan.ts';
import { sectionOf, type ProvisioningFile } from './schema.ts';

type Reader = Pick<ProvisioningPorts, 'tenants' | 'accounts' | 'provisioners'>;

/** What is right in itself and does not fit what is there already: asked before anything is written. */
export async function problemsAgainstDatabase(file: ProvisioningFile, reader: Reader): Promise<Problem[]> {
  const found = await Promise.all([
    domainsOfOthers(file, reader),
    unknownTenants(file, reader),
    heldByOthers(file, reader),
  ]);
  return found.flat();
}

/** A domain finds one tenant. Another tenant may give its domain up in the same file. */
async function domainsOfOthers(
  { tenants: entries }: ProvisioningFile,
  { tenants }: Reader,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const [i, { slug, domains }] of entries.entries()) {
    for (const [j, domain] of (domains ?? []).entries()) {
      const owner = await tenants.findByDomain(domain);
      if (!owner || owner.tenantId === slug) continue;
      const listed = entries.find((entry) => entry.slug === owner.tenantId)?.domains;
      if (listed && !listed.includes(domain)) continue;
      problems.push({
        path: ['tenants', i, 'domains', j],
        message: `${domain} belongs to the tenant ${owner.tenantId}`,
      });
    }
  }
  return problems;
}

async function unknownTenants(
  { tenants: entries, accounts, clients }: ProvisioningFile,
  { tenants }: Reader,
) {
  const known = new Map<string, boolean>(entries.map(({ slug }) => [slug, true]));
  const problems: Problem[] = [];
  async function check(slug: string, path: PropertyKey[]): Promise<void> {
    if (!known.has(slug)) known.set(slug, (await tenants.findFresh(slug)) !== null);
    if (known.get(slug) !== true) problems.push({ path, message: `there is no tenant ${slug}` });
  }
  for (const [i, { tenant }] of accounts.entries()) await check(tenant, ['accounts', i, 'tenant']);
  for (const [i, { tenant }] of clients.entries()) {
    if (tenant !== undefined) await check(tenant, ['clients', i, 'tenant']);
  }
  return problems;
}

/** What one account alone may hold, such as a credential; what no account lists is left over and free. */
async function heldByOthers({ accounts: entries }: ProvisioningFile, { accounts, provisioners }: Reader) {
  const problems: Problem[] = [];
  for (const [i, entry] of entries.entries()) {
    for (const one of provisioners) {
      for (const [j, item] of (sectionOf(entry, one) ?? []).entries()) {
        const row = await one.holder?.(item);
        const owner = row && (await accounts.findById(row.accountId));
        const own = owner?.tenantId === entry.tenant && owner.email === entry.email;
        if (!row || own || !owner?.methods.some(({ id }) => id === row.id)) continue;
        const path = ['accounts', i, one.section, j, one.once(item).field];
        problems.push({ path, message: 'belongs to another account' });
      }
    }
  }
  return problems;
}
