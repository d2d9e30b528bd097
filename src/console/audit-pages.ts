import type { AuditFilter } from '../audit/audit-search.ts';
import { refusalOf } from '../admin/permissions.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../admin/exports.ts';
import { EVENT_GROUPS } from '../audit/events.ts';
import { DomainError } from '../core/errors.ts';
import { countText } from './coverage-view.ts';
import { auditAddress, auditFilterOf, isFiltered, readAuditWish, type AuditWish } from './audit-query.ts';
import { eventPage, eventRow, peopleIn } from './audit-view.ts';
import type { Desk } from './desk.ts';
import type { ConsoleContext } from './door.ts';
import { sendFile, show, type ConsolePage } from './page.ts';

/** Rows of one page. */
const PAGE = 50;

type Check = Awaited<ReturnType<Desk['checkAudit']>>;

const checkOf = (check: Check) =>
  check.ok
    ? { ok: true, events: check.events, shown: countText(check.events) }
    : { ok: false, ...check.break };

const filterOf = (desk: Desk, wish: AuditWish): Promise<AuditFilter> => auditFilterOf(wish, desk.accountIdOf);

/** What happened, newest first, by what stands in the address. */
async function showLog(desk: Desk, ctx: ConsoleContext, check: object | null): Promise<void> {
  const wish = readAuditWish(ctx.query);
  const filter = await filterOf(desk, wish);
  const { after, before } = wish;
  const page = await desk.auditEvents(filter, { limit: PAGE, after, before });
  const names = await desk.named(peopleIn(page.records));
  const exportable = refusalOf(desk.visit.account, 'export-audit', null) === null;
  show(desk, ctx, {
    section: 'audit',
    view: 'audit-log',
    data: {
      ...{ event: wish.event, person: wish.person, from: wish.from, to: wish.to },
      groups: EVENT_GROUPS,
      filtered: isFiltered(wish),
      check,
      events: page.records.map((record) => eventRow(record, names)),
      newestHref: page.previous === null ? null : auditAddress(wish),
      newerHref: page.previous === null ? null : auditAddress(wish, { before: page.previous }),
      olderHref: page.next === null ? null : auditAddress(wish, { after: page.next }),
      files: exportable
        ? EXPORT_FORMATS.map((format) => ({ format, href: auditAddress(wish, {}, `.${format}`) }))
        : [],
    },
  });
}

async function check(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const result = await desk.checkAudit();
  if (!result.ok) ctx.state.log.error({ ...result }, 'the audit log of a tenant is not whole');
  // Rendered by the very request that looked: an address could be made up by anybody.
  await showLog(desk, ctx, checkOf(result));
}

async function showEvent(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const seq = /^\d{1,12}$/.test(ctx.params.seq ?? '') ? Number(ctx.params.seq) : 0;
  const record = await desk.auditEvent(seq);
  if (!record) throw new DomainError('not_found');
  const names = await desk.named(peopleIn([record]));
  show(desk, ctx, { section: 'audit', view: 'audit-event', data: { one: eventPage(record, names) } });
}

const file = (format: ExportFormat): ConsolePage => ({
  method: 'get',
  path: `/audit-log.${format}`,
  action: 'export-audit',
  async run(desk, ctx) {
    const filter = await filterOf(desk, readAuditWish(ctx.query));
    await sendFile(ctx, await desk.exportAudit(filter, format));
  },
});

export const auditPages: readonly ConsolePage[] = [
  { method: 'get', path: '/audit-log', action: 'see-audit', run: (desk, ctx) => showLog(desk, ctx, null) },
  { method: 'post', path: '/audit-log/check', action: 'see-audit', run: check },
  { method: 'get', path: '/audit-log/:seq', action: 'see-audit', run: showEvent },
  ...EXPORT_FORMATS.map(file),
];
