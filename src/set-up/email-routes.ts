import type { Door, Row } from '../http/rows.ts';
import type { CodeAnswer, CodeSlot } from '../second-factor/mailed-codes.ts';
import { goTo } from '../http/go-to.ts';
import type { SetUpContext, SetUpPages, SetUpPlace } from './host-routes.ts';

const HERE = '/check-email';

interface Shown {
  readonly problem: Extract<CodeAnswer, { ok: false }>['problem'] | null;
  readonly minutes: number | null;
  readonly resent: boolean;
}

/** Enough to know the own address by. @returns such as `a...@northwind.example` */
const masked = (email: string) => email.replace(/^(.)[^@]*/u, '$1...');

/**
 * The host behind the mailed code: while that is missing, every page but the start leads to it. Whoever begins by then
 * is sent a code.
 */
export function behindCode<Known, P extends SetUpPlace>({
  host,
  mailedCodes,
}: SetUpPages<Known, P>): Door<Known, P> {
  return {
    ...host,
    async prove(known, row, ctx) {
      const place = await host.prove(known, row, ctx);
      if (!place?.missing) return place;
      if (ctx.method === 'POST') await mailedCodes.start(place.missing, place.by);
      goTo(ctx, `${place.base}${HERE}`);
      return null;
    },
  };
}

/** The mailed code before a first method, where the tenant wants it. */
export function emailRows<Known, P extends SetUpPlace>({
  host,
  mailedCodes,
}: SetUpPages<Known, P>): Row<P>[] {
  type Asked = { readonly place: P; readonly slot: CodeSlot };

  /** Where no code is asked for (any more), the way leads on. */
  const asking =
    (run: (at: Asked, ctx: SetUpContext) => Promise<void> | void): Row<P>['run'] =>
    (place, ctx) =>
      place.missing ? run({ place, slot: place.missing }, ctx) : goTo(ctx, place.base);

  function show(ctx: SetUpContext, { place, slot }: Asked, shown: Shown): void {
    const { who, line, base } = place;
    ctx.state.render('set-up/check-email.njk', {
      who,
      ...line,
      email: masked(slot.account.email),
      ...shown,
      problem: shown.problem ?? (mailedCodes.isSent(slot) ? null : 'expired'),
      againAction: `${base}${HERE}/again`,
    });
  }

  function tooMany(ctx: SetUpContext, at: Asked, seconds: number): void {
    ctx.status = 429;
    ctx.set('Retry-After', String(seconds));
    show(ctx, at, { problem: 'too-many', minutes: Math.ceil(seconds / 60), resent: false });
  }

  async function answer(at: Asked, ctx: SetUpContext): Promise<void> {
    const answer = await mailedCodes.answer(at.slot, ctx.state.form.code ?? '', at.place.by);
    if (answer.ok) {
      await host.proved?.(ctx, at.place);
      return goTo(ctx, at.place.base);
    }
    if (answer.problem === 'too-many') return tooMany(ctx, at, answer.retryAfterSeconds);
    ctx.status = 422;
    show(ctx, at, { problem: answer.problem, minutes: null, resent: false });
  }

  async function again(at: Asked, ctx: SetUpContext): Promise<void> {
    const wait = await mailedCodes.again(at.slot, at.place.by);
    if (wait > 0) return tooMany(ctx, at, wait);
    goTo(ctx, `${at.place.base}${HERE}?sent`);
  }

  const open = (at: Asked, ctx: SetUpContext) =>
    show(ctx, at, { problem: null, minutes: null, resent: ctx.query.sent !== undefined });
  return [
    { method: 'get', path: HERE, run: asking(open) },
    { method: 'post', path: HERE, run: asking(answer) },
    { method: 'post', path: `${HERE}/again`, run: asking(again) },
  ];
}
