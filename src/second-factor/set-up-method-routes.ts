import type Router from '@koa/router';
import { z } from 'zod';
import { DomainError } from '../core/errors.ts';
import type { EnrollableId } from '../core/method-ids.ts';
import type { AppState } from '../http/state.ts';
import type { View } from './enrolment.ts';
import {
  goOn,
  goTo,
  stepsOf,
  type SetUpContext,
  type SetUpPages,
  type SetUpPlace,
} from './set-up-host-routes.ts';
import { stageOf, type SetUp } from './set-up.ts';

const nameForm = z.object({ name: z.string().max(256).optional() });

interface Refused {
  readonly refusal: string | null;
  readonly minutes: number | null;
}

/** E2 to E4 - choose a method, add it, name it. */
export function mountMethodPages<P extends SetUpPlace>(
  router: Router<AppState>,
  { host, setUps }: SetUpPages<P>,
): void {
  /** @returns null when the request is answered: nothing to set up here, or the codes come first */
  async function ready(ctx: SetUpContext): Promise<{ place: P; setUp: SetUp } | null> {
    const place = await host.enter(ctx);
    if (!place) return null;
    const setUp = await setUps.find(place.whose);
    if (setUp && stageOf(setUp) !== 'codes') return { place, setUp };
    goOn(ctx, place, setUp);
    return null;
  }

  /** The method named in the address, if it is offered here; the address is anybody's to write. */
  function kindOf({ params }: SetUpContext, { kinds }: SetUpPlace): EnrollableId {
    const kind = kinds.find((one) => one === params.kind);
    if (!kind) throw new DomainError('method_not_offered');
    return kind;
  }

  function show(ctx: SetUpContext, at: { place: P; setUp: SetUp }, kind: EnrollableId, view: View & Refused) {
    const { base, tenant, who } = at.place;
    ctx.state.render(`second-factor/${kind}/enrol.njk`, {
      who,
      ...stepsOf(at.setUp, 'proof'),
      ...view,
      tenantName: tenant.name,
      otherHref: `${base}/method`,
      refreshHref: `${base}/method/${kind}/options`,
    });
  }

  router.get('/method', async (context) => {
    const ctx = context as unknown as SetUpContext;
    const at = await ready(ctx);
    if (!at) return;
    const { kinds, who } = at.place;
    ctx.state.render('set-up/method.njk', { who, ...stepsOf(at.setUp, 'choice'), kinds });
  });

  router.post('/method', ...host.guard, async (context) => {
    const ctx = context as unknown as SetUpContext;
    const at = await ready(ctx);
    if (!at) return;
    const kind = at.place.kinds.find((one) => one === ctx.state.form.method);
    goTo(ctx, at.place, kind ? `/method/${kind}` : '/method');
  });

  router.get('/method/:kind', async (context) => {
    const ctx = context as unknown as SetUpContext;
    const at = await ready(ctx);
    if (!at) return;
    const kind = kindOf(ctx, at.place);
    const view = await setUps.open(at.place.whose, at.place.tenant, kind);
    show(ctx, at, kind, { ...view, refusal: null, minutes: null });
  });

  /** Fresh options for a page that was read for longer than its challenge lives. */
  router.get('/method/:kind/options', async (context) => {
    const ctx = context as unknown as SetUpContext;
    const at = await ready(ctx);
    if (!at) return;
    const { options } = await setUps.open(at.place.whose, at.place.tenant, kindOf(ctx, at.place));
    ctx.type = 'application/json';
    ctx.body = typeof options === 'string' ? options : '{}';
  });

  router.post('/method/:kind', ...host.guard, async (context) => {
    const ctx = context as unknown as SetUpContext;
    const at = await ready(ctx);
    if (!at) return;
    const { place } = at;
    const { tenant, by } = place;
    const kind = kindOf(ctx, place);
    const answer = await setUps.answer(place.whose, { tenant, kind, form: ctx.state.form, by });
    if (answer.ok) return answer.added ? host.end(ctx, place) : goTo(ctx, place, '/name');
    ctx.status = 422;
    show(ctx, at, kind, { ...answer.view, refusal: answer.reason, minutes: answer.minutes });
  });

  router.get('/name', async (context) => {
    const ctx = context as unknown as SetUpContext;
    const at = await ready(ctx);
    if (!at) return;
    const { place, setUp } = at;
    if (!setUp.proved) return goOn(ctx, place, setUp);
    const { name, method } = setUp.proved;
    const { who } = place;
    ctx.state.render(`second-factor/${method.kind}/name.njk`, { who, ...stepsOf(setUp, 'proof'), name });
  });

  router.post('/name', ...host.guard, async (context) => {
    const ctx = context as unknown as SetUpContext;
    const at = await ready(ctx);
    if (!at) return;
    const { data: form } = nameForm.safeParse(ctx.state.form);
    if (!form) throw new DomainError('bad_request', { detail: 'The name is too long.' });
    const added = await setUps.finish(at.place.whose, form.name, at.place.by);
    if (added) return host.end(ctx, at.place);
    goOn(ctx, at.place, await setUps.find(at.place.whose));
  });
}
