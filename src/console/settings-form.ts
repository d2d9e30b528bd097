import { z } from 'zod';
import { NAME_LENGTH, settingsSchema, type SettingsChanges } from '../admin/tenant-settings.ts';
import { accentTokens } from '../tenants/accent.ts';
import { CONTACT_LENGTH, SIGN_IN_TEXT_LENGTH } from '../tenants/branding-schema.ts';
import type { LogoRefusal } from '../tenants/logo-refusal.ts';
import { LOGO_BYTES } from '../tenants/logo.ts';
import type { Tenant } from '../tenants/tenant.ts';

const text = z.string().max(5000).default('').catch('');
const form = z.object({
  name: text,
  accent: text,
  signInText: text,
  helpUrl: text,
  contact: text,
  removeLogo: z.literal('yes').optional().catch(undefined),
});
/** What was typed, right or wrong. */
export type SettingsFields = z.output<typeof form>;

/** Fields that something can be wrong with, in the order of the page. */
export type SettingsField = keyof SettingsFields | 'logo';

/** `reason` picks the words, `values` stand in them. */
export interface SettingsProblem {
  readonly field: SettingsField;
  readonly reason: string;
  readonly values: Readonly<Record<string, string | number>>;
}

export interface SettingsAsked {
  /** Of the fields that are right. */
  readonly changes: SettingsChanges;
  readonly problems: readonly SettingsProblem[];
}

export const readSettingsFields = (input: unknown): SettingsFields => form.parse(input ?? {});

/** @returns what the page shows of what is saved */
export const settingsFieldsOf = ({ name, branding }: Tenant): SettingsFields => ({
  name,
  accent: branding.accent ?? '',
  signInText: branding.signInText ?? '',
  helpUrl: branding.helpUrl ?? '',
  contact: branding.contact ?? '',
});

const MOST = { name: NAME_LENGTH, signInText: SIGN_IN_TEXT_LENGTH, contact: CONTACT_LENGTH } as const;

/** Lines and spaces as one space each: all of these are one paragraph. */
const inOneLine = (typed: string): string => typed.trim().replaceAll(/\s+/g, ' ');

/** With or without `#`, in any case. */
const asColour = (typed: string): string => {
  const bare = typed.trim().toLowerCase();
  return /^[\da-f]{6}$/.test(bare) ? `#${bare}` : bare;
};

/** What each field is read as; empty = it is not set. */
const TYPED = {
  name: ({ name }: SettingsFields) => inOneLine(name),
  accent: ({ accent }: SettingsFields) => asColour(accent),
  signInText: ({ signInText }: SettingsFields) => inOneLine(signInText),
  helpUrl: ({ helpUrl }: SettingsFields) => helpUrl.trim(),
  contact: ({ contact }: SettingsFields) => inOneLine(contact),
} as const;
type Typed = keyof typeof TYPED;

function problemWith(field: Typed, value: string): SettingsProblem {
  const because = (reason: string, values: SettingsProblem['values'] = {}) => ({ field, reason, values });
  if (field === 'helpUrl') return because('address');
  if (field === 'accent') {
    if (!/^#[\da-f]{6}$/.test(value)) return because('colour');
    const verdict = accentTokens(value);
    const { reason, ratio, least } = verdict.ok ? { reason: 'colour', ratio: 0, least: 0 } : verdict;
    return because(reason, { ratio: ratio.toFixed(2), least });
  }
  if (value === '') return because('empty');
  const [count, most] = [[...value].length, MOST[field]];
  return count > most ? because('long', { count, most }) : because('odd');
}

/** What somebody who sends these fields wants. Pure. */
export function settingsAskedOf(fields: SettingsFields): SettingsAsked {
  const changes: Record<string, string | null> = {};
  const problems: SettingsProblem[] = [];
  for (const field of Object.keys(TYPED) as Typed[]) {
    const value = TYPED[field](fields);
    const wanted = value === '' && field !== 'name' ? null : value;
    const read = settingsSchema.shape[field].safeParse(wanted);
    if (read.success) changes[field] = read.data ?? null;
    else problems.push(problemWith(field, value));
  }
  return { changes: settingsSchema.parse(changes), problems };
}

const kilobytes = (bytes: number): string => (Math.ceil(bytes / 100) / 10).toFixed(1);

/** What is wrong with a file, in words of the page. */
export function logoProblem(refusal: LogoRefusal | { readonly reason: 'gone' }): SettingsProblem {
  const because = (values: SettingsProblem['values'] = {}) =>
    ({ field: 'logo', reason: refusal.reason, values }) as const;
  if (refusal.reason === 'too-large')
    return because({ kilobytes: kilobytes(refusal.bytes), most: LOGO_BYTES / 1000 });
  if (refusal.reason === 'unsafe') return because({ name: refusal.name });
  if (refusal.reason === 'too-many-pixels') return because({ width: refusal.width, height: refusal.height });
  return because();
}
