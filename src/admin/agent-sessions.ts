import type { Account } from '../accounts/account.ts';
import type { Audit } from '../audit/audit.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { DomainError } from '../core/errors.ts';
import type { LivePlaces, Place } from '../security-settings/live-places.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { Occasion } from './occasion.ts';

export interface AgentSessionPorts {
  readonly live: LivePlaces;
  readonly tenants: { findFresh(tenantId: string): Promise<Tenant | null> };
  /** Ends one session with what was given in it, and has its apps told. */
  readonly end: (who: AccountRef, sessionUid: string) => Promise<void>;
  readonly audit: Audit;
}

/** Where somebody is signed in, for those in charge of them. Permissions are asked before. */
export function createAgentSessions({ live, tenants, end, audit }: AgentSessionPorts) {
  /** By last use, the latest first. @throws DomainError not_found for a tenant that is gone */
  async function list(account: Account): Promise<Place[]> {
    const tenant = await tenants.findFresh(account.tenantId);
    if (!tenant) throw new DomainError('not_found');
    return live({ account, tenant });
  }

  return {
    list,

    /** Told before it is done. @throws DomainError not_found for a session that is over, or of anybody else */
    async end(account: Account, uid: string, { editor, reference, source }: Occasion): Promise<void> {
      const session = (await list(account)).find((one) => one.uid === uid);
      if (!session) throw new DomainError('not_found');
      await audit.record({
        event: 'session_ended',
        tenantId: account.tenantId,
        actor: editor.kind === 'person' ? editor.who : null,
        subject: { tenantId: account.tenantId, accountId: account.accountId },
        result: 'ok',
        details: {
          ...(editor.kind === 'client' ? { client: editor.clientId } : {}),
          device: session.device,
        },
        reference,
        source,
      });
      await end(account, uid);
    },
  };
}
