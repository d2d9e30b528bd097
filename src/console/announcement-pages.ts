import { goTo } from '../http/go-to.ts';
import type { Goal } from '../security-settings/goal.ts';
import type { ConsoleContext } from './door.ts';
import type { Desk } from './desk.ts';
import { show, type ConsolePage } from './page.ts';
import { askedOf, fieldsOf, readFields } from './policy-form.ts';
import { dayInWords } from './policy-words.ts';

/** Since when a method is asked for, as the policy page says it; empty = it does not say, or what it says is no day. */
function dayOf(desk: Desk, given: unknown): string {
  const { policy } = desk.visit.tenant;
  const fields = readFields(given);
  const { wrong } = askedOf({ from: fields.from ?? '' }, policy, desk.now());
  const day = fields.from ?? fieldsOf(policy).from;
  return wrong.length === 0 && day !== '' && new Date(day) > desk.now() ? day : '';
}

/** @param given address or form, which say the day */
function goalOf(desk: Desk, given: unknown): Goal {
  const day = dayOf(desk, given);
  const query = day === '' ? '' : new URLSearchParams({ from: day }).toString();
  return { kind: 'policy', page: 'email', query };
}

async function ask(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const day = dayOf(desk, ctx.query);
  const count = await desk.countToAnnounce();
  if (count === 0) return goTo(ctx, '/admin/policy');
  const data = { count, day, date: day === '' ? null : dayInWords(day) };
  show(desk, ctx, { section: 'policy', view: 'policy-email', data });
}

async function send(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const day = dayOf(desk, ctx.state.form);
  const count = await desk.announce(day === '' ? null : new Date(day));
  goTo(ctx, `/admin/policy?mailed=${count}`);
}

const EMAIL = { path: '/policy/email', action: 'announce-policy' } as const;

/** "Email these agents first": the question, and the mails. */
export const announcementPages: readonly ConsolePage[] = [
  { ...EMAIL, method: 'get', goal: (desk, ctx) => goalOf(desk, ctx.query), run: ask },
  { ...EMAIL, method: 'post', goal: (desk, ctx) => goalOf(desk, ctx.state.form), run: send },
];
