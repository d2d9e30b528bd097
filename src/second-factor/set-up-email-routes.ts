import type Router from '@koa/router';
import type { AppState } from '../http/state.ts';
import type { CodeAnswer, CodeSlot } from './mailed-codes.ts';
import {
  goTo,
  type SetUpContext,
  type SetUpHost,
  type SetUpPages,
  type SetUpPlace,
} from './set-up-host-routes.ts';

const HERE = '/check-email';

interface Shown {
  readonly problem: Extract<CodeAnswer, { ok: false }>['problem'] | null;
  readonly minutes: number | null;
  readonly resent: boolean;
}

/** Enough to know the own address by. @returns such as `a...@northwind.example` */
const masked = (email: string) => email.replace(/^(.)[^@]*/u, '$1...');

/**
 * The host behind the mailed code: while that is missing, every page but the start leads to A9. Whoever begins by then
 * is sent a code.
 */
export function behindCode<P extends SetUpPlace>({ host, mailedCodes }: SetUpPages<P>): SetUpHost<P> {
  return {
    ...host,
    async enter(ctx) {
      const place = await host.enter(ctx);
      if (!place?.missing) return place;
      if (ctx.method === 'POST') await mailedCodes.start(place.missing, place.by);
      goTo(ctx, place, HERE);
      return null;
    },
  };
}

/** A9 - the mailed code before a first method, where the tenant wants it. @param pages before `behindCode` */
export function mountEmailPages<P extends SetUpPlace>(
  router: Router<AppState>,
  { host, mailedCodes }: SetUpPages<P>,
): void {
  type Asked = { readonly place: P; readonly slot: CodeSlot };

  /** @returns null when no code is asked for here (any more): the request is answered */
  async function asked(ctx: SetUpContext): Promise<Asked | null> {
    const place = await host.enter(ctx);
    if (place && !place.missing) goTo(ctx, place, '');
    return place?.missing ? { place, slot: place.missing } : null;
  }

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

  router.get(HERE, async (context) => {
    const ctx = context as unknown as SetUpContext;
    const at = await asked(ctx);
    if (at) show(ctx, at, { problem: null, minutes: null, resent: ctx.query.sent !== undefined });
  });

  router.post(HERE, ...host.guard, async (context) => {
    const ctx = context as unknown as SetUpContext;
    const at = await asked(ctx);
    if (!at) return;
    const answer = await mailedCodes.answer(at.slot, ctx.state.form.code ?? '', at.place.by);
    if (answer.ok) return goTo(ctx, at.place, '');
    if (answer.problem === 'too-many') return tooMany(ctx, at, answer.retryAfterSeconds);
    ctx.status = 422;
    show(ctx, at, { problem: answer.problem, minutes: null, resent: false });
  });

  router.post(`${HERE}/again`, ...host.guard, async (context) => {
    const ctx = context as unknown as SetUpContext;
    const at = await asked(ctx);
    if (!at) return;
    const wait = await mailedCodes.again(at.slot, at.place.by);
    if (wait > 0) return tooMany(ctx, at, wait);
    goTo(ctx, at.place, `${HERE}?sent`);
  });
}
