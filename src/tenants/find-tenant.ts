import { DomainError } from '../core/errors.ts';
import type { Tenant } from './tenant.ts';

/** What is known of a sign-in that may tell whose it is. Whatever is absent is null. */
export interface TenantHints {
  /** Slug that the client is bound to. */
  readonly clientTenantId: string | null;
  /** `tenant` parameter of the authorization request. */
  readonly parameter: string | null;
  /** Workspace that the person typed on the page. */
  readonly workspace: string | null;
  readonly typedEmail: string | null;
  /** `login_hint` of the authorization request (OpenID Connect Core 3.1.2.1). */
  readonly loginHint: string | null;
  /** Tenant of the last sign-in on this device. */
  readonly lastTenantId: string | null;
}

export interface TenantFinder {
  find(tenantId: string): Promise<Tenant | null>;
  findByDomain(domain: string): Promise<Tenant | null>;
}

/** @returns the domain of something that looks like an email; null otherwise */
function domainOf(email: string | null): string | null {
  const domain = email?.trim().normalize('NFKC').toLowerCase().split('@').at(1);
  return domain !== undefined && domain !== '' ? domain : null;
}

/**
 * Finds the tenant of a sign-in, the surest hint first. What a person typed goes before what an app
 * guessed; what names no tenant is passed over.
 * @returns null when nothing tells: the page asks for the workspace
 * @throws DomainError not_found when the client is bound to a tenant that is not there: nobody may sign in to it
 */
export async function findTenant(tenants: TenantFinder, hints: TenantHints): Promise<Tenant | null> {
  if (hints.clientTenantId !== null) {
    const own = await tenants.find(hints.clientTenantId);
    if (!own) throw new DomainError('not_found', { detail: 'client_tenant' });
    return own;
  }
  const bySlug = async (slug: string | null) =>
    slug === null ? null : tenants.find(slug.trim().toLowerCase());
  const byDomain = async (email: string | null) => {
    const domain = domainOf(email);
    return domain === null ? null : tenants.findByDomain(domain);
  };
  return (
    (await bySlug(hints.parameter)) ??
    (await bySlug(hints.workspace)) ??
    (await byDomain(hints.typedEmail)) ??
    (await byDomain(hints.loginHint)) ??
    (await bySlug(hints.lastTenantId))
  );
}
