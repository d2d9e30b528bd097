import { z } from 'zod';
import { countText } from './coverage-view.ts';
import { show, type ConsolePage } from './page.ts';

/** Rows of one page. */
const PAGE = 50;
const HERE = '/admin/tenants';

const after = z.string().min(1).max(63).nullable().catch(null);

/** Every tenant of the installation, by its short name. Whoever runs it acts in their own alone. */
export const tenantPages: readonly ConsolePage[] = [
  {
    method: 'get',
    path: '/tenants',
    action: 'see-tenants',
    async run(desk, ctx) {
      const from = after.parse(ctx.query.after ?? null);
      const { tenants, next } = await desk.tenants({ after: from, limit: PAGE });
      const own = desk.visit.tenant.tenantId;
      show(desk, ctx, {
        section: 'tenants',
        view: 'tenants',
        data: {
          tenants: tenants.map(({ tenantId, name, secondFactor, coverage }) => ({
            ...{ tenantId, name, secondFactor },
            own: tenantId === own,
            agents: countText(coverage.total),
            withKey: countText(coverage.withKey),
            withAppOnly: countText(coverage.withAppOnly),
            withoutMethod: countText(coverage.withoutMethod),
          })),
          firstHref: from === null ? null : HERE,
          nextHref: next === null ? null : `${HERE}?${new URLSearchParams({ after: next }).toString()}`,
        },
      });
    },
  },
];
