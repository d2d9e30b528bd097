import type { AuditPage, AuditSearch } from '../audit/audit-search.ts';
import type { AuditEvent } from '../audit/events.ts';
import { refOf } from '../core/account-ref.ts';
import { METHOD_IDS, type MethodId } from '../core/method-ids.ts';
import type { Visit } from './visit.ts';

/** What people are told of their own account: what was done to it, by themselves, by an admin or in their name. */
export const TOLD_EVENTS = [
  'sign_in_completed',
  'password_refused',
  'second_factor_refused',
  'proof_refused',
  'counter_went_back',
  'method_added',
  'method_renamed',
  'method_removed',
  'two_factor_turned_on',
  'two_factor_turned_off',
  'recovery_codes_made',
  'recovery_code_used',
  'password_changed',
  'session_ended',
  'sessions_ended',
  'reported_not_me',
  'signed_out',
  'agent_signed_out',
  'agent_disabled',
  'agent_enabled',
  'roles_changed',
  'two_factor_reset_asked',
  'two_factor_reset_cancelled',
  'two_factor_reset_done',
  'rescue_code_given',
  'rescue_code_used',
] as const satisfies readonly AuditEvent[];

export type ToldEvent = (typeof TOLD_EVENTS)[number];

/** Events that happen by being refused; of all others a refusal means that nothing happened. */
const REFUSALS: ReadonlySet<string> = new Set<ToldEvent>([
  'password_refused',
  'second_factor_refused',
  'proof_refused',
  'counter_went_back',
]);

export interface Happening {
  readonly event: ToldEvent;
  readonly at: Date;
  /** Which method it is about or was proved by; null = a password, or none. */
  readonly method: MethodId | null;
}

const PAGE = 20;

/**
 * What happened, without what was announced and then overtaken by another change: the log tells both, the person only
 * what is true.
 */
export function happenings(records: AuditPage['records']): Happening[] {
  const key = ({ event, reference, details }: AuditPage['records'][number]) =>
    JSON.stringify([event, reference, details]);
  const undone = new Set(
    records.filter(({ event, result }) => result === 'refused' && !REFUSALS.has(event)).map(key),
  );
  return records.flatMap((record) => {
    const event = TOLD_EVENTS.find((one) => one === record.event);
    if (!event || undone.has(key(record))) return [];
    return [{ event, at: record.at, method: METHOD_IDS.find((id) => id === record.method) ?? null }];
  });
}

/** One page of what happened to an account, newest first. @param after the `next` of the page before */
export async function activityOf(
  search: AuditSearch,
  { account }: Pick<Visit, 'account'>,
  after: string | null,
): Promise<{ happenings: Happening[]; next: string | null }> {
  const { tenantId, accountId } = refOf(account);
  const filter = { subjectId: accountId, events: TOLD_EVENTS };
  const { records, next } = await search.list(tenantId, filter, { limit: PAGE, after });
  return { happenings: happenings(records), next };
}
