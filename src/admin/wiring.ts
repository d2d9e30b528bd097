import type { Logger } from 'pino';
import type { AccountCommit } from '../accounts/commit.ts';
import { createAnnouncement } from './announcement.ts';
import { createAgentList } from './agent-list.ts';
import { createAgents } from './agents.ts';
import { createAgentSessions } from './agent-sessions.ts';
import { createBulk } from './bulk.ts';
import { createBulkRuns } from './bulk-runs.ts';
import { createCleanUp } from './clean-up.ts';
import { createExports } from './exports.ts';
import { createImports } from './imports.ts';
import { createInvitations } from './invitations.ts';
import { createInviters } from './inviters.ts';
import { createLastAdmin } from './last-admin.ts';
import { createPolicyPreview } from './policy-preview.ts';
import { createPolicySave } from './policy-save.ts';
import { createRescueCodes } from './rescue-codes.ts';
import { createResetAsker } from './reset-asker.ts';
import { createResets } from './resets.ts';
import { createSettingsDrafts } from './settings-drafts.ts';
import { createToDo } from './to-do.ts';
import { createTenantList } from './tenant-list.ts';
import { createTenantSettings } from './tenant-settings.ts';
import { sharedCheck } from '../audit/shared-check.ts';
import { accountKey, type AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { systemRandom } from '../core/random.ts';
import { machineScopesOf } from '../provider/clients.ts';
import { createPresence } from '../provider/presence.ts';
import type { OwedLogout } from '../provider/provider.ts';
import type { LivePlaces } from '../security-settings/live-places.ts';
import type { SignOuts } from '../sign-outs.ts';
import type { Stores } from '../stores.ts';
import { createTenantCommit } from '../tenants/commit.ts';

export interface AdminInput {
  readonly stores: Stores;
  readonly commit: AccountCommit;
  /** Where somebody is signed in. */
  readonly livePlaces: LivePlaces;
  readonly signOuts: Pick<SignOuts, 'end' | 'endAll' | 'tidyLater'>;
  /** Has an app told that somebody is signed out. */
  readonly owe: (logout: OwedLogout) => Promise<void>;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'error'>;
}

export type Admin = ReturnType<typeof createAdmin>;

/** How often it is looked for a policy that a process saved and then died; milliseconds. */
const FOLLOW_MS = 30_000;

/** Wires what people in charge do: the same functions behind the console and the API. */
export function createAdmin({ stores, commit, livePlaces, signOuts, owe, clock, log }: AdminInput) {
  const { accounts, tenants, roster, clients, operations } = stores;
  const { audit, outbox, metrics } = operations;
  const commitTenant = createTenantCommit({ tenants, audit });
  const presence = createPresence({
    held: stores.held,
    store: stores.provider,
    owe: async (logouts) => void (await Promise.all(logouts.map(owe))),
    clock,
  });
  const lastAdmin = createLastAdmin({
    store: stores.adminWatch,
    admins: (tenantId) => roster.holders(tenantId, ['admin', 'operator']),
    clock,
  });
  const cleanUp = createCleanUp({ tenants, roster, presence, outbox, audit, clock });
  const follow = () =>
    cleanUp.follow().catch((err: unknown) => log.error({ err }, 'the clean-up after a policy has to wait'));
  let timer: NodeJS.Timeout | null = null;
  let following: Promise<void> = Promise.resolve();

  const invitations = createInvitations({
    accounts,
    commit,
    links: stores.mailLinks,
    attempts: stores.attempts,
    notifications: operations.notifications,
    clock,
    random: systemRandom,
  });

  const waitingForReset = (tenantId: string) => stores.resets.waiting(tenantId, clock());
  const list = createAgentList({
    roster,
    presence,
    waitingForReset,
  });
  const agents = createAgents({ commit, lastAdmin });

  const resets = createResets({
    store: stores.resets,
    accounts,
    commit,
    tenants,
    async makeRoom(who) {
      const room = await stores.attempts.reserve('reset-asked', accountKey(who));
      if (room.ok) return;
      const { retryAfterSeconds } = room;
      throw new DomainError('too_many_attempts', { retryAfterSeconds, detail: 'resets' });
    },
    mayStill: createResetAsker({
      accounts,
      async machineScopes(tenantId, clientId) {
        const client = await clients.find(clientId);
        return client?.tenantId === tenantId ? machineScopesOf(client) : null;
      },
    }),
    outbox,
    async tellAsked({ resetId, linkSecret, effectiveAt, ...who }) {
      const cancelPath = `/two-factor-reset/${resetId}.${linkSecret}`;
      const mail = { kind: 'reset-asked', effectiveAt, cancelPath, at: clock(), device: null } as const;
      await operations.notifications.notify(who, mail, `reset-asked:${resetId}`);
    },
    audit,
    clock,
  });
  const bulk = createBulk({ accounts, agents, resets, waitingForReset, roster });

  /** One change more of somebody in charge (rule budgets). @throws DomainError too_many_attempts */
  async function countChange(who: AccountRef): Promise<void> {
    const change = await stores.attempts.reserve('admin', accountKey(who));
    if (change.ok) return;
    const { retryAfterSeconds } = change;
    throw new DomainError('too_many_attempts', { retryAfterSeconds, detail: 'changes' });
  }

  return {
    countChange,
    presence,
    cleanUp,
    agents,
    bulk,
    bulkRuns: createBulkRuns({
      ...{ store: stores.bulkRuns, accounts, bulk, countChange, outbox, clock },
      tidyLater: signOuts.tidyLater,
    }),
    agentList: list,
    toDo: createToDo({ roster, list }),
    exports: createExports({ search: operations.search, roster, list, audit }),
    checkAudit: sharedCheck(operations.checks.verify),
    agentSessions: createAgentSessions({ live: livePlaces, tenants, end: signOuts.end, audit }),
    invitations,
    tenantList: createTenantList({ tenants, roster }),
    imports: createImports({
      store: stores.imports,
      inviterOf: createInviters({ accounts, clients }),
      roster,
      invitations,
      outbox,
      clock,
      random: systemRandom,
    }),
    resets,
    rescueCodes: createRescueCodes({
      accounts,
      commit,
      tenants,
      codes: stores.rescues,
      clock,
    }),
    announcement: createAnnouncement({
      tenants,
      roster,
      outbox,
      tell: (who, from, once) =>
        operations.notifications.notify(who, { kind: 'policy-announced', from }, once),
      audit,
      clock,
    }),
    /** Apps of a tenant that are still to be told of a sign-out. */
    logoutsWaiting: (tenantId: string) => operations.outboxAdmin.countWaiting(tenantId, 'logout-token'),
    modelBook: stores.modelBook,
    clock,
    previewPolicy: createPolicyPreview({
      tenants,
      roster,
      presence,
      listens: async (clientId) =>
        (await clients.find(clientId))?.metadata.backchannel_logout_uri !== undefined,
      clock,
    }),
    savePolicy: createPolicySave({
      tenants,
      commit: commitTenant,
      accounts,
      roster,
      followUp: follow,
      enforced: (signedOut) => metrics.enforced(signedOut),
      clock,
    }),

    saveSettings: createTenantSettings({ tenants, commit: commitTenant, logos: stores.logos }),
    settingsDrafts: createSettingsDrafts({ store: stores.settingsDrafts, clock, random: systemRandom }),

    /** Takes up what was left undone, by this process or another one. */
    start(): void {
      following = follow();
      timer = setInterval(() => void (following = follow()), FOLLOW_MS).unref();
    },

    async stop(): Promise<void> {
      if (timer) clearInterval(timer);
      await following;
    },
  };
}
