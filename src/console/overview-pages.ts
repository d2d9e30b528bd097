import type { ToDo } from '../admin/to-do.ts';
import { refusalOf } from '../admin/permissions.ts';
import { coverageParts } from './coverage-view.ts';
import { show, type ConsolePage } from './page.ts';

/** @returns what there is to do, each with how many it is about; resets for those who may help with them */
const listed = ({ oneMethod, codesLow, resets }: ToDo, withResets: boolean) =>
  [
    { care: 'reset', count: withResets ? resets : 0 },
    { care: 'one-method', count: oneMethod },
    { care: 'codes-low', count: codesLow },
  ].filter(({ count }) => count > 0);

/** How the tenant stands. */
export const overviewPages: readonly ConsolePage[] = [
  {
    method: 'get',
    path: '',
    action: 'see-overview',
    async run(desk, ctx) {
      const { account, tenant } = desk.visit;
      const [coverage, toDo, invited] = await Promise.all([
        desk.coverage(),
        desk.toDo(),
        desk.countAgents({ state: 'invited' }),
      ]);
      const data = {
        coverage: coverage.total === 0 ? null : coverageParts(coverage),
        required: tenant.policy.secondFactor === 'required',
        withoutMethod: coverage.withoutMethod,
        invited,
        toDo: listed(toDo, refusalOf(account, 'reset-two-factor', null) === null),
        mayChange: refusalOf(account, 'see-policy', null) === null,
      };
      show(desk, ctx, { section: 'overview', view: 'overview', data });
    },
  },
];
