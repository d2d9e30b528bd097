import type { Kinds } from '../accounts/kinds.ts';
import type { Policy } from '../tenants/tenant.ts';
import { hasOneMethod, type AgentList } from './agent-list.ts';

/** How many people in use should be looked after, and why. */
export interface ToDo {
  readonly oneMethod: number;
  readonly codesLow: number;
  readonly resets: number;
}

export interface ToDoPorts {
  readonly roster: { countByKinds(tenantId: string): Promise<ReadonlyMap<Kinds, number>> };
  readonly list: Pick<AgentList, 'count'>;
}

/** Counts what the overview wants done; each number is that of a list (`AgentFilter.care`). */
export function createToDo({ roster, list }: ToDoPorts) {
  return async function toDo(tenantId: string, policy: Policy): Promise<ToDo> {
    const [counts, codesLow, resets] = await Promise.all([
      roster.countByKinds(tenantId),
      list.count(tenantId, { care: 'codes-low' }, policy),
      list.count(tenantId, { care: 'reset' }, policy),
    ]);
    const alone = [...counts].filter(([kinds]) => hasOneMethod(policy)(kinds));
    return { oneMethod: alone.reduce((sum, [, count]) => sum + count, 0), codesLow, resets };
  };
}
