import { z } from 'zod';
import { DomainError } from '../core/errors.ts';
import type { EnrollableId } from '../core/method-ids.ts';
import { readInput } from '../http/read-input.ts';
import type { Row } from '../http/rows.ts';
import type { View } from '../second-factor/enrolment.ts';
import { goTo } from '../http/go-to.ts';
import { goOn, stepsOf, type SetUpContext, type SetUpPages, type SetUpPlace } from './host-routes.ts';
import { stageOf, type SetUp } from './set-up.ts';

const nameForm = z.object({ name: z.string().max(256).optional() });

interface Refused {
  readonly refusal: string | null;
  readonly minutes: number | null;
}

/** Choose a method, add it, name it. */
export function methodRows<Known, P extends SetUpPlace>({ host, setUps }: SetUpPages<Known, P>): Row<P>[] {
  type At = { readonly place: P; readonly setUp: SetUp };

  /** With nothing to set up, or before the codes are kept, the way leads to where the set-up stands. */
  const ready =
    (run: (at: At, ctx: SetUpContext) => Promise<void> | void): Row<P>['run'] =>
    async (place, ctx) => {
      const setUp = await setUps.find(place.whose);
      if (setUp && stageOf(setUp) !== 'codes') return run({ place, setUp }, ctx);
      goOn(ctx, place, setUp);
    };

  /** The method named in the address, if it is offered here; the address is anybody's to write. */
  function kindOf({ params }: SetUpContext, { kinds }: SetUpPlace): EnrollableId {
    const kind = kinds.find((one) => one === params.kind);
    if (!kind) throw new DomainError('method_not_offered');
    return kind;
  }

  function show(ctx: SetUpContext, at: At, kind: EnrollableId, view: View & Refused) {
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

  function choice({ place: { kinds, who }, setUp }: At, ctx: SetUpContext): void {
    ctx.state.render('set-up/method.njk', { who, ...stepsOf(setUp, 'choice'), kinds });
  }

  function choose({ place }: At, ctx: SetUpContext): void {
    const kind = place.kinds.find((one) => one === ctx.state.form.method);
    goTo(ctx, `${place.base}${kind ? `/method/${kind}` : '/method'}`);
  }

  async function open(at: At, ctx: SetUpContext): Promise<void> {
    const kind = kindOf(ctx, at.place);
    const view = await setUps.open(at.place.whose, at.place.tenant, kind);
    show(ctx, at, kind, { ...view, refusal: null, minutes: null });
  }

  /** Fresh options for a page that was read for longer than its challenge lives. */
  async function refresh({ place }: At, ctx: SetUpContext): Promise<void> {
    const { options } = await setUps.open(place.whose, place.tenant, kindOf(ctx, place));
    ctx.type = 'application/json';
    ctx.body = typeof options === 'string' ? options : '{}';
  }

  async function answer(at: At, ctx: SetUpContext): Promise<void> {
    const { place } = at;
    const { tenant, by } = place;
    const kind = kindOf(ctx, place);
    const answer = await setUps.answer(place.whose, { tenant, kind, form: ctx.state.form, by });
    if (answer.ok) return answer.added ? host.end(ctx, place) : goTo(ctx, `${place.base}/name`);
    ctx.status = 422;
    show(ctx, at, kind, { ...answer.view, refusal: answer.reason, minutes: answer.minutes });
  }

  function askName({ place, setUp }: At, ctx: SetUpContext): void {
    if (!setUp.proved) return goOn(ctx, place, setUp);
    const { name, method } = setUp.proved;
    const { who } = place;
    ctx.state.render(`second-factor/${method.kind}/name.njk`, { who, ...stepsOf(setUp, 'proof'), name });
  }

  async function giveName({ place }: At, ctx: SetUpContext): Promise<void> {
    const { name } = readInput(nameForm, ctx.state.form);
    const added = await setUps.finish(place.whose, name, place.by);
    if (added) return host.end(ctx, place);
    goOn(ctx, place, await setUps.find(place.whose));
  }

  return [
    { method: 'get', path: '/method', run: ready(choice) },
    { method: 'post', path: '/method', run: ready(choose) },
    { method: 'get', path: '/method/:kind', run: ready(open) },
    { method: 'get', path: '/method/:kind/options', run: ready(refresh) },
    { method: 'post', path: '/method/:kind', run: ready(answer) },
    { method: 'get', path: '/name', run: ready(askName) },
    { method: 'post', path: '/name', input: nameForm, run: ready(giveName) },
  ];
}
