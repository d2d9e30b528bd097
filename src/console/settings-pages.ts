import type { SettingsDraft } from '../admin/settings-drafts.ts';
import { NAME_LENGTH, withSettings } from '../admin/tenant-settings.ts';
import { LEAST_LENGTH } from '../accounts/password-rules.ts';
import { DomainError } from '../core/errors.ts';
import type { House } from '../http/brand.ts';
import { goTo } from '../http/go-to.ts';
import { goalPath } from '../security-settings/goal.ts';
import { CONTACT_LENGTH, SIGN_IN_TEXT_LENGTH } from '../tenants/branding-schema.ts';
import { drawLogo, LOGO_BYTES } from '../tenants/logo.ts';
import type { Picture } from '../tenants/branding.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { ConsoleContext } from './door.ts';
import type { Desk } from './desk.ts';
import { isProved, show, type ConsolePage } from './page.ts';
import {
  logoProblem,
  readSettingsFields,
  settingsAskedOf,
  settingsFieldsOf,
  type SettingsAsked,
  type SettingsFields,
  type SettingsProblem,
} from './settings-form.ts';
import { lookCss, lookHref, lookOf, shownLogo } from './settings-look.ts';

const HERE = '/admin/settings';

/** What is in the form: as it is saved, or as it was typed. */
interface Typed {
  readonly fields: SettingsFields;
  /** Version of the details that it was typed over. */
  readonly version: number;
  readonly asked: SettingsAsked;
  /** What is wrong, the logo included. */
  readonly problems: readonly SettingsProblem[];
  readonly draftId: string;
  /** The logo that was chosen and is not saved. */
  readonly logo: Picture | null;
}

const draftPath = (draftId: string) => goalPath({ kind: 'tenant-settings', draftId });

const savedIn = (tenant: Tenant): Typed => {
  const fields = settingsFieldsOf(tenant);
  const asked = { changes: {}, problems: [] };
  return { fields, version: tenant.detailsVersion, asked, problems: [], draftId: '', logo: null };
};

function draftedIn({ draftId, fields: kept, logo }: SettingsDraft): Typed {
  const fields = readSettingsFields(kept);
  const asked = settingsAskedOf(fields);
  return { fields, version: Number(kept.version), asked, problems: asked.problems, draftId, logo };
}

/** The company as it would be if this were saved. The logo has no name before it is. */
function houseIn({ logo, fields, asked }: Typed, tenant: Tenant): House {
  const { name, branding } = withSettings(tenant, asked.changes);
  const chosen = logo && { id: 'chosen', type: logo.type, width: logo.width, height: logo.height };
  const kept = fields.removeLogo ? null : branding.logo;
  return { tenantId: tenant.tenantId, name, branding: { ...branding, logo: chosen ?? kept } };
}

/** What may be typed and chosen, and what is the same for every company. */
const FACTS = {
  most: {
    name: NAME_LENGTH,
    signInText: SIGN_IN_TEXT_LENGTH,
    contact: CONTACT_LENGTH,
    kilobytes: LOGO_BYTES / 1000,
  },
  passwords: LEAST_LENGTH,
};

type Standing = 'saved' | 'unsaved' | 'changed' | null;

/** What others have saved meanwhile, where it is not what was typed. */
function meanwhileOf(typed: Typed, tenant: Tenant) {
  const now = settingsFieldsOf(tenant);
  return (['name', 'accent', 'signInText', 'helpUrl', 'contact'] as const)
    .filter((field) => now[field] !== typed.fields[field])
    .map((field) => ({ field, value: now[field] }));
}

/** How the company's pages look, and whom they name for help. */
function showSettings(
  desk: Desk,
  ctx: ConsoleContext,
  { typed, standing, tenant = desk.visit.tenant }: { typed: Typed; standing: Standing; tenant?: Tenant },
): void {
  const { fields, problems } = typed;
  if (problems.length > 0) ctx.status = 422;
  const next = houseIn(typed, tenant);
  const chosen = typed.logo && `${draftPath(typed.draftId)}/logo`;
  const isDraft = typed.draftId !== '';
  show(desk, ctx, {
    section: 'settings',
    view: 'settings',
    data: {
      standing,
      wrong: Object.fromEntries(problems.map(({ field, ...rest }) => [field, rest])),
      values: fields,
      version: standing === 'changed' ? tenant.detailsVersion : typed.version,
      draftId: typed.draftId,
      holdsLogo: typed.logo !== null,
      logo: shownLogo(next, chosen),
      removeLogo: fields.removeLogo === 'yes',
      meanwhile: standing === 'changed' ? meanwhileOf(typed, tenant) : [],
      now: lookOf(tenant, null),
      next: isDraft ? lookOf(next, chosen) : null,
      lookHref: lookHref({ now: tenant.branding.accent, next: isDraft ? next.branding.accent : null }),
      ...FACTS,
    },
  });
}

