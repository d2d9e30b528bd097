import type { Account, Role } from '../accounts/account.ts';
import type { AccountChanges } from '../accounts/accounts.ts';
import type { AccountCommit } from '../accounts/commit.ts';
import type { AuditEvent } from '../audit/events.ts';
import { DomainError } from '../core/errors.ts';
import { losesAdmin, type createLastAdmin } from './last-admin.ts';
import type { Occasion } from './occasion.ts';

/** What those in charge may change of somebody; absent = stays. Permissions are asked before. */
export interface AgentChanges {
  readonly name?: string | undefined;
  readonly roles?: readonly Role[] | undefined;
  readonly team?: string | null | undefined;
  readonly state?: 'active' | 'disabled' | undefined;
}

export interface AgentsPorts {
  readonly commit: AccountCommit;
  readonly lastAdmin: ReturnType<typeof createLastAdmin>;
}

interface Deed {
  readonly changes: AccountChanges;
  readonly events: readonly AuditEvent[];
  /** Why it signs them out of everything; null = it does not. */
  readonly ends: string | null;
}

/** What people in charge do to the account of somebody. Each is one conditional write. */
export function createAgents({ commit, lastAdmin }: AgentsPorts) {
  /** @throws DomainError changed_meanwhile */
  async function make(
    account: Account,
    { changes, events, ends }: Deed,
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
    const saved = await commit({
      who: account,
      entries: events.map((event) => ({ ...entry, event })),
      ends: ends === null ? null : { reason: ends, keptUid: null },
      write: ({ save }) => save(account, changes),
    });
    if (!saved) throw new DomainError('changed_meanwhile');
    return saved;
  }

  return {
    /** @throws DomainError changed_meanwhile */
    async signOut(account: Account, occasion: Occasion): Promise<Account> {
      return make(account, { changes: {}, events: ['agent_signed_out'], ends: 'agent_signed_out' }, occasion);
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
      const isDisabled = turned && state === 'disabled';
      if (losesAdmin(account, { roles, state })) await lastAdmin.announce(account);
      const changes = {
        name,
        roles: [...roles],
        team,
        state,
        ...(isDisabled ? { invitation: null } : {}),
      };
      return make(account, { changes, events, ends: isDisabled ? 'agent_disabled' : null }, occasion);
    },
  };
}
