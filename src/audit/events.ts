/**
 * Everything that the audit log can tell, by name: snake_case, past tense. A closed list, so that a filter, an alarm
 * or an export can rely on it; an event that is not here does not compile.
 */

/** Part of signing in and out. These are kept in a local spool while the store is away (rule log-first). */
export const SIGN_IN_EVENTS = [
  'password_accepted',
  'password_refused',
  'second_factor_accepted',
  'second_factor_refused',
  'second_factor_skipped',
  'rescue_code_used',
  'counter_went_back',
  'sign_in_completed',
  'browser_link_asked',
  'browser_confirmed',
  'signed_out',
  'consent_given',
  'consent_refused',
  'refresh_token_reused',
  'code_reused',
] as const;

/** What people change about their own sign-in. They fail when they cannot be recorded. */
export const SETTINGS_EVENTS = [
  'proof_accepted',
  'proof_refused',
  'set_up_started',
  'method_added',
  'method_renamed',
  'method_removed',
  'two_factor_turned_on',
  'two_factor_turned_off',
  'recovery_codes_made',
  'recovery_code_used',
  'password_changed',
  'password_reset_asked',
  'password_reset_done',
  'session_ended',
  'sessions_ended',
  'reported_not_me',
  'enrolment_code_sent',
  'enrolment_code_accepted',
  'enrolment_code_refused',
] as const;

/** What admins, operators and provisioning do. They fail when they cannot be recorded. */
export const ADMIN_EVENTS = [
  'policy_changed',
  'enforcement_started',
  'enforcement_ended',
  'enforcement_cleaned_up',
  'policy_announced',
  'agent_added',
  'agent_invited',
  'invitation_sent_again',
  'invitation_withdrawn',
  'invitation_accepted',
  'agent_changed',
  'agent_disabled',
  'agent_enabled',
  'roles_changed',
  'agent_signed_out',
  'two_factor_reset_asked',
  'two_factor_reset_approved',
  'two_factor_reset_cancelled',
  'two_factor_reset_done',
  'rescue_code_given',
  'audit_exported',
  'agents_exported',
  'access_refused',
  'tenant_added',
  'tenant_changed',
  'client_added',
  'client_changed',
  'provisioned',
  'backup_restored',
] as const;

/** What happens behind the scenes. */
export const SYSTEM_EVENTS = ['logout_token_given_up', 'mail_given_up', 'audit_pruned'] as const;

export const AUDIT_EVENTS = [
  ...SIGN_IN_EVENTS,
  ...SETTINGS_EVENTS,
  ...ADMIN_EVENTS,
  ...SYSTEM_EVENTS,
] as const;

/** For the choice of an event, in the order of the list. */
export const EVENT_GROUPS = [
  { id: 'signIn', values: SIGN_IN_EVENTS },
  { id: 'settings', values: SETTINGS_EVENTS },
  { id: 'admin', values: ADMIN_EVENTS },
  { id: 'system', values: SYSTEM_EVENTS },
] as const;

export type AuditEvent = (typeof AUDIT_EVENTS)[number];

const spooled: ReadonlySet<AuditEvent> = new Set<AuditEvent>([...SIGN_IN_EVENTS, ...SYSTEM_EVENTS]);

/** Whether people may go on when `event` reaches the local spool but not yet the store. */
export function maySpool(event: AuditEvent): boolean {
  return spooled.has(event);
}
