import type { z } from 'zod';
import { DomainError } from '../core/errors.ts';
import { brandingSchema, line } from '../tenants/branding-schema.ts';
import type { Branding, Logo } from '../tenants/branding.ts';
import type { Picture } from '../tenants/branding.ts';
import type { TenantCommit } from '../tenants/commit.ts';
import type { Logos } from '../tenants/logos.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { actorOf, type Occasion } from './occasion.ts';

/** Most characters (code points) of a company's name: it stands in page titles and in subjects of mails. */
export const NAME_LENGTH = 80;
const HOUR = 60 * 60;

/** What may be changed of how the company's pages look, but for the logo; what is absent is not touched. */
export const settingsSchema = brandingSchema.extend({ name: line(NAME_LENGTH).optional() });
export type SettingsChanges = z.output<typeof settingsSchema>;

/** The settings as the log tells them: the logo by its id. */
type SettingsValues = Readonly<Record<'name' | keyof Branding, string | null>>;

export interface SettingsWish {
  readonly tenantId: string;
  /** Of the details that the changes were decided on; null = whichever are in force. */
  readonly version: number | null;
  readonly changes: SettingsChanges;
  /** As we drew it; null = none any more; absent = it stays. */
  readonly logo?: Picture | null;
}

/** `tenant`: as it is now. Refused, when somebody else was faster than this, or than whoever decided it could know. */
export type SettingsSaved =
  { readonly ok: true; readonly tenant: Tenant } | { readonly ok: false; readonly tenant: Tenant };

export interface TenantSettingsPorts {
  readonly tenants: {
    findFresh(tenantId: string): Promise<Tenant | null>;
  };
  readonly commit: TenantCommit;
  readonly logos: Pick<Logos, 'put'>;
}

const valuesOf = ({ name, branding }: Pick<Tenant, 'name' | 'branding'>): SettingsValues => ({
  name,
  ...branding,
  logo: branding.logo?.id ?? null,
});

/** @returns how the tenant is to look, but for its logo */
export function withSettings(
  { name, branding }: Pick<Tenant, 'name' | 'branding'>,
  changes: SettingsChanges,
) {
  const { helpUrl, contact, accent, signInText } = branding;
  const keep = <Value>(given: Value | undefined, now: Value): Value => (given === undefined ? now : given);
  return {
    name: changes.name ?? name,
    branding: {
      ...branding,
      helpUrl: keep(changes.helpUrl, helpUrl),
      contact: keep(changes.contact, contact),
      accent: keep(changes.accent, accent),
      signInText: keep(changes.signInText, signInText),
    },
  };
}

/** @returns what differs, as it was and as it is to be */
function differences(before: SettingsValues, after: SettingsValues) {
  const names = Object.keys(after) as (keyof SettingsValues)[];
  const changed = names.filter((name) => before[name] !== after[name]);
  const of = (values: SettingsValues) => Object.fromEntries(changed.map((name) => [name, values[name]]));
  return changed.length > 0 ? { before: of(before), after: of(after) } : null;
}

/** Saves how a company's pages look, and whom they name for help. */
export function createTenantSettings({ tenants, commit, logos }: TenantSettingsPorts) {
  async function read(tenantId: string): Promise<Tenant> {
    const tenant = await tenants.findFresh(tenantId);
    if (!tenant) throw new DomainError('not_found');
    return tenant;
  }

  /** @throws DomainError too_many_attempts when too many were put there within the hour */
  async function put(tenant: Tenant, picture: Picture): Promise<Logo> {
    const logo = await logos.put(tenant, picture);
    if (!logo) throw new DomainError('too_many_attempts', { retryAfterSeconds: HOUR, detail: 'logos' });
    return logo;
  }

  /**
   * The logo first, then what names it in one conditional write: a process that dies in between leaves a picture that
   * nothing names. What changes nothing is not saved.
   * @throws DomainError not_found, too_many_attempts
   */
  return async function saveSettings(wish: SettingsWish, occasion: Occasion): Promise<SettingsSaved> {
    const { tenantId, version, changes, logo } = wish;
    const tenant = await read(tenantId);
    if (version !== null && version !== tenant.detailsVersion) return { ok: false, tenant };

    const { name, branding } = withSettings(tenant, changes);
    const kept = logo === undefined ? branding.logo : logo && (await put(tenant, logo));
    const details = { name, branding: { ...branding, logo: kept } };
    const different = differences(valuesOf(tenant), valuesOf(details));
    if (!different) return { ok: true, tenant };

    const { actor, by } = actorOf(occasion.editor);
    const entry = {
      event: 'tenant_changed',
      tenantId,
      actor,
      subject: null,
      result: 'ok',
      details: { ...by, version: tenant.detailsVersion + 1, ...different },
      reference: occasion.reference,
      source: occasion.source,
    } as const;
    const saved = await commit({
      entries: [entry],
      write: ({ saveDetails }) => saveDetails(tenant, details),
    });
    if (saved) return { ok: true, tenant: saved };
    return { ok: false, tenant: await read(tenantId) };
  };
}
