import { factorOf } from '../core/factors.ts';
import type { MethodId } from '../core/method-ids.ts';
import {
  agentBackPath,
  agentGoalPath,
  agentSegmentOf,
  isAgentGoal,
  readAgentGoal,
  type AgentGoal,
} from './agent-goal.ts';

/**
 * What somebody is about to do to their own sign-in, or to that of others. Each wants a fresh proof (rule fresh-proof).
 */
export type Goal =
  | AgentGoal
  /** To change what the tenant asks of everybody. `query` of the page's address: what is about to be changed. */
  | { readonly kind: 'policy'; readonly page: PolicyPage; readonly query: string }
  /** To give somebody a code that stands in for their second factor. */
  | { readonly kind: 'rescue-code'; readonly accountId: string }
  /** To change how the company's pages look. `draftId`: what is about to be saved. */
  | { readonly kind: 'tenant-settings'; readonly draftId: string }
  /** To invite one person, or many. */
  | { readonly kind: 'invite' | 'invite-many' }
  /** To invite the people of a list that was read. */
  | { readonly kind: 'import'; readonly importId: string }
  /** To mail an invitation again, or to withdraw it. */
  | { readonly kind: 'invitation'; readonly accountId: string }
  | { readonly kind: 'set-up' | 'turn-off' | 'codes' | 'sessions' | 'password' | 'not-me' }
  /** `methodId`: as the account lists it. */
  | { readonly kind: 'remove' | 'rename'; readonly methodId: string };

/** Pages of the console that change a policy, below `/admin/policy`. */
const POLICY_PAGES = ['review', 'methods', 'email'] as const;
export type PolicyPage = (typeof POLICY_PAGES)[number];

/** How it was proved that it is them. */
export type ProofMethod = MethodId | 'password';

const IN_CONSOLE = { invite: '/admin/agents/invite', 'invite-many': '/admin/agents/import' } as const;
const PLAIN = [
  'set-up',
  'turn-off',
  'codes',
  'sessions',
  'password',
  'not-me',
  'invite',
  'invite-many',
] as const;
const ABOUT_A_METHOD = ['remove', 'rename'] as const;

/** The query is written anew: what comes out of an address goes into one as values, whatever it was. */
function readPolicyGoal(text: string): Goal | null {
  const [, name, encoded = ''] = /^policy-([a-z]+)\.([\w-]{0,800})$/.exec(text) ?? [];
  const page = POLICY_PAGES.find((one) => one === name);
  if (!page) return null;
  const query = new URLSearchParams(Buffer.from(encoded, 'base64url').toString()).toString();
  return { kind: 'policy', page, query };
}

/** @returns the goal that a segment of an address names; null = none, it is anybody's to write */
export function readGoal(text: string | undefined): Goal | null {
  const plain = PLAIN.find((kind) => kind === text);
  if (plain) return { kind: plain };
  const policy = readPolicyGoal(text ?? '');
  if (policy) return policy;
  const agents = readAgentGoal(text ?? '');
  if (agents) return agents;
  const [, verb, methodId] = /^([a-z-]+)\.([\w-]{1,64})$/.exec(text ?? '') ?? [];
  if (verb === 'rescue-code' && methodId !== undefined) return { kind: verb, accountId: methodId };
  if (verb === 'import' && methodId !== undefined) return { kind: verb, importId: methodId };
  if (verb === 'invitation' && methodId !== undefined) return { kind: verb, accountId: methodId };
  if (verb === 'tenant-settings' && methodId !== undefined) return { kind: verb, draftId: methodId };
  const kind = ABOUT_A_METHOD.find((one) => one === verb);
  return kind && methodId !== undefined ? { kind, methodId } : null;
}

function segmentOf(goal: Goal): string {
  if (isAgentGoal(goal)) return agentSegmentOf(goal);
  if (goal.kind === 'policy') return `policy-${goal.page}.${Buffer.from(goal.query).toString('base64url')}`;
  if (goal.kind === 'rescue-code') return `rescue-code.${goal.accountId}`;
  if (goal.kind === 'import') return `import.${goal.importId}`;
  if (goal.kind === 'invitation') return `invitation.${goal.accountId}`;
  if (goal.kind === 'tenant-settings') return `tenant-settings.${goal.draftId}`;
  return 'methodId' in goal ? `${goal.kind}.${goal.methodId}` : goal.kind;
}

/** Where it is done. */
export function goalPath(goal: Goal): string {
  if (isAgentGoal(goal)) return agentGoalPath(goal);
  if (goal.kind === 'policy') {
    return `/admin/policy/${goal.page}${goal.query === '' ? '' : `?${goal.query}`}`;
  }
  if (goal.kind === 'rescue-code') return `/admin/agents/${goal.accountId}/rescue-code`;
  if (goal.kind === 'invite' || goal.kind === 'invite-many') return IN_CONSOLE[goal.kind];
  if (goal.kind === 'import') return `/admin/agents/import/${goal.importId}`;
  if (goal.kind === 'invitation') return `/admin/agents/${goal.accountId}/invitation`;
  if (goal.kind === 'tenant-settings') return `/admin/settings/drafts/${goal.draftId}`;
  return 'methodId' in goal
    ? `/account/security/methods/${goal.methodId}/${goal.kind}`
    : `/account/security/${goal.kind}`;
}

/** Where whoever does not want to prove it goes back to. */
export function backPath(goal: Goal): string {
  if (isAgentGoal(goal)) return agentBackPath(goal);
  const { kind } = goal;
  if (kind === 'rescue-code' || kind === 'invitation') return `/admin/agents/${goal.accountId}`;
  if (kind === 'tenant-settings') return goalPath(goal);
  if (kind in IN_CONSOLE || kind === 'import') return '/admin/agents';
  return kind === 'policy' ? '/admin/policy' : '/account/security';
}

/** Whether it is done to others, on a page of the console. */
export const isAboutOthers = (goal: Goal): boolean => goalPath(goal).startsWith('/admin/');

/** Where it is proved first. */
export const confirmPath = (goal: Goal): string => `/account/confirm/${segmentOf(goal)}`;

/**
 * What a recovery code is for: to get rid of what was lost, and to set up again, a new list after the last one
 * included; and to say that somebody else acts in one's name.
 */
const REMEDIES: readonly Goal['kind'][] = ['set-up', 'remove', 'codes', 'not-me'];
/**
 * What people without a second factor can do: set one up, sign out elsewhere, report what they did not do. To change
 * the password they prove it on that very page.
 */
const WITH_PASSWORD: readonly Goal['kind'][] = ['set-up', 'sessions', 'not-me'];

/** Whether a proof by `method` opens `goal`. What no list names opens nothing. */
export function opens(method: ProofMethod, { kind }: Goal): boolean {
  if (method === 'password') return WITH_PASSWORD.includes(kind);
  switch (factorOf(method)?.opens) {
    case 'changes':
      return true;
    case 'remedies':
      return REMEDIES.includes(kind);
    case 'nothing':
    case undefined:
      return false;
  }
}
