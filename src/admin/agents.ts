import type { Account, Role } from '../accounts/account.ts';
import type { AccountChanges } from '../accounts/accounts.ts';
import type { Audit } from '../audit/audit.ts';
import type { AuditEvent } from '../audit/events.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { epochSeconds, type Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { losesAdmin, type createLastAdmin } from './last-admin.ts';
import type { Occasion } from './policy-save.ts';

/** What those in charge may change of somebody; absent = stays. Permissions are asked before. */
export interface AgentChanges {
  readonly name?: string | undefined;
  readonly roles?: readonly Role[] | undefined;
  readonly team?: string | null | undefined;
  readonly state?: 'active' | 'disabled' | undefined;
}

export interface AgentsPorts {
  readonly accounts: { save(account: Account, changes: AccountChanges): Promise<Account | null> };
  /** Ends what does not count any more, and has its apps told. */
  readonly endAll: (who: AccountRef) => Promise<void>;
  readonly lastAdmin: ReturnType<typeof createLastAdmin>;
  readonly audit: Audit;
  readonly clock: Clock;
}

/** What people in charge do to the account of somebody. Each is one conditional write, told of before. */
export function createAgents({ accounts, endAll, lastAdmin, audit, clock }: AgentsPorts) {
  async function commit(
    account: Account,
    changes: AccountChanges,
    events: readonly AuditEvent[],
    { editor, reference, source }: Occasion,
  ): Promise<Account> {
    const { tenantId, accountId } = account;
    const before = {
      name: account.name,
      roles: account.roles,
      team: account.team ?? null,
      state: account.state,
    };
    const { name, roles, team, state } = { ...before, ...changes };
    const entry = {
      tenantId,
      actor: editor.kind === 'person' ? editor.who : null,
      subject: { tenantId, accountId },
      result: 'ok',
      reference,
      source,
      details: {
        ...(editor.kind === 'client' ? { client: editor.clientId } : {}),
        // Names are of people, and stay out of the log.
        before: { roles: before.roles, team: before.team, state: before.state },
        after: { roles, team, state },
        renamed: name !== before.name,
      },
    } as const;
    for (const event of events) await audit.record({ ...entry, event });
    const saved = await accounts.save(account, changes);
    if (saved) return saved;
    for (const event of events)
      await audit.record({ ...entry, event, result: 'refused', reason: 'changed_meanwhile' });
    throw new DomainError('changed_meanwhile');
  }

  /** From now on nothing counts that was signed in before. */
  const endNow = (account: Account) => ({
    validFrom: Math.max(account.validFrom, epochSeconds(clock())),
    keptSessionUid: null,
  });

  return {
    /** @throws DomainError changed_meanwhile */
    async signOut(account: Account, occasion: Occasion): Promise<Account> {
      const saved = await commit(account, endNow(account), ['agent_signed_out'], occasion);
      await endAll(account);
      return saved;
    },

    /**
     * Who is disabled is signed out at once, and stays so when enabled again.
     * @throws DomainError changed_meanwhile; refused (`last_admin`) when nobody would be left to look after the tenant
     */
    async change(account: Account, wish: AgentChanges, occasion: Occasion): Promise<Account> {
      const { name = account.name, roles = account.roles, team = account.team ?? null } = wish;
      // Without a password they were invited, and still are.
      const enabled = account.password === null ? 'invited' : 'active';
      const state = wish.state === undefined ? account.state : wish.state === 'active' ? enabled : 'disabled';
      const sameRoles = [...roles].sort().join() === [...account.roles].sort().join();
      const turned = state !== account.state;
      const events: AuditEvent[] = [
        ...(turned ? [state === 'disabled' ? ('agent_disabled' as const) : ('agent_enabled' as const)] : []),
        ...(sameRoles ? [] : ['roles_changed' as const]),
        ...(name === account.name && team === (account.team ?? null) ? [] : ['agent_changed' as const]),
      ];
      if (events.length === 0) return account;
      const ends = turned && state === 'disabled';
      if (losesAdmin(account, { roles, state })) await lastAdmin.announce(account);
      const changes = {
        name,
        roles: [...roles],
        team,
        state,
        ...(ends ? { ...endNow(account), invitation: null } : {}),
      };
      const saved = await commit(account, changes, events, occasion);
      if (ends) await endAll(account);
      return saved;
    },
  };
}
