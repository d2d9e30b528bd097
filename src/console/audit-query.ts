import { z } from 'zod';
import type { AuditFilter } from '../audit/audit-search.ts';
import { AUDIT_EVENTS } from '../audit/events.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

const cursor = z.string().min(1).max(40).nullable().catch(null);

/** A day of UTC, such as 2026-11-24; what is no day counts as not said. */
const day = z.iso.date().catch('');

/** The address of the log; what is not understood counts as not said. */
const query = z.object({
  event: z.enum(['', ...AUDIT_EVENTS]).catch(''),
  /** Email or id of who did it, or to whom. */
  person: z.string().trim().max(254).catch(''),
  from: day,
  /** The last day that is in it. */
  to: day,
  after: cursor,
  before: cursor,
});
export type AuditWish = z.output<typeof query>;

export const readAuditWish = (given: Readonly<Record<string, unknown>>): AuditWish =>
  query.parse({ event: '', person: '', from: '', to: '', after: null, before: null, ...given });

/** Those parts of an address that narrow the list. */
const narrowing = ({ event, person, from, to }: AuditWish) => ({ event, person, from, to });

export const isFiltered = (wish: AuditWish): boolean =>
  Object.values(narrowing(wish)).some((value) => value !== '');

/** @param suffix behind `/admin/audit-log`, such as `.csv` */
export function auditAddress(
  wish: AuditWish,
  more: Readonly<Record<string, string>> = {},
  suffix = '',
): string {
  const given = Object.entries({ ...narrowing(wish), ...more }).filter(([, value]) => value !== '');
  const search = new URLSearchParams(given).toString();
  return `/admin/audit-log${suffix}${search === '' ? '' : `?${search}`}`;
}

const momentOf = (text: string, days = 0) => new Date(Date.parse(`${text}T00:00:00Z`) + days * DAY_MS);

/** No id: what is looked for when the person is not there, so that nothing is found. */
const NOBODY = 'nobody';

/** @param accountIdOf finds somebody of the tenant by email */
export async function auditFilterOf(
  { event, person, from, to }: AuditWish,
  accountIdOf: (email: string) => Promise<string | null>,
): Promise<AuditFilter> {
  const accountId = person.includes('@') ? ((await accountIdOf(person)) ?? NOBODY) : person;
  return {
    ...(event === '' ? {} : { events: [event] }),
    ...(accountId === '' ? {} : { accountId }),
    ...(from === '' ? {} : { from: momentOf(from) }),
    ...(to === '' ? {} : { to: momentOf(to, 1) }),
  };
}
