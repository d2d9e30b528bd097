import { factorOf } from '../core/factors.ts';
import type { MethodId } from '../core/method-ids.ts';

/** What people in charge do to others one at a time, each on a page of its own below the agent's. */
export const AGENT_DEEDS = ['sign-out', 'disable', 'enable', 'roles', 'reset'] as const;
export type AgentDeed = (typeof AGENT_DEEDS)[number];
/** What they do to many at once. */
export const BULK_DEEDS = ['sign-out', 'disable', 'enable', 'reset'] as const;
export type BulkDeed = (typeof BULK_DEEDS)[number];
/** People that one bulk action is done to at most; a page of the list holds as many. */
export const BULK_MOST = 50;
/** Pages of the console that change a policy, below `/admin/policy`. */
const POLICY_PAGES = ['review', 'methods', 'email'] as const;
export type PolicyPage = (typeof POLICY_PAGES)[number];

/** How it was proved that it is them. */
export type ProofMethod = MethodId | 'password';

type Nothing = Readonly<Record<never, never>>;

/** What each goal is about. */
interface About {
  'set-up': Nothing;
  'turn-off': Nothing;
  codes: Nothing;
  sessions: Nothing;
  password: Nothing;
  'not-me': Nothing;
  /** `methodId`: as the account lists it. */
  remove: { readonly methodId: string };
  rename: { readonly methodId: string };
  /** Something done to one person of the tenant; `page` = on their own page of the console. */
  agent: { readonly deed: AgentDeed | 'page'; readonly accountId: string };
  'agent-reset': { readonly accountId: string; readonly resetId: string };
  agents: { readonly deed: BulkDeed; readonly accountIds: readonly string[] };
  /** To everybody of a list. `query`: of its address. */
  'all-agents': { readonly deed: BulkDeed; readonly query: string };
  /** To give somebody a code that stands in for their second factor. */
  'rescue-code': { readonly accountId: string };
  /** To invite one person, or many. */
  invite: Nothing;
  'invite-many': Nothing;
  /** To invite the people of a list that was read. */
  import: { readonly importId: string };
  /** To mail an invitation again, or to withdraw it. */
  invitation: { readonly accountId: string };
  /** To change what the tenant asks of everybody. `query` of the page's address: what is about to be changed. */
  policy: { readonly page: PolicyPage; readonly query: string };
  /** To change how the company's pages look. `draftId`: what is about to be saved. */
  'tenant-settings': { readonly draftId: string };
}

/**
 * What somebody is about to do to their own sign-in, or to that of others. Each wants a fresh proof (rule fresh-proof).
 */
export type Goal = { readonly [Kind in keyof About]: { readonly kind: Kind } & About[Kind] }[keyof About];

/** How a value stands in an address; what comes out of one is anybody's to write. */
interface Field<Value> {
  /** @returns null when it is none of ours */
  read(text: string): Value | null;
  write(value: Value): string;
}

/** Ids of ours; what comes out of an address goes back into one as nothing else. */
export const ID = /^[\w-]{1,64}$/;
const id: Field<string> = { read: (text) => (ID.test(text) ? text : null), write: (value) => value };
const ids: Field<readonly string[]> = {
  read(text) {
    const all = text.split('~');
    return all.every((one) => ID.test(one)) && all.length <= BULK_MOST ? all : null;
  },
  write: (values) => values.join('~'),
};
const oneOf = <Value extends string>(values: readonly Value[]): Field<Value> => ({
  read: (text) => values.find((value) => value === text) ?? null,
  write: (value) => value,
});
/** Of an address. Written anew when it is read: what comes out goes into an address as values, whatever it was. */
const query = (longest: number): Field<string> => ({
  read: (text) =>
    /^[\w-]*$/.test(text) && text.length <= longest
      ? new URLSearchParams(Buffer.from(text, 'base64url').toString()).toString()
      : null,
  write: (value) => Buffer.from(value).toString('base64url'),
});

interface Shape<Facts> {
  readonly fields: { readonly [Name in keyof Facts]: Field<Facts[Name]> };
  /** Where it is done. */
  readonly path: (facts: Facts) => string;
  /** Where whoever does not want to prove it goes back to. */
  readonly back: (facts: Facts) => string;
}

