import type { Account, Role } from '../accounts/account.ts';
import type { BulkBy } from '../admin/bulk.ts';
import {
  isAboutSomebody,
  isInCharge,
  machineRefusalOf,
  mayGiveRoles,
  mayMachineGiveRoles,
  refusalOf,
  type Action,
} from '../admin/permissions.ts';
import type { Editor } from '../admin/occasion.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { ACR_TWO_FACTOR, showsMethod } from '../core/assurance.ts';
import { epochSeconds, type Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import type { Bearer } from '../provider/bearers.ts';
import { holdsAllowed } from '../tenants/allowed.ts';
import { ApiProblem } from './problems.ts';

/** How old a sign-in may be for a change; seconds (rule fresh-proof). */
export const MAX_AGE_OF_CHANGES = 600;

/** RFC 9470 section 3: sign in again, and how. */
function stepUp(description: string, parameters: string): ApiProblem {
  const error = 'insufficient_user_authentication';
  const challenge = `Bearer error="${error}", error_description="${description}", ${parameters}`;
  return new ApiProblem(401, error, { challenge });
}

const tooLittle = () =>
  new ApiProblem(403, 'insufficient_scope', { challenge: 'Bearer error="insufficient_scope"' });

/** @throws ApiProblem 401 or 403 */
function admit(bearer: Bearer, action: Action, changes: boolean, now: number): void {
  if (bearer.kind === 'client') {
    if (machineRefusalOf(bearer, action, null)) throw tooLittle();
    return;
  }
  if (!bearer.scopes.has('admin')) throw tooLittle();
  const acr = `acr_values="${ACR_TWO_FACTOR}"`;
  if (!isInCharge(bearer.account.roles) || refusalOf(bearer.account, action, null))
    throw new DomainError('forbidden');
  if (bearer.level < 2) throw stepUp('A second factor is needed.', acr);
  // What they hold no more, or what the tenant forbade meanwhile, opens nothing (ADR 13). A code, young as it may be, lets
  // people in, be it their own or read to them, and changes nothing. Both as in the console.
  const holds = holdsAllowed(bearer.tenant.policy, bearer.account.methods);
  if (!holds || (changes && !showsMethod(bearer.amr)))
    throw stepUp('A second factor of your own is needed.', `${acr}, max_age="0"`);
  if (changes && now - bearer.authTime > MAX_AGE_OF_CHANGES)
    throw stepUp('A newer sign-in is needed.', `${acr}, max_age="${MAX_AGE_OF_CHANGES}"`);
}

export interface Caller {
  readonly tenantId: string;
  readonly editor: Editor;
  readonly mayGive: (roles: readonly Role[]) => boolean;
  /** The person that the address names, of this tenant; null = it names none. */
  readonly agent: Account | null;
  /** Asks for one action more. @throws DomainError forbidden; ApiProblem 403 */
  readonly demand: (action: Action) => void;
  /** Whether an action may be done to somebody else. */
  readonly refusal: BulkBy['refusal'];
  /** One change more than the request that was admitted. @throws DomainError too_many_attempts */
  readonly countChange: BulkBy['countChange'];
}

export interface Ask {
  /** Null = it is about no tenant. */
  readonly slug: string | null;
  readonly agentId: string | null;
  readonly action: Action;
  /** Whether something is changed, for which the sign-in must be young. */
  readonly changes: boolean;
}

const refusalFor = (bearer: Bearer, action: Action, agent: Account) =>
  bearer.kind === 'client'
    ? machineRefusalOf(bearer, action, agent)
    : refusalOf(bearer.account, action, agent);

/** Whether it may be done to this very person. */
function demandOn(bearer: Bearer, action: Action, agent: Account | null): void {
  if (!agent || !isAboutSomebody(action)) return;
  const refused = refusalFor(bearer, action, agent);
  if (refused === 'other-tenant') throw new DomainError('not_found');
  if (refused) throw new DomainError('forbidden', { detail: refused.replaceAll('-', '_') });
}

/**
 * Who calls, and whom it is about: the one way from a token to what an endpoint is handed. What is of another tenant
 * does not exist here, so that no endpoint can reach it (rule own-tenant).
 */
export function createDoorman(ports: {
  readonly bearers: { find(value: string): Promise<Bearer | null> };
  readonly accounts: { find(who: AccountRef): Promise<Account | null> };
  /** Counts a change that a person makes; machines have no such limit. @throws DomainError too_many_attempts */
  readonly countChange: (who: AccountRef) => Promise<void>;
  readonly clock: Clock;
}) {
  /** @throws ApiProblem 401, 403; DomainError forbidden, not_found, too_many_attempts */
  return async function admitCaller(authorization: string, ask: Ask): Promise<Caller> {
    const { slug, agentId, action, changes } = ask;
    const value = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
    if (value === undefined) throw new ApiProblem(401, 'unauthorized', { challenge: 'Bearer' });
    const bearer = await ports.bearers.find(value);
    if (!bearer) throw new ApiProblem(401, 'invalid_token', { challenge: 'Bearer error="invalid_token"' });
    const now = epochSeconds(ports.clock());
    admit(bearer, action, changes, now);

    const tenantId = bearer.kind === 'client' ? bearer.tenantId : bearer.account.tenantId;
    if (slug !== null && slug !== tenantId) throw new DomainError('not_found');
    const agent = agentId === null ? null : await ports.accounts.find({ tenantId, accountId: agentId });
    if (agentId !== null && !agent) throw new DomainError('not_found');
    demandOn(bearer, action, agent);

    const demand = (more: Action) => {
      admit(bearer, more, changes, now);
      demandOn(bearer, more, agent);
    };
    const refusal: Caller['refusal'] = (more, whom) => refusalFor(bearer, more, whom);
    const common = { tenantId, agent, demand, refusal };
    if (bearer.kind === 'client') {
      const editor = { kind: 'client', clientId: bearer.clientId } as const;
      return { ...common, editor, mayGive: mayMachineGiveRoles, countChange: () => Promise.resolve() };
    }
    const { account } = bearer;
    const countChange = () => ports.countChange(account);
    if (changes) await countChange();
    const editor = { kind: 'person', who: { tenantId, accountId: account.accountId } } as const;
    return { ...common, editor, mayGive: (roles) => mayGiveRoles(account, roles), countChange };
  };
}
