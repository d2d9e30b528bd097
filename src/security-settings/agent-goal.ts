/** What people in charge do to others one at a time, each on a page of its own below the agent's. */
export const AGENT_DEEDS = ['sign-out', 'disable', 'enable', 'roles', 'reset'] as const;
export type AgentDeed = (typeof AGENT_DEEDS)[number];
/** What they do to many at once. */
export const BULK_DEEDS = ['sign-out', 'disable', 'enable', 'reset'] as const;
export type BulkDeed = (typeof BULK_DEEDS)[number];
/** People that one bulk action is done to at most; a page of the list holds as many. */
export const BULK_MOST = 50;

/** Something to be done to people of the tenant. */
export type AgentGoal =
  | { readonly kind: 'agent'; readonly deed: AgentDeed | 'page'; readonly accountId: string }
  | { readonly kind: 'agent-reset'; readonly accountId: string; readonly resetId: string }
  | { readonly kind: 'agents'; readonly deed: BulkDeed; readonly accountIds: readonly string[] }
  /** To everybody of a list. `query`: of its address. */
  | { readonly kind: 'all-agents'; readonly deed: BulkDeed; readonly query: string };

/** Ids of ours; what comes out of an address goes back into one as nothing else. */
export const ID = /^[\w-]{1,64}$/;

/** @returns the goal that a segment of an address names; null = none of these */
export function readAgentGoal(text: string): AgentGoal | null {
  const [verb = '', rest = '', resetId] = text.split('.');
  const all = BULK_DEEDS.find((deed) => verb === `all-agents-${deed}`);
  if (all && resetId === undefined && /^[\w-]{0,1400}$/.test(rest)) {
    // Written anew: what comes out of an address goes into one as values, whatever it was.
    const query = new URLSearchParams(Buffer.from(rest, 'base64url').toString()).toString();
    return { kind: 'all-agents', deed: all, query };
  }
  const ids = rest.split('~');
  if (!ids.every((id) => ID.test(id)) || ids.length > BULK_MOST) return null;
  const many = BULK_DEEDS.find((deed) => verb === `agents-${deed}`);
  if (many) return { kind: 'agents', deed: many, accountIds: ids };
  const [accountId] = ids;
  if (accountId === undefined || ids.length > 1) return null;
  if (verb === 'agent-reset' && resetId !== undefined && ID.test(resetId)) {
    return { kind: 'agent-reset', accountId, resetId };
  }
  const one =
    resetId === undefined && [...AGENT_DEEDS, 'page' as const].find((deed) => verb === `agent-${deed}`);
  return one ? { kind: 'agent', deed: one, accountId } : null;
}

export function agentSegmentOf(goal: AgentGoal): string {
  switch (goal.kind) {
    case 'agent':
      return `agent-${goal.deed}.${goal.accountId}`;
    case 'agent-reset':
      return `agent-reset.${goal.accountId}.${goal.resetId}`;
    case 'all-agents':
      return `all-agents-${goal.deed}.${Buffer.from(goal.query).toString('base64url')}`;
    case 'agents':
      return `agents-${goal.deed}.${goal.accountIds.join('~')}`;
  }
}

/** Where it is done. */
export function agentGoalPath(goal: AgentGoal): string {
  switch (goal.kind) {
    case 'agent':
      return `/admin/agents/${goal.accountId}${goal.deed === 'page' ? '' : `/${goal.deed}`}`;
    case 'agent-reset':
      return `/admin/agents/${goal.accountId}/resets/${goal.resetId}`;
    case 'all-agents':
      return `/admin/selected-agents/${goal.deed}?${goal.query}`;
    case 'agents':
      return `/admin/selected-agents/${goal.deed}?who=${goal.accountIds.join('~')}`;
  }
}

/** Where whoever does not want to prove it goes back to. */
export const agentBackPath = (goal: AgentGoal): string =>
  goal.kind === 'agents' || goal.kind === 'all-agents' ? '/admin/agents' : `/admin/agents/${goal.accountId}`;

export const isAgentGoal = <Other extends { readonly kind: string }>(
  goal: AgentGoal | Other,
): goal is AgentGoal => ['agent', 'agent-reset', 'agents', 'all-agents'].includes(goal.kind);