const agentPath = ({ accountId }: { readonly accountId: string }) => `/admin/agents/${accountId}`;
const toAgents = () => '/admin/agents';
const toSettings = () => '/account/security';
const own = (page: string): Shape<Nothing> => ({
  fields: {},
  path: () => `/account/security/${page}`,
  back: toSettings,
});
const ofMethod = (page: string): Shape<About['remove']> => ({
  fields: { methodId: id },
  path: ({ methodId }) => `/account/security/methods/${methodId}/${page}`,
  back: toSettings,
});
const draftPath = ({ draftId }: About['tenant-settings']) => `/admin/settings/drafts/${draftId}`;

/** Every goal: how it stands in an address, where it is done, and the way back. */
const SHAPES: { readonly [Kind in keyof About]: Shape<About[Kind]> } = {
  'set-up': own('set-up'),
  'turn-off': own('turn-off'),
  codes: own('codes'),
  sessions: own('sessions'),
  password: own('password'),
  'not-me': own('not-me'),
  remove: ofMethod('remove'),
  rename: ofMethod('rename'),
  agent: {
    fields: { deed: oneOf([...AGENT_DEEDS, 'page']), accountId: id },
    path: ({ deed, accountId }) => `${agentPath({ accountId })}${deed === 'page' ? '' : `/${deed}`}`,
    back: agentPath,
  },
  'agent-reset': {
    fields: { accountId: id, resetId: id },
    path: ({ accountId, resetId }) => `${agentPath({ accountId })}/resets/${resetId}`,
    back: agentPath,
  },
  agents: {
    fields: { deed: oneOf(BULK_DEEDS), accountIds: ids },
    path: ({ deed, accountIds }) => `/admin/selected-agents/${deed}?who=${accountIds.join('~')}`,
    back: toAgents,
  },
  'all-agents': {
    fields: { deed: oneOf(BULK_DEEDS), query: query(1400) },
    path: ({ deed, query }) => `/admin/selected-agents/${deed}?${query}`,
    back: toAgents,
  },
  'rescue-code': {
    fields: { accountId: id },
    path: (facts) => `${agentPath(facts)}/rescue-code`,
    back: agentPath,
  },
  invite: { fields: {}, path: () => '/admin/agents/invite', back: toAgents },
  'invite-many': { fields: {}, path: () => '/admin/agents/import', back: toAgents },
  import: {
    fields: { importId: id },
    path: ({ importId }) => `/admin/agents/import/${importId}`,
    back: toAgents,
  },
  invitation: {
    fields: { accountId: id },
    path: (facts) => `${agentPath(facts)}/invitation`,
    back: agentPath,
  },
  policy: {
    fields: { page: oneOf(POLICY_PAGES), query: query(800) },
    path: ({ page, query }) => `/admin/policy/${page}${query === '' ? '' : `?${query}`}`,
    back: () => '/admin/policy',
  },
  'tenant-settings': { fields: { draftId: id }, path: draftPath, back: draftPath },
};

type AnyShape = Shape<Readonly<Record<string, unknown>>>;
// The kind says which shape it is; the compiler does not follow that.
const shapeOf = (kind: string) =>
  Object.hasOwn(SHAPES, kind) ? (SHAPES[kind as Goal['kind']] as AnyShape) : null;

/** @returns the goal that a segment of an address names; null = none, it is anybody's to write */
export function readGoal(text: string | undefined): Goal | null {
  const [kind = '', ...texts] = (text ?? '').split('.');
  const fields = Object.entries(shapeOf(kind)?.fields ?? {});
  if (!shapeOf(kind) || texts.length !== fields.length) return null;
  const facts = fields.map(([name, field], at) => [name, field.read(texts[at] ?? '')] as const);
  if (facts.some(([, value]) => value === null)) return null;
  return { kind, ...Object.fromEntries(facts) } as Goal;
}

function segmentOf(goal: Goal): string {
  const facts: Readonly<Record<string, unknown>> = goal;
  const fields = Object.entries(shapeOf(goal.kind)?.fields ?? {});
  return [goal.kind, ...fields.map(([name, field]) => field.write(facts[name]))].join('.');
}

/** Where it is done. */
export const goalPath = (goal: Goal): string => (SHAPES[goal.kind] as AnyShape).path(goal);

/** Where whoever does not want to prove it goes back to. */
export const backPath = (goal: Goal): string => (SHAPES[goal.kind] as AnyShape).back(goal);

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
