import { asks, changes, type AccountContext, type AccountRow } from './account-routes.ts';
import type { Change } from './changes.ts';
import { cardOf } from './confirm-routes.ts';
import { goTo } from '../http/go-to.ts';
import type { MethodChanges, Removal } from './method-changes.ts';
import type { OwnMethod } from './my-methods.ts';
import type { Renewal } from './renewal-routes.ts';
import type { Visit } from './visit.ts';

export interface MethodRoutes {
  readonly methods: MethodChanges;
  readonly sessions: Renewal;
}

const HOME = '/account/security';
const REMOVE = '/security/methods/:id/remove';
const RENAME = '/security/methods/:id/rename';
const TURN_OFF = '/security/turn-off';

/** Each page asks what will happen, and its form does it. */
export function methodRows({ methods, sessions }: MethodRoutes): AccountRow[] {
  const idOf = ({ params }: AccountContext) => params.id ?? '';

  /** An id that leaked before the change is worth nothing after it. */
  async function done(ctx: AccountContext, saved: string): Promise<void> {
    await sessions.renew(ctx);
    goTo(ctx, `${HOME}?saved=${saved}`);
  }

  function showRemoval(ctx: AccountContext, visit: Visit, method: OwnMethod, removal: Removal): void {
    const { kind, name } = method;
    const { tenant, account } = visit;
    const page = { ...cardOf(visit), kind, name, removal, tenantName: tenant.name };
    ctx.state.render('security-settings/remove.njk', { ...page, version: account.credVersion });
  }

  async function remove(change: Change, ctx: AccountContext): Promise<void> {
    const { method } = await methods.look(change.visit, idOf(ctx));
    const removal = await methods.remove(change, method.id);
    if (removal !== 'enforced') return done(ctx, removal === 'last' ? 'off' : 'removed');
    ctx.status = 422;
    showRemoval(ctx, change.visit, method, removal);
  }

  function showName(ctx: AccountContext, visit: Visit, value: string, problem: 'empty' | null): void {
    const page = { ...cardOf(visit), value, problem, version: visit.account.credVersion };
    ctx.state.render('security-settings/rename.njk', page);
  }

  async function rename(change: Change, ctx: AccountContext, name: string): Promise<void> {
    if (await methods.rename(change, idOf(ctx), name)) return done(ctx, 'renamed');
    ctx.status = 422;
    showName(ctx, change.visit, '', 'empty');
  }

  function showTurnOff(ctx: AccountContext, visit: Visit, removal: Removal): void {
    const page = { ...cardOf(visit), removal, tenantName: visit.tenant.name };
    ctx.state.render('security-settings/turn-off.njk', { ...page, version: visit.account.credVersion });
  }

  async function turnOff(change: Change, ctx: AccountContext): Promise<void> {
    const removal = await methods.turnOff(change);
    if (removal === null) return goTo(ctx, HOME);
    if (removal !== 'enforced') return done(ctx, 'off');
    ctx.status = 422;
    showTurnOff(ctx, change.visit, removal);
  }

  const toRemove = async (visit: Visit, ctx: AccountContext) =>
    ({ kind: 'remove', methodId: (await methods.look(visit, idOf(ctx))).method.id }) as const;
  const toRename = async (visit: Visit, ctx: AccountContext) =>
    ({ kind: 'rename', methodId: (await methods.lookForName(visit, idOf(ctx))).method.id }) as const;
  const toTurnOff = ({ account }: Visit) =>
    account.methodCount === 0 ? HOME : ({ kind: 'turn-off' } as const);

  return [
    asks(REMOVE, toRemove, async (visit, ctx) => {
      const { method, removal } = await methods.look(visit, idOf(ctx));
      showRemoval(ctx, visit, method, removal);
    }),
    changes(REMOVE, toRemove, remove),
    asks(RENAME, toRename, async (visit, ctx) => {
      const { method } = await methods.lookForName(visit, idOf(ctx));
      showName(ctx, visit, method.name ?? '', null);
    }),
    changes(RENAME, toRename, rename),
    asks(TURN_OFF, toTurnOff, async (visit, ctx) => {
      const removal = await methods.lookAtAll(visit);
      if (removal === null) goTo(ctx, HOME);
      else showTurnOff(ctx, visit, removal);
    }),
    changes(TURN_OFF, toTurnOff, turnOff),
  ];
}