/** Reads the form, and keeps what it held: a browser does not send its file again. @throws DomainError bad_request */
async function receive(desk: Desk, ctx: ConsoleContext): Promise<Typed> {
  const { version = '', draft = '', heldLogo } = ctx.state.form;
  if (!/^\d{1,9}$/.test(version)) throw new DomainError('bad_request', { detail: 'version' });
  const { removeLogo, ...typed } = readSettingsFields(ctx.state.form);
  const held = (draft === '' ? null : await desk.settings.draft(draft))?.logo ?? null;
  const file = ctx.state.files.logo;
  const drawn = file && file.length > 0 ? drawLogo(file) : null;
  const logo = drawn?.ok ? drawn.picture : removeLogo ? null : held;
  const removal = logo || !removeLogo ? {} : { removeLogo };
  const fields = { ...typed, ...removal };
  const asked = settingsAskedOf(fields);
  const gone = heldLogo === 'yes' && !held && !drawn && !removeLogo;
  const refusal = drawn?.ok === false ? drawn : gone ? ({ reason: 'gone' } as const) : null;
  const draftId = await desk.settings.keep({ fields: { ...typed, ...removal, version }, logo });
  const problems = [...asked.problems, ...(refusal ? [logoProblem(refusal)] : [])];
  return { fields, version: Number(version), asked, problems, draftId, logo };
}

async function preview(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const typed = await receive(desk, ctx);
  if (typed.problems.length > 0) return showSettings(desk, ctx, { typed, standing: null });
  goTo(ctx, draftPath(typed.draftId));
}

async function save(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const typed = await receive(desk, ctx);
  if (typed.problems.length > 0) return showSettings(desk, ctx, { typed, standing: null });
  if (!(await isProved(desk, ctx, { kind: 'tenant-settings', draftId: typed.draftId }))) return;
  const { version, logo, asked, fields } = typed;
  const picture = logo ? { logo } : fields.removeLogo ? { logo: null } : {};
  const saved = await desk.settings.save({ version, changes: asked.changes, ...picture });
  if (saved.ok) return goTo(ctx, `${HERE}?saved=yes`);
  ctx.status = 409;
  showSettings(desk, ctx, { typed, standing: 'changed', tenant: saved.tenant });
}

async function draftOf(desk: Desk, ctx: ConsoleContext): Promise<SettingsDraft> {
  const draft = await desk.settings.draft(ctx.params.draft ?? '');
  if (!draft) throw new DomainError('not_found');
  return draft;
}

async function sendLogo(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const { logo } = await draftOf(desk, ctx);
  if (!logo) throw new DomainError('not_found');
  ctx.type = logo.type;
  ctx.body = logo.bytes;
}

export const settingsPages: readonly ConsolePage[] = [
  {
    method: 'get',
    path: '/settings',
    action: 'see-settings',
    run(desk, ctx) {
      const standing = ctx.query.saved === 'yes' ? 'saved' : null;
      showSettings(desk, ctx, { typed: savedIn(desk.visit.tenant), standing });
      return Promise.resolve();
    },
  },
  {
    method: 'get',
    path: '/settings/look.css',
    action: 'see-settings',
    run(_desk, ctx) {
      ctx.type = 'text/css';
      ctx.body = lookCss(ctx.query);
      return Promise.resolve();
    },
  },
  { method: 'post', path: '/settings/preview', action: 'change-settings', upload: 'bytes', run: preview },
  { method: 'post', path: '/settings', action: 'change-settings', upload: 'bytes', run: save },
  {
    method: 'get',
    path: '/settings/drafts/:draft',
    action: 'change-settings',
    async run(desk, ctx) {
      showSettings(desk, ctx, { typed: draftedIn(await draftOf(desk, ctx)), standing: 'unsaved' });
    },
  },
  { method: 'get', path: '/settings/drafts/:draft/logo', action: 'change-settings', run: sendLogo },
];
