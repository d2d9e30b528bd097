import type { Account, StoredPassword } from '../accounts/account.ts';
import { comparing } from '../attempts/attempts.ts';
import type { Audit } from '../audit/audit.ts';
import { refOf, type AccountRef } from '../core/account-ref.ts';
import type { TenantHints } from '../tenants/find-tenant.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { SignInRequest, Visitor } from './sign-in.ts';
import type { PasswordGuess } from './limits.ts';
import type { SignIns } from './sign-ins.ts';
import type { Situation } from './situation.ts';

export interface PasswordPorts {
  readonly signIns: Pick<SignIns, 'begin'>;
  readonly accounts: {
    findByEmail(tenantId: string, email: string): Promise<Account | null>;
    /** Swaps one digest of the same password for a newer one; false = it was changed meanwhile. */
    upgradePassword(who: AccountRef, from: string, to: StoredPassword): Promise<boolean>;
  };
  readonly passwords: {
    /** Same work for null (nobody of this name) as for a real digest. @throws DomainError busy */
    verify(
      stored: StoredPassword | null,
      password: string,
      priority: { readonly knownDevice: boolean },
    ): Promise<{ ok: boolean; upgrade: StoredPassword | null }>;
  };
  /** @returns null when neither app, request, email nor device tells the tenant */
  readonly findTenant: (hints: TenantHints) => Promise<Tenant | null>;
  readonly limits: {
    /**
     * Reserves one guess at the password of `email`, before it is checked (rule reserve-first, rule shared-networks).
     */
    reserve(tenantId: string, email: string, visitor: Visitor, exists: boolean): Promise<PasswordGuess>;
  };
  readonly audit: Audit;
}

export type PasswordAnswer =
  | { readonly ok: true; readonly situation: Situation }
  | { readonly ok: false; readonly problem: 'wrong' | 'workspace' }
  | {
      readonly ok: false;
      /** `suspended`: no waiting helps. */
      readonly problem: 'too-many' | 'suspended';
      readonly retryAfterSeconds: number;
      /** A mailed link makes this browser one that has guesses left. */
      readonly confirmable: boolean;
    };

export interface PasswordInput {
  readonly email: string;
  readonly password: string;
  readonly workspace: string | null;
  readonly deviceTenantId: string | null;
}

export type PassPassword = (
  request: SignInRequest,
  input: PasswordInput,
  visitor: Visitor,
) => Promise<PasswordAnswer>;

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** @returns the hints that a request and a form give about the tenant */
export function tenantHints(
  request: SignInRequest,
  input: Omit<PasswordInput, 'password'> | null,
): TenantHints {
  return {
    clientTenantId: request.client.tenantId,
    parameter: text(request.params.tenant),
    workspace: text(input?.workspace),
    typedEmail: text(input?.email),
    loginHint: text(request.params.login_hint),
    lastTenantId: input?.deviceTenantId ?? null,
  };
}

/**
 * Step 1. Whether nobody has this email, the password is wrong or the account is out of use: the same reads, the same
 * reserved guess, one digest computed, one audit record, one answer (rule same-cost).
 */
export function createPasswordStep(ports: PasswordPorts): PassPassword {
  const { signIns, accounts, passwords, limits, audit } = ports;

  return async (request, input, visitor) => {
    const tenant = await ports.findTenant(tenantHints(request, input));
    if (!tenant) return { ok: false, problem: 'workspace' };
    const { tenantId } = tenant;

    const account = await accounts.findByEmail(tenantId, input.email);
    const guess = await limits.reserve(tenantId, input.email, visitor, account !== null);
    if (!guess.ok) {
      const { retryAfterSeconds, suspended, demoted } = guess;
      const problem = suspended ? 'suspended' : 'too-many';
      return { ok: false, problem, retryAfterSeconds, confirmable: !demoted };
    }

    const { ok, upgrade } = await comparing(guess.succeed, () =>
      passwords.verify(account?.password ?? null, input.password, guess),
    );
    const accepted = ok && account?.state === 'active';
    await audit.record({
      event: accepted ? 'password_accepted' : 'password_refused',
      tenantId,
      actor: accepted ? refOf(account) : null,
      subject: account && refOf(account),
      result: accepted ? 'ok' : 'refused',
      method: 'password',
      reason: accepted ? null : account ? (ok ? `account_${account.state}` : 'wrong') : 'unknown_account',
      reference: visitor.reference,
      source: visitor.source,
    });
    if (!accepted) return { ok: false, problem: 'wrong' };

    await guess.succeed();
    if (upgrade && account.password) await accounts.upgradePassword(account, account.password.phc, upgrade);
    return { ok: true, situation: await signIns.begin(request, account) };
  };
}
