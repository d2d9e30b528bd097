import { ROLES, type Role } from '../accounts/account.ts';
import type { AccountRef } from '../core/account-ref.ts';
import type { Policy } from '../tenants/tenant.ts';

/** Everything that people in charge can do; each console page and each route of the API stands for one of these. */
export const ACTIONS = [
  'see-overview',
  'see-agents',
  'export-agents',
  'see-agent',
  'sign-out-agent',
  'disable-agent',
  'invite-agent',
  'change-invitation',
  'change-agent',
  'set-roles',
  'reset-two-factor',
  'approve-two-factor-reset',
  'give-rescue-code',
  'see-policy',
  'change-policy',
  'announce-policy',
  'see-settings',
  'change-settings',
  'see-audit',
  'export-audit',
  'see-tenants',
] as const;
export type Action = (typeof ACTIONS)[number];

/** Somebody as far as permissions go, doing or done to. An `Account` fits. */
export interface RoleHolder extends AccountRef {
  readonly roles: readonly Role[];
  /** Absent or null = of none. */
  readonly team?: string | null;
}

/** Why something is not allowed. What is of another tenant does not exist for those who ask. */
export type Refused = 'other-tenant' | 'role' | 'yourself' | 'higher-role' | 'other-team';

interface Rule {
  /** The least role that may do it; every higher one may too. */
  readonly least: 'lead' | 'admin' | 'operator';
  /** To whom: anybody of the tenant; nobody above oneself; the same, but never to oneself either. Absent = is about nobody. */
  readonly to?: 'anybody' | 'not-above' | 'others-not-above';
}

const RULES: Readonly<Record<Action, Rule>> = {
  'see-overview': { least: 'lead' },
  'see-agents': { least: 'lead' },
  'export-agents': { least: 'admin' },
  'see-agent': { least: 'lead', to: 'anybody' },
  'sign-out-agent': { least: 'lead', to: 'not-above' },
  'disable-agent': { least: 'admin', to: 'others-not-above' },
  'invite-agent': { least: 'admin' },
  'change-invitation': { least: 'admin', to: 'others-not-above' },
  'change-agent': { least: 'admin', to: 'not-above' },
  'set-roles': { least: 'admin', to: 'others-not-above' },
  'reset-two-factor': { least: 'admin', to: 'others-not-above' },
  'approve-two-factor-reset': { least: 'admin', to: 'others-not-above' },
  'give-rescue-code': { least: 'lead', to: 'others-not-above' },
  'see-policy': { least: 'admin' },
  'change-policy': { least: 'admin' },
  'announce-policy': { least: 'admin' },
  'see-settings': { least: 'admin' },
  'change-settings': { least: 'admin' },
  'see-audit': { least: 'admin' },
  'export-audit': { least: 'admin' },
  'see-tenants': { least: 'operator' },
};

const RANK: Readonly<Record<Role, number>> = { agent: 0, lead: 1, admin: 2, operator: 3 };

const rankOf = (roles: readonly Role[]): number => Math.max(RANK.agent, ...roles.map((role) => RANK[role]));

/** From an admin on, people also look after their equals. */
const reaches = (own: number, target: number) => (own > RANK.lead ? target <= own : target < own);

/** A lead looks after the agents of one team; people who are in none are one as well, as where there are no teams. */
const isOfTeam = (actor: RoleHolder, target: RoleHolder) => (actor.team ?? null) === (target.team ?? null);

/** @returns whether an action is done to somebody, so that `refusalOf` wants a target */
export const isAboutSomebody = (action: Action): boolean => RULES[action].to !== undefined;

/** @returns whether any page or route of those in charge is for these roles */
export const isInCharge = (roles: readonly Role[]): boolean => rankOf(roles) >= RANK.lead;

/** @returns the role that the others follow from */
export const highestOf = (roles: readonly Role[]): Role =>
  ROLES.find((role) => RANK[role] === rankOf(roles)) ?? 'agent';

/** @returns whether these roles look after a whole tenant: an admin, and who stands above one */
export const isAdmin = (roles: readonly Role[]): boolean => rankOf(roles) >= RANK.admin;

