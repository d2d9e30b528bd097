import type { Account, Role } from '../accounts/account.ts';
import type { Named, Roster, RosterFilter, RosterPage, RosterWish } from '../accounts/roster.ts';
import type { Import, Imports } from '../admin/imports.ts';
import type { AgentFilter, AgentList } from '../admin/agent-list.ts';
import type { createToDo, ToDo } from '../admin/to-do.ts';
import type { createTenantList } from '../admin/tenant-list.ts';
import type { Invitations, Invitee } from '../admin/invitations.ts';
import type { BulkRun, BulkRuns } from '../admin/bulk-runs.ts';
import type { createBulk, Outcome, Plan } from '../admin/bulk.ts';
import { mayGiveRoles } from '../admin/permissions.ts';
import { coverageOf, type Coverage } from '../admin/coverage.ts';
import type { createAnnouncement } from '../admin/announcement.ts';
import type { AgentWish, createExports, Export, ExportFormat } from '../admin/exports.ts';
import type { createPolicyPreview, Preview, PreviewWish } from '../admin/policy-preview.ts';
import type { createPolicySave, PolicySaved, PolicyWish } from '../admin/policy-save.ts';
import type { createSettingsDrafts } from '../admin/settings-drafts.ts';
import type { createTenantSettings, SettingsWish } from '../admin/tenant-settings.ts';
import type { createRescueCodes, GivenRescueCode, RescueWish } from '../admin/rescue-codes.ts';
import type { AuditFilter, AuditPage, AuditPlace } from '../audit/audit-search.ts';
import type { AuditRecord } from '../audit/chain.ts';
import type { Verification } from '../audit/verification.ts';
import type { Clock } from '../core/clock.ts';
import { refOf } from '../core/account-ref.ts';
import type { BulkDeed, Goal } from '../security-settings/goal.ts';
import type { Visit } from '../security-settings/visit.ts';
import type { TenantWish } from '../tenants/tenants.ts';
import type { PolicyChanges } from '../tenants/policy-schema.ts';
import { agentDeskOf, type AgentDesk, type AgentDeskPorts } from './agent-desk.ts';
import type { ConsoleDoor } from './door.ts';
import { TYPED_MS, typedPlaceOf, type Typed, type TypedFormStore } from './typed-forms.ts';

/** What people call models of security keys (`ModelBook`). */
interface ModelNames {
  readonly names: readonly string[];
  read(text: string): readonly string[];
  nameOf(model: string): string;
  show(models: readonly string[]): string[];
}

type Drafts = ReturnType<typeof createSettingsDrafts>;
type SaveSettings = ReturnType<typeof createTenantSettings>;

export interface DeskPorts extends AgentDeskPorts {
  readonly announcement: Pick<ReturnType<typeof createAnnouncement>, 'begin' | 'count'>;
  readonly logoutsWaiting: (tenantId: string) => Promise<number>;
  readonly modelBook: ModelNames;
  readonly clock: Clock;
  readonly typedForms: TypedFormStore;
  readonly roster: Roster;
  readonly accounts: AgentDeskPorts['accounts'] & {
    findByEmail(tenantId: string, email: string): Promise<Account | null>;
  };
  readonly checkAudit: (tenantId: string) => Promise<Verification>;
  readonly agentList: AgentList;
  readonly toDo: ReturnType<typeof createToDo>;
  readonly exports: ReturnType<typeof createExports>;
  readonly previewPolicy: ReturnType<typeof createPolicyPreview>;
  readonly savePolicy: ReturnType<typeof createPolicySave>;
  readonly saveSettings: SaveSettings;
  readonly settingsDrafts: Drafts;
  readonly rescueCodes: ReturnType<typeof createRescueCodes>;
  readonly invitations: Invitations;
  readonly imports: Imports;
  readonly tenantList: ReturnType<typeof createTenantList>;
  readonly bulk: ReturnType<typeof createBulk>;
  readonly bulkRuns: BulkRuns;
}

/** Why something is done to many, and by which form. */
export interface BulkHow {
  readonly reason: string | null;
  readonly once: string;
}

/**
 * Everything that a page of the console can read and do, for one tenant: that of the person who asks. No page names a
 * tenant, so none can name another's.
 */
