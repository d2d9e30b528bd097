import { z } from 'zod';
import { MOST_HOURS, type GivenRescueCode, type RescueRefusal } from '../admin/rescue-codes.ts';
import type { Account } from '../accounts/account.ts';
import { DomainError } from '../core/errors.ts';
import { randomId } from '../core/random.ts';
import { longDate, timeOfDay } from '../http/long-date.ts';
import type { ConsoleContext } from './door.ts';
import type { Desk } from './desk.ts';
import { isProved, show, type ConsolePage } from './page.ts';

/** What the form offers: one shift; hours. */
const ONE_SHIFT = 8;

const once = z.string().regex(/^[\w-]{22}$/);
const giveForm = z.object({
  reason: z.string().trim().min(1).max(500),
  hours: z
    .string()
    .trim()
    .regex(/^\d{1,2}$/)
    .transform(Number)
    .pipe(z.number().min(1).max(MOST_HOURS)),
  /** Drawn for the page: a form that is sent again gives no second code. */
  once,
});

/** What was typed, and which of it is wrong. */
interface Typed {
  readonly reason: string;
  readonly hours: string;
  readonly once: string;
  readonly wrong: readonly string[];
}

const blank = (): Typed => ({ reason: '', hours: String(ONE_SHIFT), once: randomId(), wrong: [] });

/** Refusals that are about who asks, and not about the day. */
const FORBIDDEN: readonly RescueRefusal[] = ['role', 'yourself', 'higher-role', 'other-team'];

const pageOf = ({ visit }: Desk, { accountId, name, email }: Account) => ({
  agent: { name, email },
  tenantName: visit.tenant.name,
  action: `/admin/agents/${accountId}/rescue-code`,
  backHref: `/admin/agents/${accountId}`,
});

function showRefusal(desk: Desk, ctx: ConsoleContext, agent: Account, refusal: RescueRefusal): void {
  ctx.status = FORBIDDEN.includes(refusal) ? 403 : ctx.method === 'POST' ? 422 : 200;
  show(desk, ctx, { section: 'agents', view: 'rescue-refused', data: { ...pageOf(desk, agent), refusal } });
}

function showForm(desk: Desk, ctx: ConsoleContext, agent: Account, typed: Typed): void {
  const { left } = desk.rescueOutlook(agent);
  const data = { ...pageOf(desk, agent), ...typed, left, most: MOST_HOURS };
  show(desk, ctx, { section: 'agents', view: 'rescue-code', data });
}

/** @returns such as "18:00 WET", with the date where it is another day */
function untilWords({ visit }: Desk, until: Date, now: Date): string {
  const { zoneinfo } = visit.account.claims;
  const [day, today] = [longDate(until, zoneinfo), longDate(now, zoneinfo)];
  return day === today ? timeOfDay(until, zoneinfo) : `${timeOfDay(until, zoneinfo)}, ${day}`;
}

function showGiven(desk: Desk, ctx: ConsoleContext, agent: Account, given: GivenRescueCode): void {
  const { code, until, left } = given;
  const time = untilWords(desk, until, desk.rescueOutlook(agent).now);
  const data = { ...pageOf(desk, agent), code, time, left };
  show(desk, ctx, { section: 'agents', view: 'rescue-given', data });
}

/**
 * Whom it is about, when a code can be given to them by who asks, who has just proved that it is them.
 * @returns null when the request is answered
 */
async function enter(desk: Desk, ctx: ConsoleContext): Promise<Account | null> {
  const agent = await desk.people.find(ctx.params.agent ?? '');
  const { refusal } = desk.rescueOutlook(agent);
  // What was given by this very form, sent again, is told and not refused.
  if (refusal !== null && !(ctx.method === 'POST' && refusal === 'month-limit')) {
    showRefusal(desk, ctx, agent, refusal);
    return null;
  }
  const { accountId } = agent;
  const goal = { kind: 'rescue-code', accountId } as const;
  return (await isProved(desk, ctx, goal, ['reason', 'hours'])) ? agent : null;
}

async function give(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const agent = await enter(desk, ctx);
  if (!agent) return;
  const { form } = ctx.state;
  const { data: wish, error } = giveForm.safeParse(form);
  if (!wish) {
    const wrong = error.issues.map(({ path }) => String(path[0]));
    if (wrong.includes('once')) throw new DomainError('bad_request', { detail: 'once' });
    const { reason = '', hours = '', once = '' } = form;
    ctx.status = 422;
    return showForm(desk, ctx, agent, {
      reason: reason.slice(0, 500),
      hours: hours.slice(0, 20),
      once,
      wrong,
    });
  }
  try {
    showGiven(desk, ctx, agent, await desk.giveRescueCode(agent, wish));
  } catch (error) {
    const { refusal } = desk.rescueOutlook(await desk.people.find(agent.accountId));
    if (!(error instanceof DomainError) || refusal === null) throw error;
    showRefusal(desk, ctx, agent, refusal);
  }
}

/** A code for somebody without their key or phone: asked for, and shown once. */
export const rescuePages: readonly ConsolePage[] = [
  {
    method: 'get',
    path: '/agents/:agent/rescue-code',
    action: 'give-rescue-code',
    async run(desk, ctx) {
      const agent = await enter(desk, ctx);
      if (!agent) return;
      const typed = await desk.typed({ kind: 'rescue-code', accountId: agent.accountId });
      showForm(desk, ctx, agent, { ...blank(), ...typed });
    },
  },
  { method: 'post', path: '/agents/:agent/rescue-code', action: 'give-rescue-code', run: give },
];
