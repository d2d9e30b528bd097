import type { Account } from '../accounts/account.ts';
import type { AccountRef } from '../core/account-ref.ts';
import type { ClientRecord } from '../provider/clients.ts';
import type { InviteBy } from './invitations.ts';
import { machineRefusalOf, mayGiveRoles, mayMachineGiveRoles, refusalOf } from './permissions.ts';
import type { Editor } from './occasion.ts';

/** What somebody may give whom they invite. */
export type Inviter = Pick<InviteBy, 'mayGive'>;

export interface InviterPorts {
  readonly accounts: { find(who: AccountRef): Promise<Account | null> };
  readonly clients: { find(clientId: string): Promise<Pick<ClientRecord, 'tenantId' | 'metadata'> | null> };
}

/** Whether somebody may invite people now, behind a request that began it: roles and registrations change. */
export function createInviters({ accounts, clients }: InviterPorts) {
  return async function inviterOf(one: {
    readonly tenantId: string;
    readonly editor: Editor;
  }): Promise<Inviter | null> {
    const { tenantId, editor } = one;
    if (editor.kind === 'person') {
      const account = await accounts.find(editor.who);
      if (account?.state !== 'active' || refusalOf(account, 'invite-agent', null)) return null;
      return { mayGive: (roles) => mayGiveRoles(account, roles) };
    }
    const client = await clients.find(editor.clientId);
    const { scope = '', grant_types = [] } = client?.metadata ?? {};
    if (client?.tenantId !== tenantId || !grant_types.includes('client_credentials')) return null;
    const machine = { tenantId, scopes: new Set(scope.split(' ')) };
    return machineRefusalOf(machine, 'invite-agent', null) ? null : { mayGive: mayMachineGiveRoles };
  };
}
