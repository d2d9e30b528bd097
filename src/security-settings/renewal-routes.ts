import type { Context } from 'koa';
import type { Assurance, Sessions } from '../provider/sessions.ts';
import type { FreshProofStore } from './fresh-proof.ts';

/** Gives the browser that asks a new session id, and takes along what was proved under the old one. */
export interface Renewal {
  /** @returns the digest of the new id; null = the session does not count any more */
  renew(ctx: Context, raised?: Assurance): Promise<string | null>;
}

export function createRenewal(ports: {
  readonly sessions: Pick<Sessions, 'renew'>;
  readonly store: Pick<FreshProofStore, 'move'>;
}): Renewal {
  return {
    async renew(ctx, raised) {
      const renewed = await ports.sessions.renew(ctx, raised);
      if (renewed) await ports.store.move(renewed.before, renewed.key);
      return renewed?.key ?? null;
    },
  };
}