/**
 * The one decision of who may do what to whom, within a tenant. Pure; asked with roles that were just read, so a role
 * that was taken away counts no more at the next request (rule roles-now). Nothing reaches across tenants.
 * @param target null = nobody yet: whether it may be done to anybody at all, such as for showing a list
 * @returns why not; null = allowed
 */
export function refusalOf(actor: RoleHolder, action: Action, target: RoleHolder | null): Refused | null {
  const { least, to } = RULES[action];
  if (target !== null && target.tenantId !== actor.tenantId) return 'other-tenant';
  const own = rankOf(actor.roles);
  if (own < RANK[least]) return 'role';
  if (target === null || to === undefined || to === 'anybody') return null;
  const self = target.accountId === actor.accountId;
  if (self) return to === 'not-above' ? null : 'yourself';
  if (!reaches(own, rankOf(target.roles))) return 'higher-role';
  return own > RANK.lead || isOfTeam(actor, target) ? null : 'other-team';
}

/** Nobody gives away more than they have: who sets roles may give those up to their own. */
export const mayGiveRoles = (actor: Pick<RoleHolder, 'roles'>, roles: readonly Role[]): boolean =>
  rankOf(roles) <= rankOf(actor.roles);

/** Whether the tenant wants people of these roles to give rescue codes. */
export function mayGiveRescueCodes(
  { rescueCodes }: Pick<Policy, 'rescueCodes'>,
  roles: readonly Role[],
): boolean {
  switch (rescueCodes) {
    case 'off':
      return false;
    case 'leads':
      return rankOf(roles) >= RANK.lead;
    case 'admins':
      return rankOf(roles) >= RANK.admin;
  }
}

/** Scopes of a tenant's own machine client. */
export const MACHINE_SCOPES = [
  'agents:read',
  'agents:write',
  'policy:read',
  'policy:write',
  'audit:read',
] as const;
export type MachineScope = (typeof MACHINE_SCOPES)[number];

/**
 * What a machine needs for an action; null = no machine may. Rescue codes are shown to a person who answers for them,
 * a second admin is a person, and no machine looks across tenants. How a company's pages look and whom they name for help
 * is part of what it decides about signing in, and less than what a policy decides.
 */
const MACHINE: Readonly<Record<Action, MachineScope | null>> = {
  'see-overview': 'agents:read',
  'see-agents': 'agents:read',
  'export-agents': 'agents:read',
  'see-agent': 'agents:read',
  'sign-out-agent': 'agents:write',
  'disable-agent': 'agents:write',
  'invite-agent': 'agents:write',
  'change-invitation': 'agents:write',
  'change-agent': 'agents:write',
  'set-roles': 'agents:write',
  'reset-two-factor': 'agents:write',
  'approve-two-factor-reset': null,
  'give-rescue-code': null,
  'see-policy': 'policy:read',
  'change-policy': 'policy:write',
  'announce-policy': 'policy:write',
  'see-settings': 'policy:read',
  'change-settings': 'policy:write',
  'see-audit': 'audit:read',
  'export-audit': 'audit:read',
  'see-tenants': null,
};

/** @returns the scope that a machine must have been given; null = no machine may do this */
export const machineScopeOf = (action: Action): MachineScope | null => MACHINE[action];

/** A machine of a tenant with what it was given. */
export interface Machine {
  readonly tenantId: string;
  readonly scopes: ReadonlySet<string>;
}

/**
 * The same decision for a machine. What it does to people stops below admins: a secret that leaks must not be enough
 * to take over those who could stop it.
 * @returns why not; null = allowed
 */
export function machineRefusalOf(
  machine: Machine,
  action: Action,
  target: RoleHolder | null,
): 'other-tenant' | 'scope' | 'higher-role' | null {
  if (target !== null && target.tenantId !== machine.tenantId) return 'other-tenant';
  const scope = MACHINE[action];
  if (scope === null || !machine.scopes.has(scope)) return 'scope';
  const { to } = RULES[action];
  if (target === null || to === undefined || to === 'anybody') return null;
  return rankOf(target.roles) < RANK.admin ? null : 'higher-role';
}

/** Roles that a machine may give. */
export const mayMachineGiveRoles = (roles: readonly Role[]): boolean => rankOf(roles) < RANK.admin;
