import type { PolicyChanges } from './policy-schema.ts';
import type { Policy } from './tenant.ts';
import { settingsOf, type PolicySettings } from './tenants.ts';

/** The same, without what is there as undefined: that means "not touched", like what is not there. */
function given<T extends object>(changes: T | undefined): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(changes ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** @returns what a policy says once `changes` are made: what they leave out stays, also inside `keys` and `session` */
export function withPolicyChanges(policy: Policy, { keys, session, ...rest }: PolicyChanges): PolicySettings {
  const before = settingsOf(policy);
  return {
    ...before,
    ...given(rest),
    keys: { ...before.keys, ...given(keys) },
    session: { ...before.session, ...given(session) },
  };
}
