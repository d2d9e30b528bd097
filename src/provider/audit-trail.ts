import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Account } from '../accounts/account.ts';
import type { Audit, AuditEntry } from '../audit/audit.ts';
import { refOf } from '../core/account-ref.ts';

export interface AuditTrailPorts {
  readonly audit: Audit;
  readonly accounts: { findById(accountId: string): Promise<Account | null> };
  readonly grants: { ownerOfGrant(grantId: string): Promise<string | null> };
  /** Told of an event that could not be kept; what it was about is done all the same. */
  readonly onTrouble: (error: unknown) => void;
}

type Happened = Pick<AuditEntry, 'event' | 'result'>;

/** What the token endpoint revokes a grant for: somebody came with what was used before (RFC 9700 2.2.2 and 4.14.2). */
const REUSED: Readonly<Record<string, Happened>> = {
  authorization_code: { event: 'code_reused', result: 'refused' },
  refresh_token: { event: 'refresh_token_reused', result: 'refused' },
};

/** Writes to the audit log what only the provider sees: sign-outs, and codes and refresh tokens that came twice. */
export function keepAuditTrail(
  provider: Provider,
  { audit, accounts, grants, onTrouble }: AuditTrailPorts,
): void {
  async function record(
    ctx: KoaContextWithOIDC,
    happened: Happened,
    accountId: string | null,
  ): Promise<void> {
    const account = accountId === null ? null : await accounts.findById(accountId);
    if (!account) return;
    await audit.record({
      ...happened,
      tenantId: account.tenantId,
      // Whoever comes with what was used may be anybody.
      actor: happened.result === 'ok' ? refOf(account) : null,
      subject: refOf(account),
      details: { client: ctx.oidc.client?.clientId ?? null },
      reference: text(ctx.state.reference),
      source: text(ctx.state.source),
    });
  }

  provider.on('grant.revoked', (ctx, grantId) => {
    const happened = ctx.oidc.route === 'token' ? REUSED[String(ctx.oidc.params?.grant_type)] : undefined;
    if (!happened) return;
    const owner = grants.ownerOfGrant(grantId);
    owner.then((accountId) => record(ctx, happened, accountId)).catch(onTrouble);
  });

  provider.on('end_session.success', (ctx) => {
    const { session, params } = ctx.oidc;
    // Without `logout` the person stays signed in to everything but this app.
    if (!params?.logout) return;
    record(ctx, { event: 'signed_out', result: 'ok' }, session?.accountId ?? null).catch(onTrouble);
  });
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
