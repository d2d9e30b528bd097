import type { Export } from '../admin/exports.ts';
import { refusalOf, type Action } from '../admin/permissions.ts';
import { BYTE_ORDER_MARK } from '../core/csv.ts';
import { sendDownload } from '../http/download.ts';
import type { Row } from '../http/rows.ts';
import type { Visit } from '../security-settings/visit.ts';
import { goTo } from '../http/go-to.ts';
import { meOf } from '../security-settings/door-routes.ts';
import { confirmPath, type Goal } from '../security-settings/goal.ts';
import type { ConsoleContext } from './door.ts';
import type { Desk } from './desk.ts';
import { pick } from './typed-forms.ts';

/** What has to be proved; a path to go to when there is nothing to do here; null = nothing. */
type Wanted = Goal | `/${string}` | null;

/** One page or form of the console, below `/admin`: what it stands for decides who may come here. */
export interface ConsolePage extends Row<Desk> {
  readonly action: Action;
  /** It is about the person whom `:agent` names; whoever may not do it to this very person does not come in. */
  readonly about?: 'agent';
  /** What has to be proved before it runs; absent = nothing, or it asks itself. */
  readonly goal?: (desk: Desk, ctx: ConsoleContext) => Wanted | Promise<Wanted>;
  /** Fields that wait until it was proved, should the form come too late: what takes time to type, and no secret. */
  readonly keeps?: readonly string[];
}

const SECTIONS = [
  { id: 'overview', icon: 'home', href: '/admin', action: 'see-overview' },
  { id: 'agents', icon: 'people', href: '/admin/agents', action: 'see-agents' },
  { id: 'policy', icon: 'shield', href: '/admin/policy', action: 'see-policy' },
  { id: 'settings', icon: 'settings', href: '/admin/settings', action: 'see-settings' },
  { id: 'audit', icon: 'list', href: '/admin/audit-log', action: 'see-audit' },
  { id: 'tenants', icon: 'apps', href: '/admin/tenants', action: 'see-tenants' },
] as const;
export type Section = (typeof SECTIONS)[number]['id'];

/** @returns the sections that this person may open */
export const navOf = ({ account }: Visit, current: Section) =>
  SECTIONS.filter(({ action }) => refusalOf(account, action, null) === null).map(({ id, icon, href }) => ({
    id,
    icon,
    href,
    current: id === current,
  }));

/** Renders a page of the console with its frame. */
export function show(
  { visit }: Desk,
  ctx: ConsoleContext,
  { section, view, data }: { section: Section; view: string; data: Readonly<Record<string, unknown>> },
): void {
  ctx.state.render(`admin/${view}.njk`, {
    me: meOf(visit),
    nav: navOf(visit, section),
    ...data,
  });
}

/**
 * @param kept fields that wait until it was proved, should the form come too late: what takes time to type, and no secret
 * @returns whether it was proved just now that it is them; otherwise the request is answered
 */
export async function isProved(
  desk: Desk,
  ctx: ConsoleContext,
  goal: Goal,
  kept: readonly string[] = [],
): Promise<boolean> {
  const mayWait = ctx.method === 'POST' && kept.length > 0;
  if (await desk.isFresh(goal)) {
    if (mayWait) await desk.forgetTyped(goal);
    return true;
  }
  if (mayWait) await desk.keepTyped(goal, pick(ctx.state.form, kept));
  goTo(ctx, confirmPath(goal));
  return false;
}

/** Answers with a file that people open: spreadsheets are told that it is UTF-8. */
export const sendFile = (ctx: ConsoleContext, file: Export): Promise<void> =>
  sendDownload(ctx, file, file.format === 'csv' ? BYTE_ORDER_MARK : '');