export interface Desk {
  readonly visit: Visit;
  /** Whom the page is about, once the door has asked whether it may be; null = nobody. */
  readonly agent: Account | null;
  /** What is done with one person. */
  readonly people: AgentDesk;
  coverage(): Promise<Coverage>;
  agents(filter: RosterFilter, wish: RosterWish): Promise<RosterPage>;
  countAgents(filter: RosterFilter): Promise<number>;
  /** The filter for whoever asks by it. */
  settledAgents(filter: AgentFilter): Promise<RosterFilter>;
  teams(): Promise<string[]>;
  toDo(): Promise<ToDo>;
  /** What people are called, by account id. */
  named(accountIds: readonly string[]): Promise<ReadonlyMap<string, Named>>;
  accountIdOf(email: string): Promise<string | null>;
  /** When they last signed in, by account id. */
  lastSignIns(accountIds: readonly string[]): Promise<ReadonlyMap<string, Date>>;
  exportAgents(wish: Omit<AgentWish, 'rules'>): Promise<Export>;
  auditEvents(filter: AuditFilter, place: AuditPlace): Promise<AuditPage>;
  auditEvent(seq: number): Promise<AuditRecord | null>;
  checkAudit(): Promise<Verification>;
  exportAudit(filter: AuditFilter, format: ExportFormat): Promise<Export>;
  previewPolicy(changes: PolicyChanges, wish: PreviewWish): Promise<Preview>;
  savePolicy(wish: Omit<PolicyWish, 'tenantId'>): Promise<PolicySaved>;
  /** How the company's pages look; drafts of whoever asks alone. */
  readonly settings: {
    save(wish: Omit<SettingsWish, 'tenantId'>): ReturnType<SaveSettings>;
    /** @returns the id of the draft */
    keep(draft: Parameters<Drafts['keep']>[1]): Promise<string>;
    draft(draftId: string): ReturnType<Drafts['find']>;
  };
  rescueOutlook(agent: Account): ReturnType<DeskPorts['rescueCodes']['outlook']>;
  giveRescueCode(agent: Account, wish: RescueWish): Promise<GivenRescueCode>;
  /** Apps that are still to be told of a sign-out. */
  logoutsWaiting(): Promise<number>;
  /** People that a mail about the policy is for: those without a method. */
  countToAnnounce(): Promise<number>;
  /** @returns how many people it is for */
  announce(from: Date | null): Promise<number>;
  /** What people in use hold, by how many of them. */
  kinds(): ReturnType<Roster['countByKinds']>;
  readonly models: ModelNames;
  now(): Date;
  invite(invitee: Invitee): Promise<Account>;
  invitationOf(agent: Account): ReturnType<Invitations['standing']>;
  sendInvitationAgain(agent: Account): Promise<Account>;
  withdrawInvitation(agent: Account): Promise<void>;
  /** Lists of people to invite, of whoever asks alone. */
  previewImport(text: string): ReturnType<Imports['preview']>;
  /** @throws DomainError not_found */
  importOf(importId: string): Promise<Import>;
  /** @throws DomainError not_found */
  startImport(importId: string): Promise<void>;
  /** How all tenants stand: the one thing here that is not about the own one. @throws DomainError forbidden */
  tenants(wish: TenantWish): ReturnType<DeskPorts['tenantList']>;
  runningImport(): Promise<Import | null>;
  /** Whom of those who were ticked something is done to, and to whom not. */
  planBulk(deed: BulkDeed, accountIds: readonly string[]): Promise<Plan>;
  /** The same for everybody of a list. @returns null when it is too long */
  planList(deed: BulkDeed, filter: AgentFilter): Promise<Plan | null>;
  runBulk(deed: BulkDeed, plan: Plan, how: BulkHow): Promise<Outcome[]>;
  /** Begins it, to go on behind the request. */
  beginBulk(deed: BulkDeed, plan: Plan, how: BulkHow): Promise<BulkRun>;
  /** Of one's own. @throws DomainError not_found */
  bulkReport(runId: string): ReturnType<BulkRuns['report']>;
  isFresh(goal: Goal): Promise<boolean>;
  /** What was typed before the proof of this goal ran out. */
  typed(goal: Goal): Promise<Typed | null>;
  keepTyped(goal: Goal, typed: Typed): Promise<void>;
  forgetTyped(goal: Goal): Promise<void>;
}

