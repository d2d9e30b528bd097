import type { Verification } from './verification.ts';

/**
 * Reading a long log takes its time: who asks while it is read gets that answer, so that nobody can have it read many
 * times at once.
 */
export function sharedCheck(
  verify: (tenantId: string) => Promise<Verification>,
): (tenantId: string) => Promise<Verification> {
  const running = new Map<string, Promise<Verification>>();
  return (tenantId) => {
    const begun = running.get(tenantId) ?? verify(tenantId).finally(() => running.delete(tenantId));
    running.set(tenantId, begun);
    return begun;
  };
}
