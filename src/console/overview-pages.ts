import { refusalOf } from '../admin/permissions.ts';
import { coverageParts } from './coverage-view.ts';
import { show, type ConsolePage } from './page.ts';

/** M1 - how the tenant stands. */
export const overviewPages: readonly ConsolePage[] = [
  {
    method: 'get',
    path: '',
    action: 'see-overview',
    async run(desk, ctx) {
      const { account, tenant } = desk.visit;
      const [coverage, invited] = await Promise.all([
        desk.coverage(),
        desk.countAgents({ state: 'invited' }),
      ]);
      const data = {
        coverage: coverage.total === 0 ? null : coverageParts(coverage),
        required: tenant.policy.secondFactor === 'required',
        withoutMethod: coverage.withoutMethod,
        invited,
        mayChange: refusalOf(account, 'see-policy', null) === null,
      };
      show(desk, ctx, { section: 'overview', view: 'overview', data });
    },
  },
];