export function deskOf(
  ports: DeskPorts,
  door: Pick<ConsoleDoor, 'isFresh' | 'check' | 'countChange'>,
  visit: Visit,
): Desk {
  const { account, tenant, by } = visit;
  const { tenantId } = account;
  const occasion = { editor: { kind: 'person', who: refOf(account) }, ...by } as const;
  const people = agentDeskOf(ports, door, visit);
  const inviteBy = { tenantId, occasion, mayGive: (roles: readonly Role[]) => mayGiveRoles(account, roles) };
  const bulkBy = { tenantId, occasion, refusal: people.refusal, countChange: () => door.countChange(visit) };
  return {
    visit,
    agent: null,
    people,
    coverage: async () => coverageOf(tenant.policy, await ports.roster.countByKinds(tenantId)),
    agents: (filter, wish) => ports.roster.page(tenantId, filter, wish),
    countAgents: (filter) => ports.roster.count(tenantId, filter),
    settledAgents: (filter) => ports.agentList.settle(tenantId, filter, tenant.policy),
    teams: () => ports.roster.teams(tenantId),
    toDo: () => ports.toDo(tenantId, tenant.policy),
    named: (accountIds) => ports.roster.named(tenantId, accountIds),
    accountIdOf: async (email) => (await ports.accounts.findByEmail(tenantId, email))?.accountId ?? null,
    lastSignIns: (accountIds) => ports.search.lastOf(tenantId, 'sign_in_completed', accountIds),
    exportAgents: (wish) => ports.exports.agents(tenantId, { ...wish, rules: tenant.policy }, occasion),
    auditEvents: (filter, place) => ports.search.list(tenantId, filter, place),
    auditEvent: (seq) => ports.search.find(tenantId, seq),
    checkAudit: () => ports.checkAudit(tenantId),
    exportAudit: (filter, format) => ports.exports.auditEvents(tenantId, filter, format, occasion),
    previewPolicy: (changes, wish) => ports.previewPolicy(tenantId, changes, wish),
    savePolicy: (wish) => ports.savePolicy({ ...wish, tenantId }, occasion),
    invite: (invitee) => ports.invitations.invite(tenantId, invitee, { ...inviteBy, once: null }),
    invitationOf: (agent) => ports.invitations.standing(agent),
    sendInvitationAgain: (agent) => ports.invitations.sendAgain(agent, occasion),
    withdrawInvitation: (agent) => ports.invitations.withdraw(agent, occasion),
    previewImport: (text) => ports.imports.preview(inviteBy, text),
    importOf: (importId) => ports.imports.find(inviteBy, importId),
    startImport: (importId) => ports.imports.start(inviteBy, importId),
    runningImport: () => ports.imports.findRunning(account),
    settings: {
      save: (wish) => ports.saveSettings({ ...wish, tenantId }, occasion),
      keep: (draft) => ports.settingsDrafts.keep(account, draft),
      draft: (draftId) => ports.settingsDrafts.find(account, draftId),
    },
    rescueOutlook: (agent) => ports.rescueCodes.outlook(account, agent, tenant.policy),
    giveRescueCode: (agent, wish) => ports.rescueCodes.give(agent, wish, occasion),
    logoutsWaiting: () => ports.logoutsWaiting(tenantId),
    countToAnnounce: () => ports.announcement.count(tenantId),
    announce: (from) => ports.announcement.begin(tenantId, from, occasion),
    kinds: () => ports.roster.countByKinds(tenantId),
    models: ports.modelBook,
    now: ports.clock,
    async tenants(wish) {
      // Asked again beside the page's own check: nothing else keeps one tenant's numbers from another.
      await door.check(visit, 'see-tenants');
      return ports.tenantList(wish);
    },
    planBulk: (deed, accountIds) => ports.bulk.plan(bulkBy, deed, accountIds),
    planList: async (deed, filter) =>
      ports.bulk.planAll(bulkBy, deed, await ports.agentList.settle(tenantId, filter, tenant.policy)),
    runBulk: (deed, plan, how) => ports.bulk.carryOut({ ...bulkBy, ...how }, deed, plan),
    beginBulk: (deed, { go }, how) => ports.bulkRuns.begin(account, { deed, go, ...how }, by),
    bulkReport: (runId) => ports.bulkRuns.report(account, runId),
    isFresh: (goal) => door.isFresh(visit, goal),
    typed: (goal) => ports.typedForms.find(typedPlaceOf(visit, goal), ports.clock()),
    keepTyped: (goal, typed) =>
      ports.typedForms.put(typedPlaceOf(visit, goal), typed, new Date(ports.clock().getTime() + TYPED_MS)),
    forgetTyped: (goal) => ports.typedForms.remove(typedPlaceOf(visit, goal)),
  };
}
