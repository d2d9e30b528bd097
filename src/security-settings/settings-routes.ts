import type { Clock } from '../core/clock.ts';
import type { EnrollableId } from '../core/method-ids.ts';
import { longDate } from '../http/long-date.ts';
import { openingOf } from '../set-up/set-up.ts';
import { shows, type AccountContext, type AccountRow } from './account-routes.ts';
import { meOf } from './door-routes.ts';
import { mustKeepOne } from './method-changes.ts';
import type { Places } from './places.ts';
import type { Visit } from './visit.ts';
import { ownMethods, type Inventory, type OwnMethod } from './my-methods.ts';

export interface SettingsRoutes {
  readonly inventory: Inventory;
  readonly places: Pick<Places, 'count'>;
  /** Kinds that people tell several of apart by a name of their own. */
  readonly named: readonly EnrollableId[];
  /** The app that the person left to change something, as it is registered; null = none, or nobody knows any more. */
  readonly appLeft: (visit: Visit) => Promise<{ readonly name: string; readonly href: string } | null>;
  readonly clock: Clock;
}

/** What a page before this one has done; the address says which. */
const SAVED = ['removed', 'renamed', 'off', 'codes', 'password'] as const;

/** What somebody has set up, and where they go to change it. */
export function settingsRows(ports: SettingsRoutes): AccountRow[] {
  const { inventory, places, named, appLeft, clock } = ports;

  async function show(visit: Visit, ctx: AccountContext): Promise<void> {
    const { account, tenant } = visit;
    const methods = await ownMethods(account, inventory);
    const date = (at: Date | null) => at && longDate(at, account.claims.zoneinfo);
    const shown = ({ id, kind, name, addedAt, lastUsedAt }: OwnMethod) => ({
      id,
      kind,
      name,
      added: date(addedAt),
      used: date(lastUsedAt),
      hasName: named.includes(kind),
    });
    const first = methods.reduce<Date | null>(
      (earliest, { addedAt }) => (earliest !== null && earliest <= addedAt ? earliest : addedAt),
      null,
    );
    ctx.state.render('security-settings/index.njk', {
      saved: SAVED.find((one) => one === ctx.query.saved) ?? null,
      me: meOf(visit),
      email: account.email,
      passwordChanged: date(account.password?.changedAt ?? null),
      since: date(first),
      enforced: methods.length > 0 && mustKeepOne(tenant.policy, account, clock()),
      methods: methods.map(shown),
      mayAdd: openingOf(account, tenant.policy, { passwordAlone: methods.length === 0 }).kinds.length > 0,
      places: await places.count(visit),
      appLeft: await appLeft(visit),
      codesLeft: account.recovery?.digests.length ?? 0,
    });
  }

  return [shows('/security', show)];
}
